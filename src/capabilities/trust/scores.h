// The trust of an agent, per kind of claim: a pure fold over an append-only, hash-chained log.
// The arithmetic is in score/, the SQL in score_rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/chain.h"
#include "api/context.h"
#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/score/score.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {

// What one verification says about its agent.
struct Evidence {
    VerificationId verification_id;
    std::string agent_id;
    ClaimKind kind = ClaimKind::custom;
    Outcome outcome = Outcome::error;
    double strength = 0.5;  // of the recipe, (0, 1]
    std::string
        claim_digest;  // of (recipe, parameters, tree digest, claim): same again adds nothing
    std::string effort_digest;  // of (recipe, parameters, tree digest): diminishing returns
    std::string record_digest;  // of the verification's row, so that the chain covers it
    std::optional<std::string> verified_by;
};

struct AppliedEvidence {
    double weight = 0;         // 0: a repetition, or not conclusive
    double trust_score = 0.5;  // posterior mean after it
    double lower_bound = 0;    // 95 %
    double ewma = 0.5;
    std::int64_t seq = 0;  // in the log
};

// The internal half of Scores, for the service that verifies: appends to the log, folds, stores the
// new state, emits TrustChanged; all in the caller's write transaction. Exactly once per
// verification: a second time, or for another agent than the verification's, is Code::conflict.
// Deferred ones are for trust.batch_update, which passes over no refuted claim.
Result<AppliedEvidence> apply_evidence(store::Tx& tx, const Context& context, std::int64_t at_us,
                                       const Evidence& evidence);

// Recorded in the chain without moving a score (deferred): trust.batch_update applies it later.
Result<std::int64_t> defer_evidence(store::Tx& tx, const Context& context, std::int64_t at_us,
                                    const Evidence& evidence);

inline constexpr std::int64_t kRingWindowUs = std::int64_t{30} * 24 * 3600 * 1'000'000;
inline constexpr int kMaxRingLength = 4;  // verifications in a row

// Refuses (Code::forbidden) `verifier` for `agent_id`: itself, an agent of the same owner, a
// verifier that this agent has verified (directly or over others) within kRingWindowUs, or one that
// is not in the namespace. Code::not_found for the latter.
Result<void> check_verifier(store::Tx& tx, const Context& context, const std::string& agent_id,
                            const std::string& verifier, std::int64_t now_us);

// Events.
struct TrustChanged {
    std::string name_space;
    std::string agent_id;
    ClaimKind claim_kind = ClaimKind::custom;
    EntryKind entry = EntryKind::evidence;
    std::int64_t seq = 0;  // in the trust log
    double old_score = 0.5;
    double new_score = 0.5;
    double lower_bound = 0;
    Tier tier = Tier::unknown;
};
void describe(Describe<TrustChanged>&);

struct TrustAlarm {
    std::string name_space;
    std::string agent_id;
    ClaimKind claim_kind = ClaimKind::custom;
    std::int64_t seq = 0;
    double usual = 0;
    double suspected = 0;
};
void describe(Describe<TrustAlarm>&);

// The digest of a verification's row as it is now; nothing when the row is gone.
using RecordCheck = std::function<Result<std::optional<std::string>>(
    store::Tx&, std::string_view tenant, const VerificationId&)>;

// How many verifications the tenant has.
using RecordCount = std::function<Result<std::int64_t>(store::Tx&, std::string_view tenant)>;

// The chain "trust" for host.add_chain(): walks the log, compares the digest of every verification
// it names, and counts those it does not name. Either may be empty: not looked at.
HashChain trust_chain(RecordCheck check, RecordCount count = {});

}  // namespace credence::trust
