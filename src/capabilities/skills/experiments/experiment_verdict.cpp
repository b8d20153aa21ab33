#include "capabilities/skills/experiments/experiment_verdict.h"

#include <algorithm>
#include <cmath>

#include "capabilities/skills/experiments/experiment_measure.h"
#include "capabilities/skills/experiments/experiment_words.h"
#include "stats/experiment/sample_ratio.h"
#include "stats/experiment/sequential.h"
#include "stats/multiplicity.h"

namespace credence::skills {
namespace {

stats::SequentialPlan looks_of(double scale) {
    return {
        .effect_scale = scale, .confidence = 1 - kExperimentAlpha, .min_users = kLeastUsersToLook};
}

double p_of(double log_e) {
    return std::min(1.0, std::exp(-log_e));
}

// The evidence for better and for worse.
struct Sides {
    double better = 0;
    double worse = 0;
};

Sides sides_of(const StoredEvidence& evidence, const MetricPlan& plan) {
    const bool higher = plan.direction == MetricDirection::higher_is_better;
    return {higher ? evidence.higher_log_e : evidence.lower_log_e,
            higher ? evidence.lower_log_e : evidence.higher_log_e};
}

std::vector<Standing> standings_of(const Experiment& experiment) {
    std::vector<Standing> all;
    for (std::size_t metric = 0; metric < experiment.row.metrics.size(); ++metric) {
        for (std::size_t arm = 1; arm < experiment.row.arms.size(); ++arm) {
            const StoredEvidence& evidence = experiment.sums.evidence_of(metric, arm);
            Standing standing;
            standing.compared = {metric, arm};
            standing.role = *experiment.row.metrics[metric].role;
            standing.looks = evidence.looks;
            standing.p = p_of(std::max(evidence.higher_log_e, evidence.lower_log_e));
            standing.adjusted_p = standing.p;
            all.push_back(standing);
        }
    }
    return all;
}

// Together, those of a role that claims something; a guardrail only stops.
void correct(std::vector<Standing>& all, MetricRole role) {
    std::vector<double> p_values;
    for (const Standing& standing : all) {
        if (standing.role == role) {
            p_values.push_back(standing.p);
        }
    }
    const std::vector<double> adjusted = stats::holm(p_values);
    std::size_t next = 0;
    for (Standing& standing : all) {
        if (standing.role == role) {
            standing.adjusted_p = adjusted[next];
            ++next;
        }
    }
}

Finding finding_of(const Experiment& experiment, const Standing& standing) {
    if (standing.looks == 0) {
        return Finding::insufficient_data;
    }
    if (standing.adjusted_p > kExperimentAlpha) {
        return Finding::undecided;
    }
    const auto& [metric, arm] = standing.compared;
    const Sides sides =
        sides_of(experiment.sums.evidence_of(metric, arm), experiment.row.metrics[metric]);
    // Both at different times: what once harmed is not praised.
    const bool worse = p_of(sides.worse) <= kExperimentAlpha || sides.worse > sides.better;
    return worse ? Finding::worse : Finding::better;
}

std::vector<Standing> compare_all(const Experiment& experiment) {
    std::vector<Standing> all = standings_of(experiment);
    correct(all, MetricRole::primary);
    correct(all, MetricRole::secondary);
    for (Standing& standing : all) {
        standing.finding = finding_of(experiment, standing);
    }
    return all;
}

bool any_of_arm(const std::vector<Standing>& all, std::size_t arm, MetricRole role,
                Finding finding) {
    return std::ranges::any_of(all, [&](const Standing& standing) {
        return standing.compared.arm == arm && standing.role == role && standing.finding == finding;
    });
}

bool harmed(const std::vector<Standing>& all, std::size_t arm) {
    return any_of_arm(all, arm, MetricRole::guardrail, Finding::worse);
}

bool bad(const std::vector<Standing>& all, std::size_t arm) {
    return harmed(all, arm) || any_of_arm(all, arm, MetricRole::primary, Finding::worse);
}

bool negligible(const std::vector<Standing>& all, std::size_t arm) {
    return std::ranges::all_of(all, [&](const Standing& standing) {
        return standing.compared.arm != arm || standing.role != MetricRole::primary ||
               standing.finding == Finding::negligible;
    });
}

// How many least effects of interest the arm is better by, on the first metric that says so.
double advantage(const Experiment& experiment, const std::vector<Standing>& all, std::size_t arm) {
    for (const Standing& standing : all) {
        const bool says_so = standing.compared.arm == arm && standing.role == MetricRole::primary &&
                             standing.finding == Finding::better;
        if (!says_so) {
            continue;
        }
        const MetricPlan& plan = experiment.row.metrics[standing.compared.metric];
        const auto contrast = measure(experiment, standing.compared).contrast;
        const double effect = contrast ? contrast->value / effect_scale(plan) : 0;
        return plan.direction == MetricDirection::higher_is_better ? effect : -effect;
    }
    return 0;
}

std::optional<std::size_t> best_arm(const Experiment& experiment,
                                    const std::vector<Standing>& all) {
    std::optional<std::size_t> best;
    double largest = 0;
    for (std::size_t arm = 1; arm < experiment.row.arms.size(); ++arm) {
        if (bad(all, arm) || !any_of_arm(all, arm, MetricRole::primary, Finding::better)) {
            continue;
        }
        const double mine = advantage(experiment, all, arm);
        if (!best || mine > largest) {
            best = arm;
            largest = mine;
        }
    }
    return best;
}

template <class Predicate>
bool every_treatment(const Experiment& experiment, Predicate&& predicate) {
    for (std::size_t arm = 1; arm < experiment.row.arms.size(); ++arm) {
        if (!predicate(arm)) {
            return false;
        }
    }
    return true;
}

Decided decide(const Experiment& experiment, const std::vector<Standing>& all,
               std::int64_t now_us) {
    const TestStatus status = status_at(experiment.row, now_us);
    const bool over = status != TestStatus::running && status != TestStatus::paused;
    const Verdict unless_over = over ? Verdict::inconclusive : Verdict::continue_;
    if (sample_ratio_alarm(experiment.sums)) {
        return {Verdict::invalid, std::nullopt, Why::mismatch};
    }
    if (every_treatment(experiment, [&](std::size_t arm) { return harmed(all, arm); })) {
        return {Verdict::rollback, 0, Why::guardrail};
    }
    if (!missing_users(experiment).empty()) {
        return {unless_over, std::nullopt, Why::too_few};
    }
    if (const auto best = best_arm(experiment, all); best) {
        return {Verdict::ship, best, Why::better};
    }
    if (every_treatment(experiment, [&](std::size_t arm) { return bad(all, arm); })) {
        return {Verdict::rollback, 0, Why::worse};
    }
    const bool nothing_to_find = every_treatment(
        experiment, [&](std::size_t arm) { return bad(all, arm) || negligible(all, arm); });
    if (nothing_to_find) {
        return {Verdict::inconclusive, std::nullopt, Why::negligible};
    }
    return {unless_over, std::nullopt, Why::undecided};
}

std::optional<stats::Look> look_of(const std::optional<stats::Contrast>& contrast, double scale) {
    return contrast ? stats::look(*contrast, looks_of(scale)) : std::nullopt;
}

Figure shown(const stats::Estimate& estimate, bool adjusted) {
    Figure figure = figure_of(estimate);
    if (adjusted) {
        figure.method = "cuped_" + figure.method;
    }
    return figure;
}

// The lift is for reading only, so its scale may follow from the data.
std::optional<Figure> lift_of(const MetricPlan& plan, const Measured& measured, bool adjusted) {
    const bool logarithms = plan.name == TestMetric::duration_seconds;
    if (!measured.log_ratio || !measured.control || (!logarithms && *measured.control <= 0)) {
        return std::nullopt;
    }
    const double scale = logarithms ? effect_scale(plan) : effect_scale(plan) / *measured.control;
    const auto look = look_of(measured.log_ratio, scale);
    return look ? std::optional(shown(stats::as_lift(look->estimate), adjusted)) : std::nullopt;
}

Comparison comparison_of(const Experiment& experiment, Standing& standing) {
    const MetricPlan& plan = experiment.row.metrics[standing.compared.metric];
    const Measured measured = measure(experiment, standing.compared);
    const double scale = effect_scale(plan);
    const auto look = look_of(measured.contrast, scale);
    if (look && standing.finding == Finding::undecided && look->estimate.interval.low > -scale &&
        look->estimate.interval.high < scale) {
        standing.finding = Finding::negligible;
    }
    Comparison out;
    out.metric = plan.name;
    out.role = standing.role;
    out.direction = *plan.direction;
    out.group_name = experiment.row.arms[standing.compared.arm].name;
    out.finding = standing.finding;
    const bool adjusted = experiment.sums.adjusted;
    if (look && plan.name != TestMetric::duration_seconds) {
        out.difference = shown(look->estimate, adjusted);
    }
    out.lift = lift_of(plan, measured, adjusted);
    out.minimum_effect = *plan.minimum_effect;
    out.looks = standing.looks;
    if (standing.looks > 0) {
        out.p_value = standing.p;
        out.adjusted_p_value = standing.adjusted_p;
    }
    out.variance_left = measured.variance_left;
    out.users_needed = users_to_find(plan, measured);
    return out;
}

ArmReport arm_report(const TestArm& arm, const ArmSums& sums) {
    ArmReport out;
    out.group_name = arm.name;
    out.strategy = arm.strategy;
    out.share = arm.share;
    out.users_assigned = sums.assigned;
    out.users_with_outcomes = sums.users;
    out.outcomes = sums.outcomes;
    out.completion_rate = arm_figure(sums, TestMetric::completion_rate);
    out.duration_seconds = arm_figure(sums, TestMetric::duration_seconds);
    out.user_rating = arm_figure(sums, TestMetric::user_rating);
    return out;
}

// Counts and shares of the arms, as sample_ratio.h wants them.
struct RatioInput {
    std::vector<std::int64_t> users;
    std::vector<double> weights;

    explicit RatioInput(const Experiment& experiment) {
        for (std::size_t arm = 0; arm < experiment.row.arms.size(); ++arm) {
            users.push_back(experiment.sums.arms[arm].assigned);
            weights.push_back(experiment.row.arms[arm].share);
        }
    }
    stats::SampleRatio ratio() const { return {users, weights}; }
};

}  // namespace

TestStatus status_at(const TestRow& row, std::int64_t now_us) {
    const bool open = row.status == TestStatus::running || row.status == TestStatus::paused;
    return open && row.end_date_us && *row.end_date_us <= now_us ? TestStatus::completed
                                                                 : row.status;
}

void look_at_outcomes(Experiment& experiment) {
    for (std::size_t metric = 0; metric < experiment.row.metrics.size(); ++metric) {
        for (std::size_t arm = 1; arm < experiment.row.arms.size(); ++arm) {
            const double scale = effect_scale(experiment.row.metrics[metric]);
            const auto look = look_of(measure(experiment, {metric, arm}).contrast, scale);
            if (!look) {
                continue;
            }
            StoredEvidence& evidence = experiment.sums.evidence_of(metric, arm);
            ++evidence.looks;
            double& best = look->estimate.value >= 0 ? evidence.higher_log_e : evidence.lower_log_e;
            best = std::max(best, look->log_e);
        }
    }
}

void look_at_sample_ratio(Experiment& experiment) {
    const RatioInput input(experiment);
    experiment.sums.sample_ratio_log_e =
        std::max(experiment.sums.sample_ratio_log_e, stats::sample_ratio_log_e(input.ratio()));
}

bool sample_ratio_alarm(const ExperimentSums& sums) {
    return stats::alarm(sums.sample_ratio_log_e, kSampleRatioAlpha);
}

bool harms_guardrail(const Experiment& experiment, std::size_t arm) {
    return harmed(compare_all(experiment), arm);
}

EvidenceVerdict judge_evidence(const Experiment& experiment, std::int64_t now_us) {
    const Decided decided = decide(experiment, compare_all(experiment), now_us);
    return {decided.verdict, decided.winner};
}

Analysis analyze_experiment(const Experiment& experiment, std::int64_t now_us) {
    const TestRow& row = experiment.row;
    Analysis out;
    out.test_id = row.test_id;
    out.test_name = row.test_name;
    out.status = status_at(row, now_us);
    for (std::size_t arm = 0; arm < row.arms.size(); ++arm) {
        out.arms.push_back(arm_report(row.arms[arm], experiment.sums.arms[arm]));
    }
    std::vector<Standing> all = compare_all(experiment);
    for (Standing& standing : all) {
        out.comparisons.push_back(comparison_of(experiment, standing));
        const auto& needed = out.comparisons.back().users_needed;
        if (standing.role == MetricRole::primary && needed) {
            out.users_needed = std::max(out.users_needed.value_or(0), *needed);
        }
    }
    const Decided decided = decide(experiment, all, now_us);
    out.verdict = decided.verdict;
    if (decided.winner) {
        out.winner = row.arms[*decided.winner].name;
    }
    const RatioInput input(experiment);
    out.sample_ratio = {sample_ratio_alarm(experiment.sums), experiment.sums.sample_ratio_log_e,
                        stats::sample_ratio_p(input.ratio())};
    out.min_sample_size = row.min_sample_size;
    out.adjusted_by_covariate = experiment.sums.adjusted;
    out.analyzed_at_us = now_us;
    out.reason = reason_of(experiment, decided, out);
    return out;
}

}  // namespace credence::skills
