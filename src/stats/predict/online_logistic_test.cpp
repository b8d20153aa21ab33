#include "stats/predict/online_logistic.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "stats/beta_sample.h"
#include "stats/predict/calibration.h"
#include "stats/reference/recommendation_reference.inc"

namespace credence::stats {
namespace {

TEST(OnlineLogistic, AgreesWithTheReference) {
    OnlineLogistic model(3, {.alpha = 0.1, .beta = 1, .l1 = 0.05, .l2 = 0.5});
    for (int i = 0; i < 200; ++i) {
        const std::array<double, 3> x{1, ((i * 7) % 11 - 5) / 5.0, ((i * 3) % 7 - 3) / 3.0};
        model.learn(x, 0.3, (i * 29) % 10 < 5 + 3 * x[1]);
    }
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(model.weight(i), recommendation_reference::kFtrlWeights[i], 1e-12);
    }
}

TEST(OnlineLogistic, SaysTheOffsetBeforeItLearns) {
    const OnlineLogistic model(2, {});
    EXPECT_EQ(model.margin(std::array<double, 2>{1, -3}, 0.75), 0.75);
}

// By hand: p = 1/2, g = -1/2, sigma = 1/2 / alpha, w = 0.5 / ((1 + 0.5) / 0.1 + 1).
TEST(OnlineLogistic, OneStepByHand) {
    OnlineLogistic model(1, {.alpha = 0.1, .beta = 1, .l1 = 0, .l2 = 1});
    model.learn(std::array<double, 1>{1}, 0, true);
    EXPECT_NEAR(model.weight(0), 0.5 / 16, 1e-15);
}

TEST(OnlineLogistic, StrongL1KeepsWeakCoordinatesAtZero) {
    SeededRandom random(3);
    OnlineLogistic model(2, {.alpha = 0.1, .beta = 1, .l1 = 20, .l2 = 0});
    for (int i = 0; i < 3'000; ++i) {
        const std::array<double, 2> x{normal_sample(random), normal_sample(random)};
        model.learn(x, 0, uniform_sample(random) < logistic(2 * x[0]));
    }
    EXPECT_GT(model.weight(0), 0.8);
    EXPECT_EQ(model.weight(1), 0);
}

TEST(OnlineLogistic, ApproachesTheTruth) {
    SeededRandom random(5);
    OnlineLogistic model(3, {.alpha = 0.1});
    for (int i = 0; i < 20'000; ++i) {
        const std::array<double, 3> x{1, normal_sample(random), normal_sample(random)};
        model.learn(x, 0, uniform_sample(random) < logistic(0.5 + x[1] - 0.7 * x[2]));
    }
    EXPECT_NEAR(model.weight(0), 0.5, 0.1);
    EXPECT_NEAR(model.weight(1), 1, 0.1);
    EXPECT_NEAR(model.weight(2), -0.7, 0.1);
}

TEST(OnlineLogistic, RestoresWhatItStored) {
    OnlineLogistic model(2, {});
    model.learn(std::array<double, 2>{1, 2}, 0, true);
    OnlineLogistic other(2, {});
    ASSERT_TRUE(other.restore(model.coordinates()));
    EXPECT_EQ(other.weight(1), model.weight(1));
    std::vector<OnlineLogistic::Coordinate> damaged(model.coordinates().begin(),
                                                    model.coordinates().end());
    damaged[0].n = -1;
    EXPECT_FALSE(other.restore(damaged));
    damaged[0].n = std::numeric_limits<double>::infinity();
    EXPECT_FALSE(other.restore(damaged));
    EXPECT_FALSE(other.restore(std::span(damaged).first(1)));
}

TEST(OnlineLogisticDeathTest, RefusesAnotherModelsFeatures) {
    const OnlineLogistic model(2, {});
    EXPECT_DEATH(model.margin(std::array<double, 1>{1}, 0), "another model");
}

}  // namespace
}  // namespace credence::stats
