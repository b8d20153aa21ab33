// Guided jobs about claims and agents, for users of MCP clients.
#pragma once

namespace credence {
class Host;
}

namespace credence::trust {

void offer_prompts(Host& host);

}  // namespace credence::trust
