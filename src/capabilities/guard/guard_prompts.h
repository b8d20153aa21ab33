// Guided jobs about text from outside, for users of MCP clients.
#pragma once

namespace credence {
class Host;
}

namespace credence::guard {

void offer_prompts(Host& host);

}  // namespace credence::guard
