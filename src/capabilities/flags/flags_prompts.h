// Guided jobs about what is in service, for users of MCP clients.
#pragma once

namespace credence {
class Host;
}

namespace credence::flags {

void offer_prompts(Host& host);

}  // namespace credence::flags
