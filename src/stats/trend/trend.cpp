#include "stats/trend/trend.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.h"

namespace credence::stats {
namespace {

constexpr std::size_t kLeastObservations = 4;
constexpr std::size_t kLeastCorrelated = 8;
constexpr std::size_t kMostExact = 30;
constexpr double kNormal90 = 1.2815515655446004;  // 90 % quantile
constexpr double kMostCorrelation = 0.99;
constexpr double kRounding = 1e-9;  // relative, of sums of weights

struct Slope {
    double value = 0;
    double weight = 0;
};

double sign(double x) {
    return static_cast<double>(x > 0) - static_cast<double>(x < 0);
}

void check_series(std::span<const Observation> series) {
    CHECK(series.size() <= kMaxTrendPoints, "too many observations");
    for (std::size_t i = 0; i < series.size(); ++i) {
        CHECK(std::isfinite(series[i].at) && std::isfinite(series[i].value), "finite observations");
        CHECK(std::isfinite(series[i].weight) && series[i].weight > 0, "weights are positive");
        CHECK(i == 0 || series[i - 1].at < series[i].at, "observations in the order of time");
    }
}

bool equal_weights(std::span<const Observation> series) {
    return std::ranges::all_of(
        series, [&](const Observation& one) { return one.weight == series.front().weight; });
}

// What the statistic and its variance are made of (Daniels 1944).
struct Sums {
    double statistic = 0;
    double weights = 0;
    double least_weight = 0;
    double variance = 0;
    bool tied = false;
    bool weighted = false;
};

class Pairs {
public:
    explicit Pairs(std::span<const Observation> series)
        : series_(series), weighted_(!equal_weights(series)) {}

    bool weighted() const { return weighted_; }

    double weight(std::size_t i, std::size_t j) const {
        if (!weighted_) {
            return 1;
        }
        const double a = series_[i].weight;
        const double b = series_[j].weight;
        return std::sqrt(2 / (1 / a + 1 / b));
    }

private:
    std::span<const Observation> series_;
    bool weighted_;
};

Sums sums_of(std::span<const Observation> series, const Pairs& pairs) {
    const std::size_t n = series.size();
    Sums sums{.least_weight = pairs.weight(0, 1), .weighted = pairs.weighted()};
    std::vector<double> time_rows(n);
    std::vector<double> value_rows(n);
    double time_squares = 0;
    double value_squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            const double weight = pairs.weight(i, j);
            const double order = sign(series[j].value - series[i].value);
            sums.statistic += weight * order;
            sums.weights += weight;
            sums.least_weight = std::min(sums.least_weight, weight);
            sums.tied = sums.tied || order == 0;
            time_rows[i] += weight;
            time_rows[j] -= weight;
            value_rows[i] += order;
            value_rows[j] -= order;
            time_squares += 2 * weight * weight;
            value_squares += 2 * order * order;
        }
    }
    double time_row_squares = 0;
    double value_row_squares = 0;
    for (std::size_t i = 0; i < n; ++i) {
        time_row_squares += time_rows[i] * time_rows[i];
        value_row_squares += value_rows[i] * value_rows[i];
    }
    const double count = static_cast<double>(n);
    sums.variance = (time_row_squares - time_squares) * (value_row_squares - value_squares) /
                        (count * (count - 1) * (count - 2)) +
                    time_squares * value_squares / (2 * count * (count - 1));
    return sums;
}

std::vector<Slope> slopes_of(std::span<const Observation> series, const Pairs& pairs) {
    std::vector<Slope> slopes;
    slopes.reserve(series.size() * (series.size() - 1) / 2);
    for (std::size_t i = 0; i < series.size(); ++i) {
        for (std::size_t j = i + 1; j < series.size(); ++j) {
            slopes.push_back({(series[j].value - series[i].value) / (series[j].at - series[i].at),
                              pairs.weight(i, j)});
        }
    }
    std::ranges::sort(slopes, {}, &Slope::value);
    return slopes;
}

// The first slope with at least `mass` at or below it, from either end.
template <class Range>
double reach(const Range& slopes, double mass) {
    double seen = 0;
    double value = 0;
    for (const Slope& slope : slopes) {
        value = slope.value;
        seen += slope.weight;
        if (seen >= mass * (1 - kRounding)) {
            break;
        }
    }
    return value;
}

double from_below(std::span<const Slope> slopes, double mass) {
    return reach(slopes, mass);
}

double from_above(std::span<const Slope> slopes, double mass) {
    const std::vector<Slope> reversed(slopes.rbegin(), slopes.rend());
    return reach(reversed, mass);
}

double median(std::span<const Slope> slopes, double weights) {
    return std::midpoint(from_below(slopes, weights / 2), from_above(slopes, weights / 2));
}

// Ranks from 1, the mean rank for ties.
std::vector<double> ranks_of(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    std::ranges::sort(sorted);
    std::vector<double> ranks;
    ranks.reserve(values.size());
    for (const double value : values) {
        const auto same = std::ranges::equal_range(sorted, value);
        const auto before = static_cast<double>(same.begin() - sorted.begin());
        ranks.push_back(before + (static_cast<double>(same.size()) + 1) / 2);
    }
    return ranks;
}

// Hamed and Rao's n / n*, with the autocorrelations of a first-order process.
double variance_factor(std::span<const Observation> series, double slope) {
    std::vector<double> residuals;
    residuals.reserve(series.size());
    for (const Observation& one : series) {
        residuals.push_back(one.value - slope * (one.at - series.front().at));
    }
    std::vector<double> ranks = ranks_of(residuals);
    const double n = static_cast<double>(ranks.size());
    double squares = 0;
    for (double& rank : ranks) {
        rank -= (n + 1) / 2;
        squares += rank * rank;
    }
    if (squares == 0 || series.size() < kLeastCorrelated) {
        return 1;
    }
    const double threshold = kNormal90 / std::sqrt(n) - 2 / n;
    double products = 0;
    for (std::size_t i = 1; i < ranks.size(); ++i) {
        products += ranks[i] * ranks[i - 1];
    }
    if (products / squares <= threshold) {
        return 1;
    }
    // Taking the line out lowers r by about (2 + 4 rho) / n.
    const double rho = std::min(kMostCorrelation, (n * products / squares + 2) / (n - 4));
    double sum = 0;
    double power = 1;
    for (double left = n - 1; left > 2; --left) {
        power *= rho;
        sum += left * (left - 1) * (left - 2) * power;
    }
    return 1 + 2 * sum / (n * (n - 1) * (n - 2));
}

// P(|S| >= |statistic|) for a random order of n different values: one value after the other takes
// its place and adds 0 to i inversions, all as likely.
double exact_p(std::size_t n, double statistic) {
    const std::size_t pairs = n * (n - 1) / 2;
    const auto fewest = static_cast<std::size_t>(
        std::lround((static_cast<double>(pairs) - std::fabs(statistic)) / 2));
    std::vector<double> chances(fewest + 1);
    chances[0] = 1;
    for (std::size_t size = 2; size <= n; ++size) {
        std::vector<double> next(fewest + 1);
        for (std::size_t count = 0; count <= fewest; ++count) {
            for (std::size_t added = 0; added < size && added <= count; ++added) {
                next[count] += chances[count - added] / static_cast<double>(size);
            }
        }
        chances.swap(next);
    }
    double tail = 0;
    for (const double chance : chances) {
        tail += chance;
    }
    return std::min(1.0, 2 * tail);
}

// The continuity correction is half the smallest step of the statistic.
double normal_p(const Sums& sums, double variance) {
    const double excess = std::max(0.0, std::fabs(sums.statistic) - sums.least_weight);
    return variance > 0 ? std::erfc(excess / std::sqrt(2 * variance)) : 1;
}

std::optional<Estimate> slope_of(std::span<const Slope> slopes, const Sums& sums,
                                 const MonotoneTrend& trend) {
    const double reach_mass = (sums.weights - kNormal95 * std::sqrt(trend.variance)) / 2;
    if (reach_mass <= 0) {
        return std::nullopt;
    }
    return Estimate{median(slopes, sums.weights),
                    trend.n,
                    {from_below(slopes, reach_mass), from_above(slopes, reach_mass)},
                    sums.weighted ? "theil_sen_weighted_95" : "theil_sen_95"};
}

}  // namespace

std::optional<MonotoneTrend> mann_kendall(std::span<const Observation> series,
                                          const TrendOptions& options) {
    check_series(series);
    if (series.size() < kLeastObservations) {
        return std::nullopt;
    }
    const Pairs pairs(series);
    const Sums sums = sums_of(series, pairs);
    const std::vector<Slope> slopes = slopes_of(series, pairs);
    MonotoneTrend trend;
    trend.n = static_cast<std::int64_t>(series.size());
    trend.statistic = sums.statistic;
    trend.tau = sums.statistic / sums.weights;
    if (options.correct_autocorrelation) {
        trend.variance_factor = variance_factor(series, median(slopes, sums.weights));
    }
    trend.variance = sums.variance * trend.variance_factor;
    const bool widened = trend.variance_factor > 1;
    if (series.size() <= kMostExact && !sums.tied && !sums.weighted && !widened) {
        trend.p = exact_p(series.size(), sums.statistic);
        trend.method = "mann_kendall_exact";
    } else {
        trend.p = normal_p(sums, trend.variance);
        trend.method = widened         ? "mann_kendall_autocorrelated"
                       : sums.weighted ? "mann_kendall_weighted"
                                       : "mann_kendall";
    }
    trend.slope = slope_of(slopes, sums, trend);
    return trend;
}

}  // namespace credence::stats
