// Does a series rise or fall over time, whatever the shape, and by how much a unit of time? Pure
// and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "stats/estimate.h"

namespace credence::stats {

constexpr std::size_t kMaxTrendPoints = 1'000;

struct Observation {
    double at = 0;      // in any unit; strictly increasing through a series (CHECK)
    double value = 0;   // finite (CHECK)
    double weight = 1;  // how many cases the value is the mean of: positive and finite (CHECK)
};

struct MonotoneTrend {
    std::int64_t n = 0;             // observations
    double statistic = 0;           // sum over pairs of weight * sign(later - earlier)
    double tau = 0;                 // the statistic over the sum of the weights, in [-1, 1]
    double variance = 0;            // of the statistic, if order meant nothing; corrected
    double variance_factor = 1;     // by how much autocorrelation widened it, at least 1
    double p = 1;                   // two-sided
    std::string_view method;        // how p was found
    std::optional<Estimate> slope;  // per unit of `at`; none if no interval is finite
};

struct TrendOptions {
    bool correct_autocorrelation = true;
};

// The Mann-Kendall test. S = sum over i < j of w_ij sign(y_j - y_i), with variance over all orders
// of the values:
//   V = (A1 - A2)(B1 - B2) / (n(n-1)(n-2)) + A2 B2 / (2n(n-1)),
//   A1 = sum_i (sum_j a_ij)^2, A2 = sum_ij a_ij^2, a_ij = w_ij sign(j - i),
//   B1, B2 the same of b_ij = sign(y_j - y_i),
// which is Kendall's n(n-1)(2n+5)/18 less its tie terms when all weights are 1.
// H. B. Mann, Econometrica 13 (1945), 245-259; M. G. Kendall, Rank Correlation Methods (1948); the
// variance for any scores: H. E. Daniels, Biometrika 33 (1944), 129-135.
// Where counts differ, w_ij = sqrt(2 n_i n_j / (n_i + n_j)), the inverse standard deviation of a
// difference of two means, as in weighted rank regression (G. L. Sievers, JASA 73 (1978), 628-631).
//
// p is exact (the number of inversions of a random order) for up to 30 observations without ties,
// unequal weights or autocorrelation; otherwise normal with continuity correction.
//
// Autocorrelation: V is multiplied by 1 + 2/(n(n-1)(n-2)) sum_k (n-k)(n-k-1)(n-k-2) rho^k, K. H.
// Hamed and A. R. Rao, Journal of Hydrology 204 (1998), 182-196; chosen over Yue and Wang (2004)
// because its weights are those of S itself and it works on ranks, so that one wild day does not
// move it. Their estimates lag by lag are far too low in short series; so rho comes from the first
// autocorrelation r of the ranks after Theil-Sen's line is taken out, less its bias:
// rho = (n r + 2) / (n - 4), K. H. Hamed, Journal of Hydrology 368 (2009), 143-155. It is used if r
// is above 1.28/sqrt(n) - 2/n (one-sided 10 % around its expectation) and n is 8 or more; the
// factor is never below 1. What remains, simulated: for rho = .5, 15 % false trends at p < .05 with
// 14 days (uncorrected 20 %), 9 % with 30, 7 % with 60; noise within the days hides part of it (13
// % with 60 days at .7 in trend_simulation.h).
//
// The slope is Theil-Sen's: the median, weighted by w_ij, of (y_j - y_i)/(t_j - t_i), with the
// 95 % interval of all slopes that the test does not reject, with the corrected variance. P. K.
// Sen, JASA 63 (1968), 1379-1389. With 4 observations it is the range of all slopes.
//
// nullopt for fewer than 4 observations; at most kMaxTrendPoints (CHECK). A constant series has
// p = 1 and slope 0. O(n^2 log n) time, O(n^2) memory.
std::optional<MonotoneTrend> mann_kendall(std::span<const Observation> series,
                                          const TrendOptions& options = {});

}  // namespace credence::stats
