// What an experiment is made of, and the requests and answers of its operations but the analysis
// (experiment_report.h). Times are microseconds UTC; shares and rates are fractions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {

inline constexpr std::size_t kMaxTestNameBytes = 200;
inline constexpr std::size_t kMaxTestTextBytes = 4'000;  // description, reason
inline constexpr std::size_t kMaxStrategyBytes = 200;
inline constexpr std::size_t kMaxArmNameBytes = 64;
inline constexpr std::size_t kMaxArms = 10;
inline constexpr std::size_t kMaxTestMetrics = 3;
inline constexpr std::size_t kMaxTimeTextBytes = 40;
inline constexpr std::size_t kMaxOutcomesAtOnce = 10'000;
inline constexpr std::int64_t kMaxTestsPage = 200;
inline constexpr std::int64_t kMaxSampleSize = 1'000'000'000;
inline constexpr double kMaxOutcomeSeconds = 1e9;
inline constexpr double kMaxCovariate = 1e12;

enum class TestMetric : std::uint8_t { completion_rate, duration_seconds, user_rating };
enum class MetricDirection : std::uint8_t { higher_is_better, lower_is_better };
// What a metric decides: a primary one ships or rolls back, a guardrail only stops harm.
enum class MetricRole : std::uint8_t { primary, secondary, guardrail };
enum class TestStatus : std::uint8_t { running, paused, completed, stopped, shipped, rolled_back };

// The least effect of interest is absolute for completion_rate and user_rating (0.05: five points
// of a hundred), relative for duration_seconds (0.1: a tenth longer or shorter). It also tunes the
// always-valid tests and therefore never changes.
struct MetricPlan {
    TestMetric name = TestMetric::completion_rate;
    std::optional<MetricDirection> direction;  // by default what the metric suggests
    std::optional<MetricRole> role;            // by default primary for the first, else secondary
    std::optional<double> minimum_effect;      // 0.05, 0.1, 0.2

    bool operator==(const MetricPlan&) const = default;
};
void describe(Describe<MetricPlan>&);

// The first arm is the control.
struct TestArm {
    std::string name;
    std::string strategy;
    double share = 0;  // of everybody

    bool operator==(const TestArm&) const = default;
};
void describe(Describe<TestArm>&);

struct CreateTest {
    std::string test_name;
    std::optional<std::string> description;
    std::optional<std::string> control_strategy;
    std::optional<std::string> treatment_strategy;
    std::optional<std::string> start_date;
    std::optional<std::int64_t> start_date_us;
    std::optional<std::string> end_date;
    std::optional<std::int64_t> end_date_us;
    std::int64_t min_sample_size = 100;
    std::vector<MetricPlan> metrics;
    std::optional<double> assignment_ratio;
    std::vector<TestArm> arms;
};
void describe(Describe<CreateTest>&);

struct CreatedTest {
    std::int64_t test_id = 0;
};
void describe(Describe<CreatedTest>&);

struct TestRef {
    std::int64_t test_id = 0;
};
void describe(Describe<TestRef>&);

struct AssignUser {
    std::int64_t test_id = 0;
    std::string user_id;
    std::optional<double> covariate;
};
void describe(Describe<AssignUser>&);

// Without group_name the user is outside the experiment.
struct Assignment {
    std::int64_t test_id = 0;
    std::optional<std::string> group_name;
    std::optional<std::string> strategy;
    std::optional<std::int64_t> assigned_at_us;
    bool first_exposure = false;
    TestStatus status = TestStatus::running;
};
void describe(Describe<Assignment>&);

struct RecordOutcome {
    std::int64_t test_id = 0;
    std::string user_id;
    std::optional<bool> completed;
    std::optional<double> duration_seconds;
    std::optional<std::int64_t> user_rating;
    std::optional<std::string> skill_name;
};
void describe(Describe<RecordOutcome>&);

struct RecordedOutcome {
    std::int64_t outcome_id = 0;
    std::int64_t test_id = 0;
    std::string group_name;
    std::int64_t recorded_at_us = 0;
};
void describe(Describe<RecordedOutcome>&);

struct RecordOutcomes {
    std::vector<RecordOutcome> items;
};
void describe(Describe<RecordOutcomes>&);

struct RecordedOutcomes {
    std::int64_t recorded = 0;
    std::int64_t users = 0;  // of all tests together
};
void describe(Describe<RecordedOutcomes>&);

struct ChangeTest {
    std::int64_t test_id = 0;
    std::string reason;
};
void describe(Describe<ChangeTest>&);

struct ShipTest {
    std::int64_t test_id = 0;
    std::optional<std::string> arm;  // the treatment, when there is one only
    std::string reason;
    bool force = false;
};
void describe(Describe<ShipTest>&);

// How a test ended, and on whose word.
struct TestDecision {
    TestStatus status = TestStatus::stopped;
    std::optional<std::string> arm;  // shipped
    std::string reason;
    bool forced = false;
    std::string decided_by;
    std::int64_t decided_at_us = 0;
};
void describe(Describe<TestDecision>&);

struct ArmUsers {
    std::string group_name;
    std::string strategy;
    double share = 0;
    std::int64_t users_assigned = 0;
    std::int64_t users_with_outcomes = 0;
    std::int64_t outcomes = 0;
};
void describe(Describe<ArmUsers>&);

struct TestView {
    std::int64_t test_id = 0;
    std::string test_name;
    std::optional<std::string> description;
    TestStatus status = TestStatus::running;
    std::vector<ArmUsers> arms;
    std::vector<MetricPlan> metrics;
    std::int64_t min_sample_size = 0;
    std::int64_t start_date_us = 0;
    std::optional<std::int64_t> end_date_us;
    std::optional<std::int64_t> ended_at_us;
    std::optional<TestDecision> decision;
    std::string created_by;
    std::int64_t created_at_us = 0;
    std::int64_t updated_at_us = 0;
};
void describe(Describe<TestView>&);

struct ListTests {
    std::optional<TestStatus> status;
    std::int64_t after = 0;
    std::int64_t limit = 50;
};
void describe(Describe<ListTests>&);

struct TestPage {
    std::vector<TestView> tests;
    std::optional<std::int64_t> next;
};
void describe(Describe<TestPage>&);

struct PlanTest {
    TestMetric metric = TestMetric::completion_rate;
    std::optional<double> baseline;
    std::optional<double> deviation;
    std::optional<double> minimum_effect;
    double icc = 0.17;
    double rows_per_user = 1;
    double alpha = 0.05;
    double power = 0.8;
    std::optional<std::int64_t> users_per_arm;
};
void describe(Describe<PlanTest>&);

// No number of users: the effect cannot be found by fewer than 10^12.
struct TestPlan {
    TestMetric metric = TestMetric::completion_rate;
    double minimum_effect = 0;
    double design_effect = 1;
    std::optional<std::int64_t> users_per_arm_fixed;
    std::optional<std::int64_t> users_per_arm_watched;
    std::optional<double> power;              // of users_per_arm, read once at the end
    std::optional<double> detectable_effect;  // by users_per_arm, read once at the end
    std::string reason;
};
void describe(Describe<TestPlan>&);

// Events.
struct AbTestCreated {
    std::int64_t test_id = 0;
    std::string test_name;
};
void describe(Describe<AbTestCreated>&);

struct AbTestStatusChanged {
    std::int64_t test_id = 0;
    TestStatus from = TestStatus::running;
    TestStatus to = TestStatus::running;
    std::optional<std::string> arm;
    bool forced = false;
};
void describe(Describe<AbTestStatusChanged>&);

}  // namespace credence::skills
