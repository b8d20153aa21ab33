// The one way into the trust log, for the services of this folder.
#pragma once

#include "api/context.h"
#include "capabilities/trust/score/score.h"
#include "capabilities/trust/trust_chain.h"

namespace credence::trust {

struct Appended {
    ScoreState before;
    ScoreState after;
    double lower_bound = 0;
};

// Completes the record (seq, novelty, weight, scores, hashes, actor, namespace), folds it, stores
// both and emits the events. Code::not_found for an unknown agent, Code::conflict for a retired one
// and for a verification that has an entry of this kind.
Result<Appended> append_entry(store::Tx& tx, const Context& context, LogRecord& record);

}  // namespace credence::trust
