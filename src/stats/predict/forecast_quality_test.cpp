#include "stats/predict/forecast_quality.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/random.h"
#include "stats/beta_sample.h"
#include "stats/reference/recommendation_reference.inc"

namespace credence::stats {
namespace {

namespace computed = recommendation_reference;

// The rows of tools/reference/recommendation.py, each its own cluster.
std::vector<Forecast> reference_forecasts() {
    std::vector<Forecast> forecasts;
    for (int i = 0; i < 400; ++i) {
        const double margin = ((i * 37) % 101 - 40) / 20.0;
        const double chance = 100 / (1 + std::exp(-0.7 * margin - 0.2));
        forecasts.push_back({1 / (1 + std::exp(-margin)), (i * 53 + i / 7) % 100 < chance,
                             static_cast<std::uint64_t>(i)});
    }
    return forecasts;
}

TEST(ForecastQuality, AgreesWithTheReference) {
    const std::optional<ForecastQuality> quality = forecast_quality(reference_forecasts(), 0.6);
    ASSERT_TRUE(quality.has_value());
    EXPECT_NEAR(quality->log_loss.value, computed::kLogLoss[0], 1e-12);
    EXPECT_NEAR(quality->base_log_loss.value, computed::kLogLoss[1], 1e-12);
    EXPECT_NEAR(quality->log_loss_gain.value, computed::kLogLoss[1] - computed::kLogLoss[0], 1e-12);
    EXPECT_NEAR(quality->brier.value, computed::kBrier[0], 1e-12);
    EXPECT_NEAR(quality->base_brier.value, computed::kBrier[1], 1e-12);
    EXPECT_NEAR(quality->ece.value, computed::kEce[0], 1e-12);
    EXPECT_NEAR(quality->base_ece.value, computed::kEce[1], 1e-12);
    EXPECT_EQ(quality->forecasts, 400);
    EXPECT_EQ(quality->log_loss.n, 400);
}

// The bootstrap of independent rows is the delta method's: +-1.96 standard errors of the mean.
TEST(ForecastQuality, IntervalsAgreeWithTheDeltaMethod) {
    const std::vector<Forecast> forecasts = reference_forecasts();
    const std::optional<ForecastQuality> quality =
        forecast_quality(forecasts, 0.6, {.seed = 1, .rounds = 2'000});
    ASSERT_TRUE(quality.has_value());
    double squares = 0;
    for (const Forecast& forecast : forecasts) {
        const double gap = forecast.probability - (forecast.outcome ? 1 : 0);
        squares += std::pow(gap * gap - quality->brier.value, 2);
    }
    const double half = 1.96 * std::sqrt(squares) / 400;
    EXPECT_NEAR(quality->brier.interval.low, quality->brier.value - half, 0.15 * half);
    EXPECT_NEAR(quality->brier.interval.high, quality->brier.value + half, 0.15 * half);
}

TEST(ForecastQuality, ClustersWidenTheInterval) {
    std::vector<Forecast> forecasts;
    for (std::uint64_t i = 0; i < 1'000; ++i) {
        forecasts.push_back({0.5 + (i % 20 < 10 ? 0.3 : -0.3), i % 20 < 7 || i % 20 == 15, i % 20});
    }
    const std::optional<ForecastQuality> by_user = forecast_quality(forecasts, 0.5);
    for (std::uint64_t i = 0; i < forecasts.size(); ++i) {
        forecasts[i].cluster = i;
    }
    const std::optional<ForecastQuality> by_row = forecast_quality(forecasts, 0.5);
    EXPECT_EQ(by_user->log_loss.n, 20);
    EXPECT_EQ(by_row->log_loss.n, 1'000);
    EXPECT_NEAR(by_user->log_loss.value, by_row->log_loss.value, 1e-12);
    const auto width = [](const Estimate& estimate) {
        return estimate.interval.high - estimate.interval.low;
    };
    EXPECT_GT(width(by_user->log_loss), 3 * width(by_row->log_loss));
}

TEST(ForecastQuality, CertaintyThatFailsIsExpensiveButFinite) {
    const std::vector<Forecast> forecasts{{1, false, 0}, {1, true, 1}};
    const std::optional<ForecastQuality> quality = forecast_quality(forecasts, 0.5);
    ASSERT_TRUE(quality.has_value());
    EXPECT_NEAR(quality->log_loss.value, -std::log(1e-9) / 2, 1e-6);
    EXPECT_NEAR(quality->ece.value, 0.5, 1e-12);
}

TEST(ForecastQuality, EqualForecastsShareABin) {
    std::vector<Forecast> forecasts;
    for (std::uint64_t i = 0; i < 100; ++i) {
        forecasts.push_back({0.5, i < 50, i});
    }
    EXPECT_NEAR(forecast_quality(forecasts, 0.5)->ece.value, 0, 1e-12);
    EXPECT_NEAR(forecast_quality(forecasts, 0.5)->log_loss.value, std::log(2), 1e-12);
    EXPECT_NEAR(forecast_quality(forecasts, 0.5)->log_loss_gain.interval.high, 0, 1e-12);
}

// The truth has no gain over itself, and the interval covers 0.
TEST(ForecastQuality, HonestForecastsAreCalibrated) {
    SeededRandom random(6);
    std::vector<Forecast> forecasts;
    for (std::uint64_t i = 0; i < 4'000; ++i) {
        const double p = uniform_sample(random);
        forecasts.push_back({p, uniform_sample(random) < p, i % 200});
    }
    const std::optional<ForecastQuality> quality =
        forecast_quality(forecasts, 0.5, {.seed = 2, .rounds = 100});
    EXPECT_LT(quality->ece.value, 0.03);
    EXPECT_NEAR(quality->brier.value, 1.0 / 6, 0.01);  // integral of p (1 - p)
    EXPECT_NEAR(quality->log_loss.value, 0.5, 0.02);   // integral of the entropy
    EXPECT_LE(quality->ece.interval.low, quality->ece.value);
    EXPECT_GE(quality->ece.interval.high, quality->ece.value);
}

TEST(ForecastQuality, OneClusterIsTooFew) {
    EXPECT_FALSE(forecast_quality({}, 0.5).has_value());
    const std::vector<Forecast> one{{0.5, true, 1}, {0.4, false, 1}};
    EXPECT_FALSE(forecast_quality(one, 0.5).has_value());
}

TEST(ForecastQualityDeathTest, RefusesWhatIsNoProbability) {
    const std::vector<Forecast> bad{{1.5, true, 1}, {0.4, false, 2}};
    EXPECT_DEATH(forecast_quality(bad, 0.5), "no probability");
    EXPECT_DEATH(forecast_quality({}, 2), "a share");
}

}  // namespace
}  // namespace credence::stats
