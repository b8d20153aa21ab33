// credence: how far to believe your AI agents.
#include <cstdio>
#include <string>

#include "app/commands.h"
#include "base/log.h"
#include "base/version.h"
#include "engine/sandbox/sandbox.h"

namespace {

int run(const credence::CommandLine& line) {
    const std::string name = line.arguments.empty() ? "help" : line.arguments.front();
    if (name == "--version" || name == "version") {
        std::printf("credence %.*s\n", static_cast<int>(credence::kVersion.size()),
                    credence::kVersion.data());
        return 0;
    }
    if (name == "--help" || name == "-h") {
        return credence::help(line);
    }
    for (const credence::Command& command : credence::commands()) {
        if (command.name == name) {
            // A server that was asked for help must not start.
            return line.help ? credence::command_help(command) : command.run(line);
        }
    }
    return credence::call_operation(line);
}

}  // namespace

int main(int argc, char** argv) {
    credence::sandbox::become_zygote_if_asked(argc, argv);
    auto line = credence::parse_command_line(argc, argv);
    const int code = line ? run(*line) : credence::report({}, line.error());
    credence::log::flush();
    return code;
}
