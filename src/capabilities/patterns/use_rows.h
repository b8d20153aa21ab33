// All SQL over pattern_use, pattern_user and pattern_usage_day. The tenant comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/patterns/patterns_math.h"
#include "capabilities/patterns/patterns_rows.h"
#include "capabilities/patterns/patterns_types.h"
#include "engine/store/database.h"

namespace credence::patterns {

// A row of pattern_use.
struct UseRow {
    UseId id;
    PatternId pattern_id;
    std::string name_space;  // of the user
    std::string agent_id;
    std::int64_t used_at_us = 0;
    std::int64_t day = 0;
    AccessLevel access_level = AccessLevel::private_;
    std::optional<double> execution_time_ms;
    UseOutcome outcome = UseOutcome::unknown;
    OutcomeSource source = OutcomeSource::none;
    std::optional<std::string> context_data;
    std::optional<std::string> verification_id;
    std::optional<std::string> reviewer;
    std::optional<std::int64_t> labelled_at_us;

    bool labelled() const {
        return source == OutcomeSource::verified || source == OutcomeSource::confirmed;
    }
};
void describe(Describe<UseRow>&);

// A row of pattern_user.
struct UserRow {
    PatternId pattern_id;
    std::string name_space;
    std::string agent_id;
    std::int64_t uses = 0;
    std::int64_t day = 0;
    std::int64_t day_uses = 0;
    std::int64_t success_count = 0;
    std::int64_t failure_count = 0;
    double evidence_success = 0;
    double evidence_failure = 0;
    std::int64_t evidence_at_us = 0;

    Weights evidence() const { return {evidence_success, evidence_failure}; }
};
void describe(Describe<UserRow>&);

// Days since 1970-01-01, UTC.
std::int64_t day_of(std::int64_t at_us);

namespace use_rows {

// With the day's count.
Result<void> insert(store::Tx& tx, std::string_view tenant, const PatternRow& pattern,
                    const UseRow& use);
Result<void> update(store::Tx& tx, std::string_view tenant, const UseRow& use);
Result<std::optional<UseRow>> find(store::Tx& tx, std::string_view tenant, const UseId& id);

struct PendingQuery {
    const PatternId& pattern_id;
    std::string_view name_space;
    std::string_view agent_id;
    std::int64_t since_us = 0;
};
// The user's latest use without a label.
Result<std::optional<UseRow>> pending(store::Tx& tx, std::string_view tenant,
                                      const PendingQuery& query);
Result<bool> has_verification(store::Tx& tx, std::string_view tenant, const PatternId& id,
                              std::string_view verification_id);

// A default-built row when there is none.
Result<UserRow> user(store::Tx& tx, std::string_view tenant, const UserRow& key);
Result<void> put_user(store::Tx& tx, std::string_view tenant, const UserRow& user);
Result<std::vector<UserRow>> users(store::Tx& tx, std::string_view tenant, const PatternId& id);
// What the agent did, by pattern.
Result<void> clear_evidence(store::Tx& tx, std::string_view tenant, const PatternId& id);

// Uses, users, promotions of a pattern, and their part of the days' counts.
Result<void> erase(store::Tx& tx, std::string_view tenant, const PatternRow& pattern);
// Uses change their pattern; those verified for both keep one.
Result<void> move(store::Tx& tx, std::string_view tenant, const PatternRow& from,
                  const PatternRow& to);
Result<void> drop_days(store::Tx& tx, std::string_view tenant, std::string_view name_space);
// Of all tenants; the number of uses removed, at most `limit`.
Result<std::int64_t> forget_before(store::Tx& tx, std::int64_t day, int limit);

}  // namespace use_rows
}  // namespace credence::patterns
