// All SQL over ab_test_configs, ab_test_assignments, ab_test_outcomes, ab_test_users and
// ab_test_state. The tenant comes first; user ids are keyed hashes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/skills/experiments/experiment_sums.h"
#include "capabilities/skills/experiments/experiment_types.h"
#include "engine/store/database.h"

namespace credence::skills {

// A row of ab_test_configs; metrics have all their fields.
struct TestRow {
    std::int64_t test_id = 0;
    std::string test_name;
    std::optional<std::string> description;
    std::vector<TestArm> arms;
    std::vector<MetricPlan> metrics;
    std::int64_t start_date_us = 0;
    std::optional<std::int64_t> end_date_us;
    std::int64_t min_sample_size = 0;
    TestStatus status = TestStatus::running;
    std::optional<std::int64_t> ended_at_us;
    std::optional<TestDecision> decision;
    std::string created_by;
    std::int64_t created_at_us = 0;
    std::int64_t updated_at_us = 0;

    // Which arm has the name.
    [[nodiscard]] std::optional<std::size_t> find_arm(std::string_view name) const;
};
void describe(Describe<TestRow>&);

struct AssignmentRow {
    std::string group_name;
    std::int64_t assigned_at_us = 0;
    std::optional<double> covariate;
};
void describe(Describe<AssignmentRow>&);

// An exposed user with what is known of him so far.
struct SubjectRow {
    std::string user_id;
    std::string group_name;
    std::optional<double> covariate;
    std::int64_t outcomes = 0;
    std::int64_t judged = 0;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_sum_seconds = 0;
    double log_duration_sum = 0;
    std::int64_t rated = 0;
    std::int64_t rating_sum = 0;

    [[nodiscard]] UserTotals totals() const {
        return {outcomes,         judged, completed, timed, duration_sum_seconds,
                log_duration_sum, rated,  rating_sum};
    }
};
void describe(Describe<SubjectRow>&);

struct TenantTest {
    std::string tenant;
    std::int64_t test_id = 0;
};
void describe(Describe<TenantTest>&);

namespace experiment_rows {

// Code::conflict where the name is taken. Gives the row the tenant's next number.
Result<void> insert(store::Tx& tx, std::string_view tenant, TestRow& row);
Result<std::optional<TestRow>> find(store::Tx& tx, std::string_view tenant, std::int64_t test_id);
// Status, decision and times.
Result<void> update(store::Tx& tx, std::string_view tenant, const TestRow& row);
// In the order of test_id.
Result<std::vector<TestRow>> list(store::Tx& tx, std::string_view tenant, const ListTests& query);
// Of all tenants: tests that run although their end has come.
Result<std::vector<TenantTest>> overdue(store::Tx& tx, std::int64_t now_us, std::int64_t limit);

struct UserKey {
    std::string_view tenant;
    std::int64_t test_id = 0;
    std::string_view user_id;
};
Result<std::optional<AssignmentRow>> assignment(store::Tx& tx, const UserKey& key);
// False where there is one already; it stays.
Result<bool> assign(store::Tx& tx, const UserKey& key, const AssignmentRow& row);
Result<std::optional<SubjectRow>> subject(store::Tx& tx, const UserKey& key);
Result<void> put_totals(store::Tx& tx, const UserKey& key, const UserTotals& totals);
// The outcome's number.
Result<std::int64_t> insert_outcome(store::Tx& tx, const UserKey& key, const RecordOutcome& outcome,
                                    std::int64_t now_us);

struct SubjectPage {
    std::string_view after;  // user_id
    std::int64_t limit = 0;
};
// Exposed users of a test in the order of user_id.
Result<std::vector<SubjectRow>> subjects(store::Tx& tx, std::string_view tenant,
                                         std::int64_t test_id, const SubjectPage& page);
Result<std::vector<std::int64_t>> tests_of_user(store::Tx& tx, std::string_view tenant,
                                                std::string_view user_id);
Result<void> erase_user(store::Tx& tx, const UserKey& key);

Result<std::optional<ExperimentSums>> sums(store::Tx& tx, std::string_view tenant,
                                           std::int64_t test_id);
struct StampedSums {
    const ExperimentSums& sums;
    std::int64_t now_us = 0;
};
Result<void> put_sums(store::Tx& tx, std::string_view tenant, std::int64_t test_id,
                      const StampedSums& stamped);

}  // namespace experiment_rows
}  // namespace credence::skills
