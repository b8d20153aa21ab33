// Guided jobs about learned patterns, for users of MCP clients.
#pragma once

namespace credence {
class Host;
}

namespace credence::patterns {

void offer_prompts(Host& host);

}  // namespace credence::patterns
