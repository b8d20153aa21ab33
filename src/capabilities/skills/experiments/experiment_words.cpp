#include "capabilities/skills/experiments/experiment_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace credence::skills {
namespace {

std::string effect_text(const Comparison& comparison) {
    const bool relative = comparison.metric == TestMetric::duration_seconds;
    const auto& figure = relative ? comparison.lift : comparison.difference;
    if (!figure) {
        return "the effect cannot be estimated now";
    }
    constexpr double kPerCent = 100;
    const double unit = relative ? kPerCent : 1;
    return fmt::format("{} {:+.4g}{} ({:+.4g} to {:+.4g}, {})", relative ? "lift" : "difference",
                       unit * figure->value, relative ? " %" : "", unit * figure->low,
                       unit * figure->high, figure->method);
}

std::string comparison_text(const Comparison& comparison) {
    std::string text = fmt::format("{} on {}: {}", comparison.group_name,
                                   enumerator_of(comparison.metric), effect_text(comparison));
    if (comparison.adjusted_p_value) {
        text += fmt::format(", p {:.3g} over all looks", *comparison.adjusted_p_value);
    }
    return text;
}

// Of one role, at most kMaxArms * kMaxTestMetrics.
std::string findings_text(const Analysis& analysis, MetricRole role, Finding finding) {
    std::string text;
    for (const Comparison& comparison : analysis.comparisons) {
        if (comparison.role == role && comparison.finding == finding) {
            text += (text.empty() ? "" : "; ") + comparison_text(comparison);
        }
    }
    return text;
}

std::string primaries_text(const Analysis& analysis) {
    std::string text;
    for (const Comparison& comparison : analysis.comparisons) {
        if (comparison.role == MetricRole::primary) {
            text += (text.empty() ? "" : "; ") + comparison_text(comparison);
        }
    }
    return text;
}

std::string mismatch_text(const Experiment& experiment) {
    std::string text = "The arms do not have the users they should, so nothing can be concluded:";
    double shares = 0;
    std::int64_t users = 0;
    for (std::size_t arm = 0; arm < experiment.row.arms.size(); ++arm) {
        shares += experiment.row.arms[arm].share;
        users += experiment.sums.arms[arm].assigned;
    }
    for (std::size_t arm = 0; arm < experiment.row.arms.size(); ++arm) {
        const double expected =
            static_cast<double>(users) * experiment.row.arms[arm].share / shares;
        text += fmt::format("{} {} has {}, {:.0f} were expected", arm == 0 ? "" : ";",
                            experiment.row.arms[arm].name, experiment.sums.arms[arm].assigned,
                            expected);
    }
    return text + ". Find what drops or moves users.";
}

std::string too_few_text(const Experiment& experiment, const Analysis& analysis) {
    std::string text = "Too few users with outcomes:";
    bool first = true;
    for (const MissingUsers& missing : missing_users(experiment)) {
        const std::string& name = experiment.row.arms[missing.arm].name;
        text += first ? " " : "; ";
        text += missing.users == 0 ? name + " has none, so nothing is known of it"
                                   : fmt::format("{} has {}", name, missing.users);
        text += fmt::format(" of {}", missing.wanted);
        first = false;
    }
    text += ".";
    if (analysis.users_needed) {
        text += fmt::format(
            " To find the least effect of interest in four of five tests, about {} users in each "
            "arm are needed.",
            *analysis.users_needed);
    }
    return text;
}

std::string undecided_text(const Analysis& analysis) {
    std::string text = "No difference is shown yet: " + primaries_text(analysis) + ".";
    if (analysis.verdict == Verdict::inconclusive) {
        text = "It is over, and no difference was shown: " + primaries_text(analysis) + ".";
    }
    if (analysis.users_needed) {
        text += fmt::format(
            " To find the least effect of interest in four of five tests, about {} users in each "
            "arm are needed.",
            *analysis.users_needed);
    }
    return text;
}

std::string better_text(const Experiment& experiment, const Decided& decided,
                        const Analysis& analysis) {
    std::string text =
        fmt::format("{} is better than {}: ", experiment.row.arms[decided.winner.value_or(0)].name,
                    experiment.row.arms[0].name);
    text += findings_text(analysis, MetricRole::primary, Finding::better) + ".";
    const std::string harms = findings_text(analysis, MetricRole::guardrail, Finding::worse);
    return harms.empty() ? text : text + " Harmed: " + harms + ".";
}

std::string worse_text(const Analysis& analysis) {
    const std::string worse = findings_text(analysis, MetricRole::primary, Finding::worse);
    const std::string harms = findings_text(analysis, MetricRole::guardrail, Finding::worse);
    std::string text;
    if (!worse.empty()) {
        text = "Worse than " + analysis.arms.front().group_name + ": " + worse + ".";
    }
    if (!harms.empty()) {
        text += (text.empty() ? "A guardrail is harmed: " : " Guardrails harmed: ") + harms + ".";
    }
    return text;
}

}  // namespace

std::vector<MissingUsers> missing_users(const Experiment& experiment) {
    const auto primary = std::ranges::find_if(experiment.row.metrics, [](const MetricPlan& plan) {
        return plan.role == MetricRole::primary;
    });
    const TestMetric metric =
        primary == experiment.row.metrics.end() ? TestMetric::completion_rate : primary->name;
    const std::int64_t wanted = std::max(experiment.row.min_sample_size, kLeastUsersToLook);
    std::vector<MissingUsers> missing;
    for (std::size_t arm = 0; arm < experiment.sums.arms.size(); ++arm) {
        const std::int64_t users = experiment.sums.arms[arm].users_of(metric);
        if (users < wanted) {
            missing.push_back({arm, users, wanted});
        }
    }
    return missing;
}

std::string reason_of(const Experiment& experiment, const Decided& decided,
                      const Analysis& analysis) {
    switch (decided.why) {
        case Why::mismatch:
            return mismatch_text(experiment);
        case Why::guardrail:
        case Why::worse:
            return worse_text(analysis);
        case Why::too_few:
            return too_few_text(experiment, analysis);
        case Why::better:
            return better_text(experiment, decided, analysis);
        case Why::negligible:
            return "An effect as large as the least of interest is excluded: " +
                   primaries_text(analysis) + ".";
        case Why::undecided:
            return undecided_text(analysis);
    }
    return {};
}

}  // namespace credence::skills
