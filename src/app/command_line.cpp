#include "app/command_line.h"

#include <cstdlib>
#include <string_view>

namespace credence {
namespace {

Result<void> take(CommandLine& line, std::string_view flag, std::string value) {
    if (flag == "config") {
        line.config_file = std::move(value);
    } else if (flag == "server") {
        line.server_url = std::move(value);
    } else if (flag == "namespace") {
        line.name_space = std::move(value);
    } else if (flag == "data" || flag == "listen") {
        line.overrides["server." + std::string(flag)] = std::move(value);
    } else {
        const std::size_t equals = value.find('=');
        if (equals == std::string::npos || value.find('.') > equals) {
            return fail(Code::invalid, "--set needs section.key=value");
        }
        line.overrides[value.substr(0, equals)] = value.substr(equals + 1);
    }
    return {};
}

}  // namespace

std::string environment_variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    return value == nullptr ? std::string() : std::string(value);
}

const std::vector<std::string>& common_flags() {
    static const std::vector<std::string> kFlags = {"config", "data",      "listen",
                                                    "set",    "namespace", "server"};
    return kFlags;
}

Result<CommandLine> parse_command_line(int argc, char** argv) {
    CommandLine line;
    line.server_url = environment_variable("CREDENCE_SERVER");
    line.api_key = environment_variable("CREDENCE_API_KEY");
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        line.testing = line.testing || argument == "--testing";
        line.json = line.json || argument == "--json";
        line.help = line.help || argument == "--help" || argument == "-h";
        if (argument == "--testing") {
            continue;
        }
        bool taken = false;
        for (const std::string& flag : common_flags()) {
            const std::string dashed = "--" + flag;
            if (argument == dashed) {
                if (i + 1 >= argc) {
                    return fail(Code::invalid, dashed + " needs a value");
                }
                TRY(take(line, flag, argv[++i]));
                taken = true;
            } else if (argument.starts_with(dashed + "=")) {
                TRY(take(line, flag, std::string(argument.substr(dashed.size() + 1))));
                taken = true;
            }
            if (taken) {
                break;
            }
        }
        if (!taken) {
            line.arguments.emplace_back(argument);
        }
    }
    return line;
}

}  // namespace credence
