// What stands before and between a command's own arguments: flags every command understands.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace credence {

struct CommandLine {
    std::vector<std::string> arguments;  // what is left: {"guard", "scan", "-"}
    std::string config_file;             // --config FILE
    std::string server_url;              // --server URL or CREDENCE_SERVER: call it, not the store
    std::string api_key;                 // CREDENCE_API_KEY
    std::string name_space;              // --namespace NAME
    std::map<std::string, std::string> overrides;  // --data, --listen, --set section.key=value
    bool testing = false;                          // --testing: manual clock, seeded chance
    bool json = false;                             // --json (also left in arguments)
    bool help = false;                             // --help or -h (also left in arguments)
};

// Names of the flags taken here; no operation may have a field of that name.
const std::vector<std::string>& common_flags();

// Empty when it is not set. Only while there is one thread.
std::string environment_variable(const char* name);

// Code::invalid for a flag without its value.
Result<CommandLine> parse_command_line(int argc, char** argv);

}  // namespace credence
