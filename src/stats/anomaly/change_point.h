// When did a series change its level, and how sure is the moment? Pure and thread-safe.
//
// Segments minimise sum of costs + penalty * changes, found exactly by PELT (R. Killick, P.
// Fearnhead, I. A. Eckley, "Optimal detection of changepoints with a linear computational cost",
// Journal of the American Statistical Association 107 (2012), 1590-1598). The cost of a segment is
// -2 ln of its greatest likelihood: binomial shares, or a normal mean with one known variance. The
// penalty is kPenaltyLogs * ln(points): Schwarz's criterion would be 2 ln n (a level and a place
// for each change), 3 ln n is the leading term of N. R. Zhang, D. O. Siegmund, "A modified Bayes
// information criterion", Biometrics 63 (2007), 22-32, and keeps false changes rare
// (anomaly_simulation.h measures how rare).
//
// Where a change is: each place between its neighbours weighs exp(-cost / 2) (profile likelihood,
// flat prior); the interval is the shortest run of places around the best that holds 95 % of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stats/anomaly/rate_anomaly.h"
#include "stats/estimate.h"

namespace credence::stats {

// Longest series (CHECK): aggregate to hours or days first. The worst case is quadratic, 0.1 s.
inline constexpr std::size_t kMaxSeries = 4096;

inline constexpr double kPenaltyLogs = 3;

// The first point of the new level lies in [first, last] with 95 % confidence and is best at
// `index`. Places count points of the series from 0.
struct ChangePoint {
    std::size_t index = 0;
    std::size_t first = 0;
    std::size_t last = 0;
    Estimate before;  // level of the segment that ends here ("wilson_95" or "normal_95")
    Estimate after;
};

// In order of place; empty when nothing changed, as for fewer than 2 points. Shares of successes;
// points without trials are allowed.
std::vector<ChangePoint> rate_changes(std::span<const PeriodTrials> series);

// Levels of a series of finite numbers (CHECK) with independent, roughly normal noise of one
// variance, which is estimated from the median absolute difference of neighbours: changes and
// outliers do not inflate it. Constant series have no changes.
std::vector<ChangePoint> mean_changes(std::span<const double> series);

}  // namespace credence::stats
