#include "stats/anomaly/rate_anomaly.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/beta_binomial.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

struct Totals {
    double successes = 0;
    double trials = 0;
};

double design_effect(double trials, double dispersion) {
    return 1 + (trials - 1) * dispersion;
}

// Each run weighs less when the runs of its period resemble each other.
Totals effective_totals(std::span<const PeriodTrials> periods, double dispersion) {
    Totals totals;
    for (const PeriodTrials& period : periods) {
        if (period.trials == 0) {
            continue;
        }
        const double effect = design_effect(static_cast<double>(period.trials), dispersion);
        totals.successes += static_cast<double>(period.successes) / effect;
        totals.trials += static_cast<double>(period.trials) / effect;
    }
    return totals;
}

BetaShape posterior(const Totals& totals, const RateOptions& options) {
    return {options.prior.alpha + options.discount * totals.successes,
            options.prior.beta + options.discount * (totals.trials - totals.successes)};
}

// ln of the probability of one order of the successes.
double log_likelihood(const PeriodTrials& period, double mean, double dispersion) {
    if (dispersion == 0) {
        const double successes = static_cast<double>(period.successes);
        const double failures = static_cast<double>(period.trials) - successes;
        return successes * portable_log(mean) + failures * portable_log(1 - mean);
    }
    const double concentration = 1 / dispersion - 1;
    return beta_binomial_log_likelihood({mean * concentration, (1 - mean) * concentration},
                                        period.trials, period.successes);
}

void check_periods(std::span<const PeriodTrials> periods) {
    for (const PeriodTrials& period : periods) {
        CHECK(period.successes >= 0 && period.successes <= period.trials,
              "more successes than trials");
    }
}

void check_options(const RateOptions& options) {
    CHECK(options.discount > 0 && options.discount <= 1, "a discount lies in (0, 1]");
    CHECK(options.prior.alpha > 0 && options.prior.beta > 0, "the prior is proper");
}

std::int64_t trials_of(std::span<const PeriodTrials> periods) {
    std::int64_t trials = 0;
    for (const PeriodTrials& period : periods) {
        trials += period.trials;
    }
    return trials;
}

struct MeanVariance {
    double mean = 0;
    double variance = 0;
};

// Law of total variance over the parts; each with its mean and intra-class correlation.
template <class Correlation>
MeanVariance mixture_moments(const RateBaseline& baseline, const Correlation& correlation) {
    double mean = 0;
    double square = 0;
    for (std::size_t i = 0; i < baseline.part_count; ++i) {
        const RatePart& part = baseline.parts[i];
        const double m = beta_mean(part.mean);
        mean += part.weight * m;
        square += part.weight * (m * m + m * (1 - m) * correlation(part));
    }
    return {mean, std::max(0.0, square - mean * mean)};
}

double mean_correlation(const RatePart& part) {
    return 1 / (part.mean.alpha + part.mean.beta + 1);
}

// The recent runs as one total: what share of pairs of them lies in the same period.
struct Recent {
    std::int64_t successes = 0;
    std::int64_t trials = 0;
    double shared_pairs = 0;
};

Recent total_of(std::span<const PeriodTrials> periods) {
    Recent recent;
    double pairs = 0;
    for (const PeriodTrials& period : periods) {
        const double trials = static_cast<double>(period.trials);
        recent.successes += period.successes;
        recent.trials += period.trials;
        pairs += trials * (trials - 1);
    }
    const double trials = static_cast<double>(recent.trials);
    recent.shared_pairs = recent.trials > 1 ? pairs / (trials * (trials - 1)) : 0;
    return recent;
}

// Correlation of two recent runs: they share the unknown mean, and perhaps their period.
double predictive_correlation(const RatePart& part, const Recent& recent) {
    return 1 - (1 - mean_correlation(part)) * (1 - part.dispersion * recent.shared_pairs);
}

}  // namespace

DispersionLogs dispersion_likelihoods(std::span<const PeriodTrials> periods,
                                      std::span<const double> means) {
    CHECK(periods.size() == means.size(), "one mean a period");
    check_periods(periods);
    DispersionLogs logs{};
    for (std::size_t i = 0; i < periods.size(); ++i) {
        CHECK(means[i] > 0 && means[i] < 1, "a mean lies within (0, 1)");
        for (std::size_t step = 0; step < kDispersionSteps; ++step) {
            logs[step] += log_likelihood(periods[i], means[i], kDispersions[step]);
        }
    }
    return logs;
}

RateBaseline with_dispersion_prior(const RateBaseline& baseline, const DispersionWeights& prior) {
    RateBaseline changed = baseline;
    if (baseline.part_count == kDispersionSteps) {
        const DispersionWeights weights = dispersion_posterior(prior, baseline.likelihoods);
        for (std::size_t step = 0; step < kDispersionSteps; ++step) {
            changed.parts[step].weight = weights[step];
        }
    }
    return changed;
}

std::optional<RateBaseline> fit_rate_baseline(std::span<const PeriodTrials> periods,
                                              const RateOptions& options) {
    check_periods(periods);
    check_options(options);
    RateBaseline baseline;
    baseline.trials = trials_of(periods);
    if (baseline.trials == 0) {
        return std::nullopt;
    }
    for (std::size_t step = 0; step < kDispersionSteps; ++step) {
        const double dispersion = kDispersions[step];
        const BetaShape shape = posterior(effective_totals(periods, dispersion), options);
        const double mean = beta_mean(shape);
        for (const PeriodTrials& period : periods) {
            baseline.likelihoods[step] += log_likelihood(period, mean, dispersion);
        }
        baseline.parts[step] = {0, shape, dispersion};
    }
    baseline.part_count = kDispersionSteps;
    return with_dispersion_prior(baseline, cautious_dispersion_prior());
}

std::optional<RateBaseline> independent_rate_baseline(const PeriodTrials& total,
                                                      const RateOptions& options) {
    check_periods({&total, 1});
    check_options(options);
    if (total.trials == 0) {
        return std::nullopt;
    }
    RateBaseline baseline;
    baseline.trials = total.trials;
    baseline.part_count = 1;
    baseline.parts[0] = {1, posterior(effective_totals({&total, 1}, 0), options), 0};
    return baseline;
}

Estimate rate_estimate(const RateBaseline& baseline) {
    CHECK(baseline.part_count > 0, "a baseline has been fitted");
    const MeanVariance moments = mixture_moments(baseline, mean_correlation);
    const double mean = moments.mean;
    const double concentration = mean * (1 - mean) / moments.variance - 1;
    const BetaShape shape{mean * concentration, (1 - mean) * concentration};
    return {mean,
            baseline.trials,
            {beta_quantile(shape, kConfidenceTail), beta_quantile(shape, 1 - kConfidenceTail)},
            "beta_credible_95"};
}

std::optional<AnomalyTest> rate_anomaly(const RateBaseline& baseline,
                                        std::span<const PeriodTrials> recent) {
    check_periods(recent);
    const Recent total = total_of(recent);
    if (total.trials == 0) {
        return std::nullopt;
    }
    AnomalyTest test;
    test.baseline = rate_estimate(baseline);
    test.n = total.trials;
    test.observed = static_cast<double>(total.successes) / static_cast<double>(total.trials);
    test.method = "beta_binomial_predictive";
    test.tails = {0, 0};
    for (std::size_t i = 0; i < baseline.part_count; ++i) {
        const RatePart& part = baseline.parts[i];
        const double concentration = 1 / predictive_correlation(part, total) - 1;
        const double mean = beta_mean(part.mean);
        const Tails tails = beta_binomial_tails({mean * concentration, (1 - mean) * concentration},
                                                total.trials, total.successes);
        test.tails.at_most += part.weight * tails.at_most;
        test.tails.at_least += part.weight * tails.at_least;
    }
    test.p_value = two_sided(test.tails);
    test.direction = test.tails.at_most < test.tails.at_least ? Direction::kLow : Direction::kHigh;
    // Var(K / n) = m (1 - m) (1 + (n - 1) correlation) / n.
    const double trials = static_cast<double>(total.trials);
    const MeanVariance predicted = mixture_moments(baseline, [&](const RatePart& part) {
        return (1 + (trials - 1) * predictive_correlation(part, total)) / trials;
    });
    test.deviation = (test.observed - predicted.mean) / std::sqrt(predicted.variance);
    return test;
}

}  // namespace credence::stats
