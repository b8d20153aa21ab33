#include "app/commands.h"

#include <array>
#include <cstdio>

namespace credence {

std::span<const Command> commands() {
    static constexpr std::array<Command, 9> kCommands = {{
        {"serve", &serve,
         "Usage: credence serve [--listen ADDR:PORT]\n\n"
         "Starts the server. Every setting is listed by `credence config print`; one is given "
         "with\n"
         "--set SECTION.KEY=VALUE. SIGTERM stops it in order.\n"},
        {"mcp", &serve_mcp,
         "Usage: credence mcp [--profile core|full|list]\n\n"
         "Speaks MCP on standard input and output, one message a line, until the input ends.\n"
         "--profile NAME   which tools are listed; the same as --set mcp.profile=NAME. `core` "
         "finds\n"
         "                 and calls all others by find_operations and call_operation; `list` "
         "offers\n"
         "                 those of mcp.tools\n"},
        {"migrate", &migrate, "Usage: credence migrate status|up|down\n\nSchema of the store.\n"},
        {"backup", &backup,
         "Usage: credence backup create|verify|restore FILE\n\nCopies of the store.\n"},
        {"config", &config,
         "Usage: credence config print|check\n\n"
         "Documented settings, and what is wrong with them.\n"},
        {"openapi", &openapi, "Usage: credence openapi\n\nOpenAPI 3.1 on standard output.\n"},
        {"docs", &documents, "Usage: credence docs --out DIR\n\nReference as Markdown.\n"},
        {"completion", &completion,
         "Usage: credence completion bash|zsh|fish\n\nShell completion on standard output.\n"},
        {"help", &help, "Usage: credence help\n\nEvery command and operation.\n"},
    }};
    return kCommands;
}

int command_help(const Command& command) {
    static constexpr std::string_view kCommonFlags =
        "\nFlags for every command\n"
        "  --config FILE  --data DIR  --set SECTION.KEY=VALUE  --namespace NAME  --json\n";
    for (const std::string_view text : {command.help, kCommonFlags}) {
        std::fwrite(text.data(), 1, text.size(), stdout);
    }
    return 0;
}

}  // namespace credence
