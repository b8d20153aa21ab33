// What an analysis says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/experiments/experiment_types.h"
#include "capabilities/skills/figure.h"

namespace credence::skills {

// ship          a treatment is better on a primary metric, worse on none, harms no guardrail
// rollback      every treatment is worse on a primary metric or harms a guardrail
// continue      nothing is shown yet, or too few users
// inconclusive  it is over without a result, or an effect as large as the least of interest is
//               excluded
// invalid       the arms have not the users they should: nothing may be concluded
enum class Verdict : std::uint8_t { ship, rollback, continue_, inconclusive, invalid };

// negligible: the interval lies within the least effect of interest on both sides.
enum class Finding : std::uint8_t { insufficient_data, undecided, better, worse, negligible };

// Figures are left out where nothing is known.
struct ArmReport {
    std::string group_name;
    std::string strategy;
    double share = 0;
    std::int64_t users_assigned = 0;
    std::int64_t users_with_outcomes = 0;
    std::int64_t outcomes = 0;
    std::optional<Figure> completion_rate;
    std::optional<Figure> duration_seconds;
    std::optional<Figure> user_rating;
};
void describe(Describe<ArmReport>&);

struct Comparison {
    TestMetric metric = TestMetric::completion_rate;
    MetricRole role = MetricRole::primary;
    MetricDirection direction = MetricDirection::higher_is_better;
    std::string group_name;
    Finding finding = Finding::insufficient_data;
    std::optional<Figure> difference;
    std::optional<Figure> lift;
    double minimum_effect = 0;
    std::optional<double> p_value;
    std::optional<double> adjusted_p_value;
    std::optional<double> variance_left;
    std::optional<std::int64_t> users_needed;
    std::int64_t looks = 0;
};
void describe(Describe<Comparison>&);

struct SampleRatioReport {
    bool mismatch = false;
    double log_e = 0;
    double p_value = 1;
};
void describe(Describe<SampleRatioReport>&);

struct Analysis {
    std::int64_t test_id = 0;
    std::string test_name;
    TestStatus status = TestStatus::running;
    Verdict verdict = Verdict::continue_;
    std::optional<std::string> winner;
    std::string reason;
    std::vector<ArmReport> arms;
    std::vector<Comparison> comparisons;
    SampleRatioReport sample_ratio;
    std::int64_t min_sample_size = 0;
    std::optional<std::int64_t> users_needed;
    bool adjusted_by_covariate = false;
    std::int64_t analyzed_at_us = 0;
};
void describe(Describe<Analysis>&);

// The event: what the evidence says has changed to ship, rollback or invalid.
struct AbTestDecided {
    std::int64_t test_id = 0;
    Verdict verdict = Verdict::continue_;
    std::optional<std::string> winner;
};
void describe(Describe<AbTestDecided>&);

}  // namespace credence::skills
