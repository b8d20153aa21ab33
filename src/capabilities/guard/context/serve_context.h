// Serves conversations, canaries and the watch over tools.
#pragma once

#include "capabilities/guard/context/canary.h"
#include "capabilities/guard/context/text_judge.h"
#include "capabilities/guard/context/turn_judge.h"

namespace credence {
class Host;
}

namespace credence::guard {

// Reads section [guardcontext]. `judge` (scanner_judge.h) stays usable while the host lives.
// Answers the canaries, for the guard to look for in every output; they watch from the start on.
Result<Canary*> serve_context(Host& host, TextJudge judge, const Thresholds& thresholds);

}  // namespace credence::guard
