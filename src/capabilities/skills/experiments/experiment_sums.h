// What the users of an experiment add up to, arm by arm: all that an analysis reads. Kept in
// ab_test_state, changed in the transaction that changes a user's row, and made anew from the rows
// of ab_test_users in any order. Pure, not thread-safe; each step O(1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/experiments/experiment_types.h"
#include "stats/moments.h"

namespace credence::skills {

inline constexpr double kLeastLoggedSeconds = 1e-3;  // shorter durations count as this

// A user's outcomes in one test (a row of ab_test_users).
struct UserTotals {
    std::int64_t outcomes = 0;
    std::int64_t judged = 0;  // said whether it completed
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_sum_seconds = 0;
    double log_duration_sum = 0;
    std::int64_t rated = 0;
    std::int64_t rating_sum = 0;

    void add(const RecordOutcome& outcome);
};

// stats::PairMoments, as it is stored.
struct StoredMoments {
    std::int64_t users = 0;
    double mean_y = 0;
    double mean_x = 0;
    double yy = 0;
    double xy = 0;
    double xx = 0;

    [[nodiscard]] stats::PairMoments pair() const;
    [[nodiscard]] stats::Moments outcome() const;  // y alone
    void set(const stats::PairMoments& moments);
};
void describe(Describe<StoredMoments>&);

// x of the last three is the covariate, 0 where the test does not adjust.
struct ArmSums {
    std::int64_t assigned = 0;
    std::int64_t users = 0;  // with outcomes
    std::int64_t outcomes = 0;
    StoredMoments completed_of_judged;  // y completed, x judged
    StoredMoments completion;           // y the user's completion rate
    StoredMoments duration;             // y the user's mean log duration
    StoredMoments rating;               // y the user's mean rating

    // The user's outcomes change from `before` to `after`.
    void change(const UserTotals& before, const UserTotals& after, double covariate);
    [[nodiscard]] std::int64_t users_of(TestMetric metric) const;
};
void describe(Describe<ArmSums>&);

// The best evidence of all looks that saw treatment above, or below, the control.
struct StoredEvidence {
    double higher_log_e = 0;
    double lower_log_e = 0;
    std::int64_t looks = 0;
};
void describe(Describe<StoredEvidence>&);

// Whether estimates are adjusted is settled by what is known at the first outcome, once: a choice
// by the outcomes would not be honest.
struct ExperimentSums {
    std::vector<ArmSums> arms;
    std::vector<StoredEvidence> evidence;  // metric by metric, of each the treatments
    double sample_ratio_log_e = 0;         // the largest of all assignments
    bool settled = false;
    bool adjusted = false;
    double covariate_sum = 0;  // of users assigned before it was settled
    std::int64_t covariate_users = 0;
    double covariate_default = 0;  // for users without one
    std::string announced;         // the verdict last told by an event

    static ExperimentSums of(std::size_t arms, std::size_t metrics);
    void settle();
    [[nodiscard]] double covariate_of(const std::optional<double>& known) const;
    // Of metric and treatment (1 and up).
    StoredEvidence& evidence_of(std::size_t metric, std::size_t arm);
    [[nodiscard]] const StoredEvidence& evidence_of(std::size_t metric, std::size_t arm) const;
};
void describe(Describe<ExperimentSums>&);

}  // namespace credence::skills
