// The chain that makes tampering with the trust log visible. Pure; as access/audit_chain.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/trust/claims/claim.h"
#include "capabilities/trust/score/score.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {

// One row of trust_log.
struct LogRecord {
    std::int64_t seq = 0;  // 1, 2, 3, … per tenant
    std::int64_t at_us = 0;
    std::string name_space;
    std::string agent_id;
    ClaimKind claim_kind = ClaimKind::custom;
    EntryKind entry = EntryKind::evidence;
    Outcome outcome = Outcome::error;
    double strength = 0;
    double novelty = 0;
    double weight = 0;  // strength * novelty of conclusive evidence
    double target = 0;
    double old_score = 0;  // posterior mean before and after
    double new_score = 0;
    std::optional<VerificationId> verification_id;
    std::string record_digest;
    std::string claim_digest;
    std::string effort_digest;
    std::optional<std::string> verified_by;
    std::string reason;
    std::string actor;
    std::string previous_hash;
    std::string hash;
};
void describe(Describe<LogRecord>&);

struct LogHead {
    std::int64_t seq = 0;
    std::string hash;
};

// Over the tenant and every field but `hash`; numbers by their bits.
std::string hash_of(std::string_view tenant, const LogRecord& record);

// What the fold reads of it.
Observation observation_of(const LogRecord& record);

// Walks a chain from its start. Not thread-safe.
class LogWalk {
public:
    explicit LogWalk(std::string tenant);

    // Code::conflict "trust chain is broken at entry 17: …" unless this is the one that follows.
    Result<void> next(const LogRecord& record);
    // After the last entry: is it the one the head tells of?
    Result<void> finish(const std::optional<LogHead>& head) const;

    std::int64_t entries() const { return entries_; }
    const std::string& hash() const { return hash_; }

private:
    std::string tenant_;
    std::int64_t entries_ = 0;
    std::string hash_;
};

std::unexpected<Error> broken_log_at(std::int64_t seq, std::string_view reason);

}  // namespace credence::trust
