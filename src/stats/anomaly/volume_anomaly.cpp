#include "stats/anomaly/volume_anomaly.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

#include "base/check.h"
#include "stats/gamma.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr double kPriorShape = 0.5;

namespace policies = boost::math::policies;

// Nothing throws: what lies outside a function's domain is caught by the CHECKs first.
using Quiet = policies::policy<policies::domain_error<policies::ignore_error>,
                               policies::pole_error<policies::ignore_error>,
                               policies::overflow_error<policies::ignore_error>,
                               policies::underflow_error<policies::ignore_error>,
                               policies::evaluation_error<policies::ignore_error>>;

// ln P(events) up to what does not depend on mean and dispersion.
double log_likelihood(std::int64_t events, double mean, double dispersion) {
    const double count = static_cast<double>(events);
    if (dispersion == 0) {
        return count * portable_log(mean) - mean;
    }
    const double size = 1 / dispersion;
    return portable_log_gamma(count + size) - portable_log_gamma(size) +
           size * portable_log(size / (size + mean)) + count * portable_log(mean / (size + mean));
}

struct Exposure {
    std::int64_t events = 0;
    double total = 0;
    double squares = 0;
};

Exposure exposure_of(std::span<const PeriodCount> periods) {
    Exposure exposure;
    for (const PeriodCount& period : periods) {
        CHECK(period.events >= 0 && period.exposure > 0 && std::isfinite(period.exposure),
              "impossible count or exposure");
        exposure.events += period.events;
        exposure.total += period.exposure;
        exposure.squares += period.exposure * period.exposure;
    }
    return exposure;
}

// 1 / shape is the relative variance of the rate: inverse-variance weights over the periods.
double rate_shape(std::span<const PeriodCount> periods, double rate, double dispersion) {
    double shape = kPriorShape;
    for (const PeriodCount& period : periods) {
        const double mean = rate * period.exposure;
        shape += mean / (1 + dispersion * mean);
    }
    return shape;
}

double relative_variance(const VolumeBaseline& baseline) {
    double variance = 0;
    for (const VolumePart& part : baseline.parts) {
        variance += part.weight / part.shape;
    }
    return variance;
}

// Of a recent total: unknown rate and the periods' own factors.
double predicted_relative_variance(const VolumePart& part, const Exposure& recent) {
    const double pairs = recent.squares / (recent.total * recent.total);
    const double between = kVolumeCaution * part.dispersion * pairs;
    return (1 + 1 / part.shape) * (1 + between) - 1;
}

}  // namespace

Tails negative_binomial_tails(double mean, double size, std::int64_t k) {
    CHECK(mean > 0 && size > 0 && std::isfinite(mean) && std::isfinite(size) && k >= 0,
          "impossible negative binomial");
    const double p = size / (size + mean);
    const double count = static_cast<double>(k);
    return {boost::math::ibeta(size, count + 1, p, Quiet()),
            k == 0 ? 1.0 : boost::math::ibetac(size, count, p, Quiet())};
}

std::optional<VolumeBaseline> fit_volume_baseline(std::span<const PeriodCount> periods) {
    const Exposure exposure = exposure_of(periods);
    if (periods.size() < kMinVolumePeriods) {
        return std::nullopt;
    }
    VolumeBaseline baseline;
    baseline.events = exposure.events;
    baseline.periods = static_cast<std::int64_t>(periods.size());
    const double events = static_cast<double>(exposure.events);
    baseline.rate = (kPriorShape + events) / exposure.total;
    // Without the prior's half event, so that at d = 0 the shape is exactly 1/2 + events.
    const double plain_rate = events / exposure.total;
    std::array<double, kVolumeDispersions.size()> log_likelihoods{};
    for (std::size_t step = 0; step < kVolumeDispersions.size(); ++step) {
        const double dispersion = kVolumeDispersions[step];
        for (const PeriodCount& period : periods) {
            log_likelihoods[step] +=
                log_likelihood(period.events, baseline.rate * period.exposure, dispersion);
        }
        baseline.parts[step] = {0, rate_shape(periods, plain_rate, dispersion), dispersion};
    }
    const double best = *std::ranges::max_element(log_likelihoods);
    double total = 0;
    for (std::size_t step = 0; step < kVolumeDispersions.size(); ++step) {
        baseline.parts[step].weight = portable_exp(log_likelihoods[step] - best);
        total += baseline.parts[step].weight;
    }
    for (VolumePart& part : baseline.parts) {
        part.weight /= total;
    }
    return baseline;
}

Estimate volume_estimate(const VolumeBaseline& baseline) {
    CHECK(baseline.rate > 0, "a baseline has been fitted");
    const double shape = 1 / relative_variance(baseline);
    const GammaShape gamma{shape, shape / baseline.rate};
    return {baseline.rate,
            baseline.periods,
            {gamma_quantile(gamma, kConfidenceTail), gamma_quantile(gamma, 1 - kConfidenceTail)},
            "gamma_credible_95"};
}

std::optional<AnomalyTest> volume_anomaly(const VolumeBaseline& baseline,
                                          std::span<const PeriodCount> recent) {
    const Exposure exposure = exposure_of(recent);
    if (recent.empty()) {
        return std::nullopt;
    }
    AnomalyTest test;
    test.baseline = volume_estimate(baseline);
    test.n = exposure.events;
    test.observed = static_cast<double>(exposure.events) / exposure.total;
    test.method = "gamma_poisson_predictive";
    test.tails = {0, 0};
    const double mean = baseline.rate * exposure.total;
    double variance = mean;
    for (const VolumePart& part : baseline.parts) {
        const double spread = predicted_relative_variance(part, exposure);
        const Tails tails = negative_binomial_tails(mean, 1 / spread, exposure.events);
        test.tails.at_most += part.weight * tails.at_most;
        test.tails.at_least += part.weight * tails.at_least;
        variance += part.weight * mean * mean * spread;
    }
    test.p_value = two_sided(test.tails);
    test.direction = test.tails.at_most < test.tails.at_least ? Direction::kLow : Direction::kHigh;
    test.deviation = (static_cast<double>(exposure.events) - mean) / std::sqrt(variance);
    return test;
}

}  // namespace credence::stats
