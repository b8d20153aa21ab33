#include "stats/anomaly/season.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "stats/anomaly/dispersion.h"
#include "stats/beta.h"

namespace credence::stats {
namespace {

// Hours that differ by chance only still get this much of their own; more would be all of it.
constexpr double kMinFactorVariance = 1e-4;
constexpr double kMaxFactorVariance = 100;

BetaShape cell_posterior(const SeasonalRates& rates, std::size_t hour, double dispersion) {
    const double overall = rate_estimate(rates.overall).value;
    const PeriodTrials& cell = rates.cells[hour];
    const double successes = static_cast<double>(cell.successes);
    const double failures = static_cast<double>(cell.trials) - successes;
    // The runs of one week's hour resemble each other: the variance of their pooled share grows.
    const double effect = 1 + rates.shared[hour] * dispersion;
    return {overall * rates.alike[hour] + successes / effect,
            (1 - overall) * rates.alike[hour] + failures / effect};
}

// An hour's rate is uncertain because hours differ and because the overall rate is an estimate.
void fit_alike(SeasonalRates& rates) {
    const double overall = rate_estimate(rates.overall).value;
    std::vector<DispersionLogs> hours;
    hours.reserve(kHoursOfWeek);
    for (const PeriodTrials& cell : rates.cells) {
        hours.push_back(dispersion_likelihoods({&cell, 1}, {&overall, 1}));
    }
    double unknown = 0;
    for (const RatePart& part : rates.overall.parts) {
        unknown += part.weight / (part.mean.alpha + part.mean.beta + 1);
    }
    const DispersionWeights prior = learn_dispersion_prior(hours);
    for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
        const DispersionWeights weights = dispersion_posterior(prior, hours[hour]);
        double between = 0;
        for (std::size_t step = 0; step < kDispersionSteps; ++step) {
            between += weights[step] * kDispersions[step];
        }
        rates.alike[hour] = 1 / (1 - (1 - between) * (1 - unknown)) - 1;
    }
}

struct Cell {
    double events = 0;
    double exposure = 0;
};

// Method of moments: E((y - e)^2) = e + v e^2 for an hour where e events are expected.
double factor_variance(std::span<const Cell> cells, double rate) {
    double excess = 0;
    double squares = 0;
    for (const Cell& cell : cells) {
        const double expected = rate * cell.exposure;
        excess += (cell.events - expected) * (cell.events - expected) - expected;
        squares += expected * expected;
    }
    return std::clamp(excess / squares, kMinFactorVariance, kMaxFactorVariance);
}

}  // namespace

std::optional<SeasonalRates> fit_seasonal_rates(std::span<const SeasonalTrials> periods) {
    SeasonalRates rates;
    std::vector<PeriodTrials> trials;
    trials.reserve(periods.size());
    for (const SeasonalTrials& period : periods) {
        CHECK(period.hour < kHoursOfWeek, "a week has 168 hours");
        rates.cells[period.hour].successes += period.trials.successes;
        rates.cells[period.hour].trials += period.trials.trials;
        const auto runs = static_cast<double>(period.trials.trials);
        rates.shared[period.hour] += runs * (runs - 1);
        trials.push_back(period.trials);
    }
    const auto overall = fit_rate_baseline(rates.cells);
    if (!overall) {
        return std::nullopt;
    }
    rates.overall = *overall;
    for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
        const auto runs = static_cast<double>(rates.cells[hour].trials);
        rates.shared[hour] = runs > 0 ? rates.shared[hour] / runs : 0;
    }
    fit_alike(rates);
    std::vector<double> means;
    means.reserve(periods.size());
    for (const SeasonalTrials& period : periods) {
        means.push_back(beta_mean(cell_posterior(rates, period.hour, 0)));
    }
    rates.likelihoods = dispersion_likelihoods(trials, means);
    return rates;
}

RateBaseline seasonal_baseline(const SeasonalRates& rates, std::size_t hour) {
    CHECK(hour < kHoursOfWeek, "a week has 168 hours");
    CHECK(rates.alike[hour] > 0, "the rates have been fitted");
    RateBaseline baseline;
    baseline.part_count = kDispersionSteps;
    baseline.trials = rates.cells[hour].trials;
    baseline.likelihoods = rates.likelihoods;
    for (std::size_t step = 0; step < kDispersionSteps; ++step) {
        baseline.parts[step] = {0, cell_posterior(rates, hour, kDispersions[step]),
                                kDispersions[step]};
    }
    return with_dispersion_prior(baseline, cautious_dispersion_prior());
}

std::array<double, kHoursOfWeek> seasonal_factors(std::span<const SeasonalCount> periods) {
    std::array<double, kHoursOfWeek> factors;
    factors.fill(1);
    std::array<Cell, kHoursOfWeek> cells{};
    Cell all;
    for (const SeasonalCount& period : periods) {
        CHECK(period.hour < kHoursOfWeek, "a week has 168 hours");
        CHECK(period.count.events >= 0 && period.count.exposure > 0,
              "impossible count or exposure");
        const double events = static_cast<double>(period.count.events);
        cells[period.hour].events += events;
        cells[period.hour].exposure += period.count.exposure;
        all.events += events;
        all.exposure += period.count.exposure;
    }
    if (all.events == 0) {
        return factors;
    }
    const double rate = all.events / all.exposure;
    const double alike = 1 / factor_variance(cells, rate);
    double weighted = 0;
    for (std::size_t hour = 0; hour < kHoursOfWeek; ++hour) {
        const double expected = rate * cells[hour].exposure;
        factors[hour] = (alike + cells[hour].events) / (alike + expected);
        weighted += factors[hour] * cells[hour].exposure;
    }
    for (double& factor : factors) {
        factor *= all.exposure / weighted;
    }
    return factors;
}

}  // namespace credence::stats
