// Have there lately been too few or too many successes for what the baseline says? The posterior
// predictive test of a success rate, aware that periods (hours) may differ more than chance.
// Pure and thread-safe.
//
// In period i the success rate is drawn from a Beta distribution with mean m and intra-class
// correlation rho (variance m (1 - m) rho), then the runs are independent. Given rho the baseline
// says m ~ Beta(a + m' N, b + (1 - m') N), where N = sum n_i / (1 + (n_i - 1) rho) is the effective
// number of runs and m' the mean of the s_i / n_i weighted by the same terms (J. C. Kleinman,
// "Proportions with extraneous variance", Journal of the American Statistical Association 68
// (1973), 46-54); exact conjugacy at rho = 0. rho is not plugged in but averaged over a grid, with
// the beta-binomial likelihood of the periods times a prior: the cautious one, or better that of
// the family (dispersion.h). What is predicted for the recent periods is the mixture of
// beta-binomials with the variances of both sources (A. Gelman et al., "Bayesian Data Analysis",
// 3rd ed. (2013), sections 2.4, 5.3 and 6.3 on predictive p values).
//
// A stale baseline can be discounted: its effective number of runs is multiplied by a factor in
// (0, 1] (power prior: J. G. Ibrahim, M.-H. Chen, Statistical Science 15 (2000), 46-60).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stats/anomaly/anomaly.h"
#include "stats/anomaly/dispersion.h"
#include "stats/beta.h"

namespace credence::stats {

// 0 <= successes <= trials (CHECK). Periods without trials are allowed and say nothing.
struct PeriodTrials {
    std::int64_t successes = 0;
    std::int64_t trials = 0;
};

struct RateOptions {
    BetaShape prior = {0.5, 0.5};  // Jeffreys
    double discount = 1;           // in (0, 1]
};

struct RatePart {
    double weight = 0;  // sums to 1 over the parts
    BetaShape mean;     // what is known of the overall rate, given the dispersion
    double dispersion = 0;
};

// Fitted once, used for many tests; about 500 bytes.
struct RateBaseline {
    std::array<RatePart, kDispersionSteps> parts;
    std::size_t part_count = 0;  // kDispersionSteps, in the order of kDispersions, or 1
    std::int64_t trials = 0;
    DispersionLogs likelihoods{};  // logarithms; for learn_dispersion_prior
};

// With between-period variance as the periods show it. Few periods say little about it, and then
// the cautious prior decides. Unknown without trials. Cost: 10 log-gamma terms a period and
// step (0.1 ms for a week of hours).
std::optional<RateBaseline> fit_rate_baseline(std::span<const PeriodTrials> periods,
                                              const RateOptions& options = {});

// For a total without periods, or where runs are known to be independent: rho = 0, exact.
std::optional<RateBaseline> independent_rate_baseline(const PeriodTrials& total,
                                                      const RateOptions& options = {});

// The same baseline under another prior of the dispersion, such as the one that all skills'
// baselines taught; unchanged if its runs are independent. Constant cost.
RateBaseline with_dispersion_prior(const RateBaseline& baseline, const DispersionWeights& prior);

// How likely the periods are at each dispersion when each has its own known mean (season.h).
// `means` has the size of `periods`, strictly between 0 and 1 (CHECK).
DispersionLogs dispersion_likelihoods(std::span<const PeriodTrials> periods,
                                      std::span<const double> means);

// The baseline's success rate: posterior mean, n = trials, equal-tailed 95 % interval of the Beta
// distribution with the mixture's mean and variance ("beta_credible_95").
Estimate rate_estimate(const RateBaseline& baseline);

// Exact two-sided test by doubling. Unknown without recent trials. `observed` is a fraction.
// Cost: 10 beta-binomial sums of at most as many terms as there are recent trials (3 us for 50).
std::optional<AnomalyTest> rate_anomaly(const RateBaseline& baseline,
                                        std::span<const PeriodTrials> recent);

}  // namespace credence::stats
