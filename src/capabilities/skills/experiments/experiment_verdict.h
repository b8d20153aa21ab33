// From the sums of an experiment to what they say. Pure, thread-safe, O(arms x metrics).
//
//   completion_rate   sum of completed over sum of judged outcomes, users as clusters (delta
//                     method); effect the difference
//   duration_seconds  mean over users of their mean log duration; effect the ratio of geometric
//                     means
//   user_rating       mean over users of their mean rating; effect the difference
//   adjusted          where covariates were known before the first outcome: CUPED on the users'
//                     means, so that every user weighs the same, also for completion_rate
//
// A look is taken by each write, so that evidence does not depend on who reads. Each comparison of
// a treatment with the control has an e-value that holds at all looks (stats sequential.h), its
// best kept apart for higher and lower; primary p-values are corrected together by Holm, secondary
// ones among themselves; a guardrail is tested for harm on its own.
#pragma once

#include <cstdint>

#include "capabilities/skills/experiments/experiment_report.h"
#include "capabilities/skills/experiments/experiment_rows.h"

namespace credence::skills {

inline constexpr double kExperimentAlpha = 0.05;
inline constexpr double kSampleRatioAlpha = 0.001;
inline constexpr std::int64_t kLeastUsersToLook = 30;  // in each arm

// The sums and design have the same arms and metrics.
struct Experiment {
    TestRow row;
    ExperimentSums sums;
};

// running or paused past the end is completed.
TestStatus status_at(const TestRow& row, std::int64_t now_us);

// Adds the evidence of the sums as they are now. After each change of outcomes.
void look_at_outcomes(Experiment& experiment);
// After each assignment.
void look_at_sample_ratio(Experiment& experiment);

struct EvidenceVerdict {
    Verdict verdict = Verdict::continue_;
    std::optional<std::size_t> winner;  // arm
};
// What analyze() answers, without words.
EvidenceVerdict judge_evidence(const Experiment& experiment, std::int64_t now_us);

Analysis analyze_experiment(const Experiment& experiment, std::int64_t now_us);

// Whether a guardrail is harmed in the arm (1 and up).
bool harms_guardrail(const Experiment& experiment, std::size_t arm);
bool sample_ratio_alarm(const ExperimentSums& sums);

}  // namespace credence::skills
