// Does a success rate rise or fall over days, given how many runs each day had? Pure and
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "stats/estimate.h"
#include "stats/trend/trend.h"

namespace credence::stats {

// A whole day: the caller leaves out the first and the last if they are partial.
struct DayCount {
    double day = 0;  // strictly increasing through a series, finite (CHECK)
    std::int64_t successes = 0;
    std::int64_t n = 0;  // 0 <= successes <= n (CHECK); days with n = 0 are skipped
};

struct RateTrend {
    std::int64_t days = 0;  // with runs
    std::int64_t n = 0;     // runs
    std::int64_t successes = 0;
    double dispersion = 1;      // variance between days over the binomial one, as used
    double raw_dispersion = 1;  // as this series alone shows it
    double p = 1;               // two-sided: is there a trend at all
    Estimate log_odds_per_day;
    Estimate share_per_day;  // mean change of the rate from the first day to the last
    double share_first = 0;  // fitted rate of the first and of the last day
    double share_last = 0;
};

// What other series say about dispersion, worth so many degrees of freedom.
struct DispersionPrior {
    double scale = 1;
    double degrees = 0;
};

struct RateTrendOptions {
    // Jeffreys' penalty: finite even if all failures are at one end, or there are none.
    bool reduce_bias = true;
    // Days that vary less than chance do not make us surer.
    double least_dispersion = 1;
    DispersionPrior prior = {};  // scale > 0, 0 <= degrees <= kMostDegrees (CHECK)
};

constexpr double kMostDegrees = 1e6;

// Logistic regression of the daily counts on time, logit p(t) = a + b t, fitted by iteratively
// reweighted least squares; variance phi n p (1-p) with phi = Pearson's chi-squared / (days - 2)
// (P. McCullagh and J. A. Nelder, Generalized Linear Models, 2nd ed. (1989), sections 4.5 and 9.2).
// The likelihood carries Jeffreys' prior, l*(a, b) = l(a, b) + log det I(a, b) / 2 (D. Firth,
// Biometrika 80 (1993), 27-38).
// A few days hardly show their own dispersion: phi is (d0 s0 + (days - 2) phi) / (d0 + days - 2)
// with the prior of the other series (G. K. Smyth, Statistical Applications in Genetics and
// Molecular Biology 3 (2004), article 3; for quasi-likelihood S. P. Lund et al., the same journal
// 11 (2012), article 8), and at least 1. Without a prior d0 is 0, which costs much power below some
// 20 days. p: F = 2 (l*(fit) - l*(b = 0)) / phi on (1, days - 2 + d0) degrees of freedom. The 95 %
// interval of b is the profile: all slopes that this test would not reject, so that it excludes 0
// exactly when p < .05 (G. Heinze and M. Schemper, Statistics in Medicine 21 (2002), 2409-2419). It
// ends where the log-odds would change by 500 over the series. The share a day is the fitted change
// between the first and the last day over their distance; its interval has the shares at the ends
// of the interval of b.
//
// phi grows with noise between days but knows nothing of their order: where the log-odds of a day
// follow those of the day before (.5), 13 % of 30-day series without a trend have p < .05.
// mann_kendall, which corrects for it, has 8 %: believe a trend there if both see it.
//
// nullopt for fewer than 3 days with runs (no dispersion can be known), or if nothing was fitted
// (only without the penalty, when all failures are on one side). At most kMaxTrendPoints days
// (CHECK). O(days) an iteration, some hundred iterations at most.
std::optional<RateTrend> rate_trend(std::span<const DayCount> series,
                                    const RateTrendOptions& options = {});

// The prior from the trends of many series, found without one: degrees and scale that explain mean
// and variance of log phi (Smyth 2004, section 6.2). Only series with at least 10 successes and 10
// failures count: elsewhere phi is not like chi-squared. No prior (0 degrees) from fewer than 10 of
// them. O(trends).
DispersionPrior fit_dispersion_prior(std::span<const RateTrend> trends);

}  // namespace credence::stats
