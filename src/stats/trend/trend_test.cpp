#include "stats/trend/trend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace credence::stats {
namespace {

std::vector<Observation> series_of(const std::vector<double>& times,
                                   const std::vector<double>& values) {
    std::vector<Observation> series;
    for (std::size_t i = 0; i < times.size(); ++i) {
        series.push_back({times[i], values[i]});
    }
    return series;
}

std::vector<Observation> daily(const std::vector<double>& values) {
    std::vector<double> days(values.size());
    std::iota(days.begin(), days.end(), 0.0);
    return series_of(days, values);
}

struct SeriesReference {
    std::vector<double> times;
    std::vector<double> values;
    std::vector<double> numbers;  // statistic, variance, factor, p, slope, low, high
};

const std::vector<SeriesReference> kSeriesReferences = {
#include "stats/reference/trend_reference.inc"
};

TEST(MannKendall, AgreesWithTheReference) {
    ASSERT_EQ(kSeriesReferences.size(), 6U);
    for (const SeriesReference& reference : kSeriesReferences) {
        const auto found = mann_kendall(series_of(reference.times, reference.values));
        ASSERT_TRUE(found && found->slope);
        const auto& numbers = reference.numbers;
        EXPECT_DOUBLE_EQ(found->statistic, numbers[0]);
        EXPECT_NEAR(found->variance, numbers[1], 1e-9 * numbers[1]);
        EXPECT_NEAR(found->variance_factor, numbers[2], 1e-9);
        EXPECT_NEAR(found->p, numbers[3], 1e-9);
        EXPECT_NEAR(found->slope->value, numbers[4], 1e-9);
        EXPECT_NEAR(found->slope->interval.low, numbers[5], 1e-9);
        EXPECT_NEAR(found->slope->interval.high, numbers[6], 1e-9);
    }
}

// The example of Sen (1968), also in M. Hollander and D. A. Wolfe: slope 4.
TEST(MannKendall, FindsSensSlope) {
    const auto found =
        mann_kendall(series_of({1, 2, 3, 4, 10, 12, 18}, {9, 15, 19, 20, 45, 55, 78}));
    ASSERT_TRUE(found && found->slope);
    EXPECT_DOUBLE_EQ(found->slope->value, 4);
    EXPECT_EQ(found->slope->n, 7);
    EXPECT_EQ(found->slope->method, "theil_sen_95");
    EXPECT_DOUBLE_EQ(found->tau, 1);
    EXPECT_NEAR(found->p, 2.0 / 5040, 1e-15);  // one order of 7! and its reverse
    EXPECT_EQ(found->method, "mann_kendall_exact");
}

// M. G. Kendall, Rank Correlation Methods, appendix table 1: P(S >= 6) = .042 for n = 4,
// P(S >= 8) = .042 for n = 5.
TEST(MannKendall, HasKendallsExactChances) {
    EXPECT_NEAR(mann_kendall(daily({1, 2, 3, 4}))->p, 2.0 / 24, 1e-15);
    EXPECT_NEAR(mann_kendall(daily({1, 2, 3, 5, 4}))->p, 2 * 5.0 / 120, 1e-15);
}

// The closed variance against all orders of the values, with ties and unequal weights.
TEST(MannKendall, VarianceIsThatOfAllOrders) {
    const std::array<double, 6> weights = {1, 4, 2, 30, 7, 0.5};
    std::vector<double> values = {1, 2, 2, 3, 5, 8};
    double squares = 0;
    double sum = 0;
    double count = 0;
    double variance = 0;
    std::vector<int> order = {0, 1, 2, 3, 4, 5};
    do {
        std::vector<Observation> series;
        for (std::size_t i = 0; i < order.size(); ++i) {
            series.push_back(
                {static_cast<double>(i), values[static_cast<std::size_t>(order[i])], weights[i]});
        }
        const auto found = mann_kendall(series, {.correct_autocorrelation = false});
        sum += found->statistic;
        squares += found->statistic * found->statistic;
        variance = found->variance;
        ++count;
    } while (std::ranges::next_permutation(order).found);
    EXPECT_EQ(count, 720);
    EXPECT_NEAR(sum, 0, 1e-9);
    EXPECT_NEAR(variance, squares / count, 1e-9);
}

TEST(MannKendall, EqualWeightsOfAnySizeChangeNothing) {
    auto series = daily({3, 1, 4, 1, 5, 9, 2, 6, 5, 3});
    const auto plain = mann_kendall(series);
    for (Observation& one : series) {
        one.weight = 17;
    }
    const auto weighted = mann_kendall(series);
    EXPECT_DOUBLE_EQ(plain->p, weighted->p);
    EXPECT_DOUBLE_EQ(plain->slope->value, weighted->slope->value);
    EXPECT_DOUBLE_EQ(plain->slope->interval.low, weighted->slope->interval.low);
}

// Twelve heavy days on a line and two wild ones with next to no runs.
TEST(MannKendall, LightDaysHardlyCount) {
    std::vector<double> values;
    for (int day = 0; day < 14; ++day) {
        values.push_back(0.9 - 0.01 * day);
    }
    values[3] = 0;
    values[9] = 1;
    auto series = daily(values);
    const auto plain = mann_kendall(series);
    for (Observation& one : series) {
        one.weight = 100;
    }
    series[3].weight = 0.01;
    series[9].weight = 0.01;
    const auto weighted = mann_kendall(series);
    EXPECT_EQ(weighted->method, "mann_kendall_weighted");
    EXPECT_EQ(weighted->slope->method, "theil_sen_weighted_95");
    EXPECT_LT(weighted->p, plain->p / 4);
    EXPECT_NEAR(weighted->slope->value, -0.01, 1e-9);
    EXPECT_NEAR(weighted->slope->interval.low, -0.01, 1e-9);
    EXPECT_NEAR(weighted->slope->interval.high, -0.01, 1e-9);
}

TEST(MannKendall, AutocorrelationWidens) {
    std::vector<double> values;
    for (int day = 0; day < 48; ++day) {
        values.push_back(std::sin(day / 4.0) + 0.01 * day);
    }
    const auto corrected = mann_kendall(daily(values));
    const auto plain = mann_kendall(daily(values), {.correct_autocorrelation = false});
    EXPECT_EQ(corrected->method, "mann_kendall_autocorrelated");
    EXPECT_GT(corrected->variance_factor, 2);
    EXPECT_DOUBLE_EQ(plain->variance_factor, 1);
    EXPECT_GT(corrected->p, plain->p);
    EXPECT_LT(corrected->slope->interval.low, plain->slope->interval.low);
}

TEST(MannKendall, ReversedTimeTurnsTheSign) {
    const std::vector<double> values = {2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9};
    std::vector<double> reversed(values.rbegin(), values.rend());
    const auto a = mann_kendall(daily(values));
    const auto b = mann_kendall(daily(reversed));
    EXPECT_DOUBLE_EQ(a->statistic, -b->statistic);
    EXPECT_DOUBLE_EQ(a->p, b->p);
    EXPECT_NEAR(a->slope->interval.low, -b->slope->interval.high, 1e-12);
}

TEST(MannKendall, ConstantSeriesHasNoTrend) {
    const auto found = mann_kendall(daily({1, 1, 1, 1, 1, 1, 1, 1}));
    EXPECT_DOUBLE_EQ(found->p, 1);
    EXPECT_DOUBLE_EQ(found->slope->value, 0);
}

TEST(MannKendall, FewObservationsAreUnknown) {
    EXPECT_FALSE(mann_kendall({}));
    EXPECT_FALSE(mann_kendall(daily({1, 2, 3})));
    const auto four = mann_kendall(daily({1, 2, 4, 8}));
    EXPECT_DOUBLE_EQ(four->slope->interval.low, 1);
    EXPECT_DOUBLE_EQ(four->slope->interval.high, 4);
}

TEST(MannKendallDeathTest, RefusesDisorder) {
    EXPECT_DEATH(mann_kendall(series_of({1, 1, 2, 3}, {1, 2, 3, 4})), "order of time");
}

}  // namespace
}  // namespace credence::stats
