// Has something lately happened too rarely or too often for what the baseline says? The posterior
// predictive test of a count, aware that periods (hours) differ more than a Poisson process.
// Pure and thread-safe.
//
// Events of period i ~ Poisson(rate * g_i * exposure_i), g_i ~ Gamma with mean 1 and variance d
// (the dispersion), so a count has mean m and variance m + d m^2: negative binomial (M. Greenwood,
// G. U. Yule, Journal of the Royal Statistical Society 83 (1920), 255-279; A. C. Cameron,
// P. K. Trivedi, "Regression Analysis of Count Data", 2nd ed. (2013), section 3.3, NB2). Given d
// the rate is Gamma with shape 1/2 + sum m_i / (1 + d m_i) (Jeffreys' prior; exact conjugacy at
// d = 0); d is averaged over a grid with the likelihood of the periods and a flat prior. What is
// predicted is the mixture of negative binomials with the variances of both sources, d taken
// kVolumeCaution times as large, as fitted dispersions turn out low (without it false alarms
// double): P(X <= k) = I_p(r, k + 1), p = r / (r + m) (DLMF 8.17).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stats/anomaly/anomaly.h"

namespace credence::stats {

// events >= 0; exposure > 0 in any unit of time, the same for all (CHECK). Periods without events
// must be given too. An exposure may be multiplied by a seasonal factor (season.h).
struct PeriodCount {
    std::int64_t events = 0;
    double exposure = 1;
};

inline constexpr std::array<double, 10> kVolumeDispersions = {0,   0.02, 0.05, 0.1, 0.2,
                                                              0.4, 0.8,  1.5,  3,   6};

inline constexpr double kVolumeCaution = 1.25;

struct VolumePart {
    double weight = 0;  // sums to 1
    double shape = 1;   // of the Gamma distribution of the rate; its mean is VolumeBaseline's
    double dispersion = 0;
};

struct VolumeBaseline {
    std::array<VolumePart, kVolumeDispersions.size()> parts;
    double rate = 0;  // posterior mean, events per unit of exposure
    std::int64_t events = 0;
    std::int64_t periods = 0;
};

// Unknown with fewer periods than this: nothing can be said of how they differ.
inline constexpr std::size_t kMinVolumePeriods = 5;

// Cost: 10 log-gamma terms a period.
std::optional<VolumeBaseline> fit_volume_baseline(std::span<const PeriodCount> periods);

// Posterior mean of the rate, n = periods, equal-tailed 95 % interval of the Gamma distribution
// with the mixture's mean and variance ("gamma_credible_95").
Estimate volume_estimate(const VolumeBaseline& baseline);

// Exact two-sided test by doubling; `observed` is in events per unit of exposure. Unknown without
// recent periods. Cost: 20 incomplete beta functions (about 20 us).
std::optional<AnomalyTest> volume_anomaly(const VolumeBaseline& baseline,
                                          std::span<const PeriodCount> recent);

// P(X <= k) and P(X >= k) of the negative binomial distribution with this mean and size r
// (variance mean + mean^2 / r). Both positive, k >= 0 (CHECK). Relative error below 1e-11.
Tails negative_binomial_tails(double mean, double size, std::int64_t k);

}  // namespace credence::stats
