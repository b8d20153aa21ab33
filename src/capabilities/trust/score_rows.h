// All SQL over trust_log, trust_head and trust_state. The tenant comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "capabilities/trust/trust_chain.h"
#include "engine/store/database.h"

namespace credence::trust::score_rows {

struct Circumstances {
    bool repeated = false;         // the same claim counted with the same outcome before
    std::int64_t same_effort = 0;  // other claims of the effort with this outcome, at most 20
    bool applied = false;          // the verification has counted
    std::optional<std::string> deferred_for;  // or waits to: the agent for whom it was deferred
};

// What an append needs to know beforehand, in one query.
struct Standing {
    bool retired = false;
    std::optional<std::string> state;  // text of score.h
    std::optional<LogHead> head;
    Circumstances circumstances;
};
// Nothing for an agent that is not in the namespace.
Result<std::optional<Standing>> standing(store::Tx& tx, const Context& context,
                                         const LogRecord& record);
// For who knows the rest.
Result<Circumstances> circumstances(store::Tx& tx, const Context& context, const LogRecord& record);

// The entry alone. The store refuses a verification that has an entry of this kind already.
Result<void> append(store::Tx& tx, std::string_view tenant, const LogRecord& record);
// Moves forward only.
Result<void> put_head(store::Tx& tx, std::string_view tenant, const LogHead& head);

Result<std::optional<LogHead>> find_head(store::Tx& tx, std::string_view tenant);
// At most `limit` entries with seq >= first, oldest first.
Result<std::vector<LogRecord>> walk(store::Tx& tx, std::string_view tenant, std::int64_t first,
                                    std::int64_t limit);

struct History {
    std::string_view agent_id;
    std::string_view claim_kind;  // empty: all
    std::int64_t before_seq = 0;
    std::int64_t limit = 0;
};
// Newest first.
Result<std::vector<LogRecord>> history(store::Tx& tx, const Context& context,
                                       const History& filter);

struct StateRow {
    std::string name_space;
    std::string agent_id;
    std::string claim_kind;
    std::int64_t seq = 0;  // of the last entry folded
    std::string state;
};
void describe(Describe<StateRow>&);
Result<void> put_state(store::Tx& tx, std::string_view tenant, const StateRow& row);
// By claim kind.
Result<std::vector<StateRow>> states_of(store::Tx& tx, const Context& context,
                                        std::string_view agent_id);
// Of the whole tenant, in the order of the key, after `last` (name_space empty: from the start).
Result<std::vector<StateRow>> states_after(store::Tx& tx, std::string_view tenant,
                                           const StateRow& last, std::int64_t limit);

// What the log says of a deferred verification in this namespace.
struct Deferred {
    LogRecord record;  // as it will count, without scores and hashes; seq is the deferred entry's
    bool applied = false;  // it has counted
};
Result<std::optional<Deferred>> find_deferred(store::Tx& tx, const Context& context,
                                              const VerificationId& verification_id);
// A refuted claim that was deferred.
struct DeferredLie {
    std::int64_t seq = 0;
    bool applied = false;
};
// Those of the agent and kind with seq < before_seq, newest first.
Result<std::vector<DeferredLie>> deferred_lies(store::Tx& tx, const Context& context,
                                               const LogRecord& like, std::int64_t before_seq);
inline constexpr std::int64_t kLiesAtOnce = 4;

// Agents that `verifier` verified since then, in this namespace.
Result<std::vector<std::string>> verified_since(store::Tx& tx, const Context& context,
                                                std::string_view verifier, std::int64_t since_us,
                                                std::int64_t limit);

// The enumerator's name, as stored.
std::string_view name_of(ClaimKind kind);

}  // namespace credence::trust::score_rows
