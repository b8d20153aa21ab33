// All SQL over verification, and what the trust log says of one. The tenant comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/shape.h"
#include "capabilities/trust/trust_parts.h"
#include "engine/store/database.h"

namespace credence::trust::rows {

// One row as it is stored: JSON as text, so that the digest is over exactly what is kept.
struct VerificationRecord {
    VerificationId id;
    std::int64_t seq = 0;  // given by insert
    std::string name_space;
    std::string agent_id;
    std::string claim_type;
    std::string claim;
    std::string recipe;
    std::string recipe_digest;
    std::string recipe_json;
    std::string arguments;
    std::string argv;
    std::string tree;
    std::string tree_digest;
    std::string runner;
    std::string outcome;
    std::string reason;
    std::string checks;
    std::string actual;  // "null" when nothing ran
    std::int64_t duration_us = 0;
    std::int64_t verified_at_us = 0;
    std::string actor;
    std::optional<std::string> verified_by;
    std::optional<std::string> pattern_id;
    bool deferred = false;
};
void describe(Describe<VerificationRecord>&);

// chain_hash over every column, the tenant included.
std::string record_digest(std::string_view tenant, const VerificationRecord& record);

// Next in the tenant's record; the number it was given.
Result<std::int64_t> insert_verification(store::Tx& tx, std::string_view tenant,
                                         VerificationRecord& record);

Result<std::optional<VerificationRecord>> find_verification(store::Tx& tx, std::string_view tenant,
                                                            const VerificationId& id);

// What whoever keeps a pattern has to hear of a verification, without its texts.
struct VerificationLink {
    std::optional<std::string> pattern_id;
    std::int64_t duration_us = 0;
    std::int64_t verified_at_us = 0;
};
Result<std::optional<VerificationLink>> find_link(store::Tx& tx, std::string_view tenant,
                                                  const VerificationId& id);

// What the trust log first says of a verification.
struct LoggedRecord {
    std::string record_digest;
    std::int64_t log_seq = 0;
};
Result<std::optional<LoggedRecord>> logged_record(store::Tx& tx, std::string_view tenant,
                                                  const VerificationId& id);

// Empty texts match everything.
struct VerificationFilter {
    std::string_view name_space;
    std::string_view agent_id;
    std::string_view claim_type;
    std::string_view outcome;
    std::int64_t before_seq = 0;
    std::int64_t limit = 0;
};
// Newest first.
Result<std::vector<VerificationRecord>> list_verifications(store::Tx& tx, std::string_view tenant,
                                                           const VerificationFilter& filter);

struct AgentPeriod {
    std::string_view tenant;
    std::string_view name_space;
    std::string_view agent_id;
    std::int64_t since_us = 0;
};

struct OutcomeCount {
    std::string claim_type;
    std::string outcome;
    std::int64_t count = 0;
};
void describe(Describe<OutcomeCount>&);
Result<std::vector<OutcomeCount>> count_outcomes(store::Tx& tx, const AgentPeriod& period);

// Durations of the latest `limit` runs, shortest first; attempts that did not run do not count.
Result<std::vector<std::int64_t>> durations(store::Tx& tx, const AgentPeriod& period, int limit);

}  // namespace credence::trust::rows

namespace credence::trust {

// The digest of the stored row, for whoever keeps a chain over it; nothing when there is no row.
Result<std::optional<std::string>> recompute_record_digest(store::Tx& tx, std::string_view tenant,
                                                           const VerificationId& id);
// How many rows the tenant has.
Result<std::int64_t> count_verifications(store::Tx& tx, std::string_view tenant);

}  // namespace credence::trust
