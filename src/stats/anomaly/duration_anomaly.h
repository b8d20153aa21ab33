// Have runs lately been too slow or too fast for what the baseline says? A robust test on the
// logarithm of the durations. Pure and thread-safe.
//
// Baseline: median m and scale s = 1.4826 * MAD of the natural logarithms (F. R. Hampel, Journal of
// the American Statistical Association 69 (1974), 383-393), at least kMinLogScale. Recent: median r
// of k logarithms. Var(median of k) / sigma^2 = v(k) = (pi/2) / (k + pi/2 - 1): exact for k = 1,
// right in the limit, within 3 % between for normal data. The test statistic
//   t = (r - m) / (s sqrt(v(k) + v(n)))
// is referred to Student's t with 0.15 (n - 1) degrees of freedom. For normal data 0.3675 (n - 1)
// would do, as the MAD carries 36.75 % of the information of the standard deviation (P. J. Huber,
// E. M. Ronchetti, "Robust Statistics", 2nd ed. (2009), section 5.1); fewer leave room for heavier
// tails, where the former doubled the false alarms. Single outliers on either side move nothing.
// Runs are taken as independent: where hours differ, feed one median per hour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stats/anomaly/anomaly.h"

namespace credence::stats {

inline constexpr std::size_t kMinBaselineDurations = 20;
inline constexpr std::size_t kMinRecentDurations = 5;
inline constexpr double kMinDurationSeconds = 1e-6;  // shorter ones count as this
inline constexpr double kMinLogScale = 0.01;         // differences of a per cent are not hunted

struct DurationBaseline {
    double log_median = 0;  // natural logarithm of seconds
    double log_scale = 0;
    std::int64_t n = 0;
};

// Seconds, finite, >= 0 (CHECK). Unknown with fewer than kMinBaselineDurations. Linear time and
// memory.
std::optional<DurationBaseline> fit_durations(std::span<const double> durations_s);

// The baseline's median in seconds with its 95 % interval ("log_median_t_95").
Estimate duration_estimate(const DurationBaseline& baseline);

// `observed` is the recent median in seconds. Unknown with fewer than kMinRecentDurations.
std::optional<AnomalyTest> duration_anomaly(const DurationBaseline& baseline,
                                            std::span<const double> recent_s);

}  // namespace credence::stats
