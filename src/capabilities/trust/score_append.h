// The one way into the trust log, for the services of this folder.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "api/context.h"
#include "capabilities/trust/score/score.h"
#include "capabilities/trust/trust_chain.h"

namespace credence::trust {

struct Appended {
    ScoreState before;
    ScoreState after;
    double lower_bound = 0;
};

// For one transaction. A state is read and written once, however many entries move it, and so is
// the head. Without finish(), the log would have entries that its head does not know: whoever does
// not call it must fail the transaction. Not thread-safe; the transaction and the context outlive
// it.
class Appender {
public:
    Appender(store::Tx& tx, const Context& context) : tx_(tx), context_(context) {}

    // Completes the record (seq, novelty, weight, scores, hashes, actor, namespace), folds it,
    // stores it and emits the events. Code::not_found for an unknown agent, Code::conflict for a
    // retired one and for a verification that has an entry of this kind; nothing is appended then.
    Result<Appended> append(LogRecord& record);
    // Stores the states and the head.
    Result<void> finish();

private:
    using Key = std::pair<std::string, ClaimKind>;
    struct Known {
        ScoreState state;
        std::int64_t seq = 0;  // of the last entry folded here; 0: none
    };
    struct Ready {
        Known& known;
        bool repeated = false;
        std::int64_t same_effort = 0;
    };

    Result<Ready> prepare(const LogRecord& record);
    Result<void> tell(const LogRecord& record, const Appended& appended);

    store::Tx& tx_;
    const Context& context_;
    std::map<Key, Known> known_;
    LogHead head_;  // seq 0: not read yet, or no entry
    bool moved_ = false;
};

// One entry.
Result<Appended> append_entry(store::Tx& tx, const Context& context, LogRecord& record);

}  // namespace credence::trust
