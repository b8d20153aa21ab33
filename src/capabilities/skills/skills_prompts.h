// Guided jobs about skills, for users of MCP clients.
#pragma once

namespace credence {
class Host;
}

namespace credence::skills {

void offer_prompts(Host& host);

}  // namespace credence::skills
