#include "app/commands.h"

#include <array>

namespace credence {

std::span<const Command> commands() {
    static constexpr std::array<Command, 9> kCommands = {{
        {"serve", &serve},
        {"mcp", &serve_mcp},
        {"migrate", &migrate},
        {"backup", &backup},
        {"config", &config},
        {"openapi", &openapi},
        {"docs", &documents},
        {"completion", &completion},
        {"help", &help},
    }};
    return kCommands;
}

}  // namespace credence
