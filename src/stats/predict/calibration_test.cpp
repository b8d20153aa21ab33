#include "stats/predict/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "stats/beta_sample.h"
#include "stats/reference/recommendation_reference.inc"

namespace credence::stats {
namespace {

namespace computed = recommendation_reference;

// The rows of tools/reference/recommendation.py.
std::vector<MarginOutcome> platt_rows() {
    std::vector<MarginOutcome> rows;
    for (int i = 0; i < 400; ++i) {
        const double margin = ((i * 37) % 101 - 40) / 20.0;
        const double chance = 100 / (1 + std::exp(-0.7 * margin - 0.2));
        rows.push_back({margin, (i * 53 + i / 7) % 100 < chance});
    }
    return rows;
}

TEST(Calibration, AgreesWithTheReference) {
    double successes = 0;
    for (const MarginOutcome& row : platt_rows()) {
        successes += row.success ? 1 : 0;
    }
    EXPECT_EQ(successes, computed::kPlattOutcomes[0]);
    const std::optional<PlattScale> scale = fit_platt(platt_rows());
    ASSERT_TRUE(scale.has_value());
    EXPECT_NEAR(scale->slope, computed::kPlattScale[0], 1e-9);
    EXPECT_NEAR(scale->intercept, computed::kPlattScale[1], 1e-9);
    EXPECT_EQ(scale->n, 400);
}

TEST(Calibration, FindsTheScaleThatMadeTheOutcomes) {
    SeededRandom random(2);
    std::vector<MarginOutcome> rows;
    for (int i = 0; i < 20'000; ++i) {
        const double margin = 2 * normal_sample(random);
        rows.push_back({margin, uniform_sample(random) < logistic(0.5 * margin - 0.3)});
    }
    const std::optional<PlattScale> scale = fit_platt(rows);
    ASSERT_TRUE(scale.has_value());
    EXPECT_NEAR(scale->slope, 0.5, 0.03);
    EXPECT_NEAR(scale->intercept, -0.3, 0.05);
}

TEST(Calibration, IsMeanPreserving) {
    const std::vector<MarginOutcome> rows = platt_rows();
    const std::optional<PlattScale> scale = fit_platt(rows);
    ASSERT_TRUE(scale.has_value());
    double sum = 0;
    for (const MarginOutcome& row : rows) {
        sum += calibrated(*scale, row.margin);
    }
    // The targets' sum: 247 * 248 / 249 + 153 / 155.
    EXPECT_NEAR(sum, 247 * 248.0 / 249 + 153 / 155.0, 1e-6);
}

TEST(Calibration, KnowsNothingOfTooLittleOrOneSidedOrSenseless) {
    std::vector<MarginOutcome> rows = platt_rows();
    EXPECT_FALSE(fit_platt(std::span(rows).first(kMinPlattRows - 1)).has_value());
    for (MarginOutcome& row : rows) {
        row.margin = -row.margin;
    }
    EXPECT_FALSE(fit_platt(rows).has_value());
    for (MarginOutcome& row : rows) {
        row.success = true;
    }
    EXPECT_FALSE(fit_platt(rows).has_value());
}

TEST(Calibration, SeparatedOutcomesStayFinite) {
    std::vector<MarginOutcome> rows;
    for (int i = 0; i < 200; ++i) {
        rows.push_back({i < 100 ? -1.0 - i : i - 99.0, i >= 100});
    }
    const std::optional<PlattScale> scale = fit_platt(rows);
    ASSERT_TRUE(scale.has_value());
    EXPECT_TRUE(std::isfinite(scale->slope) && std::isfinite(scale->intercept));
    EXPECT_GT(calibrated(*scale, 50), 0.98);
}

TEST(Calibration, LogisticAtItsEnds) {
    EXPECT_EQ(logistic(0), 0.5);
    EXPECT_NEAR(logistic(2), 0.8807970779778823, 1e-15);
    EXPECT_NEAR(logistic(-2), 0.11920292202211755, 1e-15);
    EXPECT_EQ(logistic(1e6), 1);
    EXPECT_LT(logistic(-1e6), 1e-300);
    EXPECT_LT(calibrated({}, 1e9), 1);
    EXPECT_GT(calibrated({}, -1e9), 0);
}

}  // namespace
}  // namespace credence::stats
