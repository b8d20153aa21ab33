#include "stats/predict/predictor_features.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace credence::stats {
namespace {

constexpr std::int64_t kFeatureHourUs = 3'600'000'000;

double feature_of(const FeatureVector& vector, Feature feature) {
    return vector.values[static_cast<std::size_t>(feature)];
}

double plain_log_odds(double p) {
    return std::log(p / (1 - p));
}

TEST(PredictorFeatures, AnEmptyStateKnowsNothing) {
    const FeatureState state(FeatureOptions{});
    const FeatureVector vector = state.features({.skill = 1, .phase = 2, .user = 3, .at_us = 0});
    EXPECT_NEAR(vector.offset, 0, 1e-12);
    EXPECT_EQ(feature_of(vector, Feature::bias), 1);
    EXPECT_EQ(feature_of(vector, Feature::first_use), 1);
    for (std::size_t i = 1; i + 1 < kFeatures; ++i) {
        EXPECT_NEAR(vector.values[i], 0, 1e-12) << to_string(static_cast<Feature>(i));
    }
}

// One success: everything 2/3 (strength 2 towards 1/2), skill (1 + 20 * 2/3) / 21, user the same;
// the pair's parent is skill + user - everything, and it has strength 8.
TEST(PredictorFeatures, OneOutcomeByHand) {
    FeatureState state(FeatureOptions{});
    const Situation first{.skill = 1, .phase = 2, .user = 3, .at_us = 0};
    state.learn(first, true, 0);
    const double all = plain_log_odds(2.0 / 3);
    const double skill = plain_log_odds((1 + 20 * 2.0 / 3) / 21);
    const FeatureVector vector = state.features(first);
    EXPECT_NEAR(vector.offset, skill, 1e-12);
    EXPECT_NEAR(feature_of(vector, Feature::skill), skill - all, 1e-12);
    EXPECT_NEAR(feature_of(vector, Feature::phase), skill - all, 1e-12);
    EXPECT_NEAR(feature_of(vector, Feature::user), skill - all, 1e-12);
    EXPECT_NEAR(feature_of(vector, Feature::hour_of_week), skill - all, 1e-12);
    const double parent = 1 / (1 + std::exp(-(2 * skill - all)));
    EXPECT_NEAR(feature_of(vector, Feature::user_skill),
                plain_log_odds((1 + 8 * parent) / 9) - plain_log_odds(parent), 1e-12);
    EXPECT_NEAR(feature_of(vector, Feature::user_skill_volume), std::log(2) / 5, 1e-12);
    EXPECT_NEAR(feature_of(vector, Feature::user_skill_streak), 1.0 / 8, 1e-12);
    EXPECT_EQ(feature_of(vector, Feature::first_use), 0);
    EXPECT_NEAR(feature_of(vector, Feature::hours_since_use), 0, 1e-12);
    const Situation later{.skill = 1, .phase = 0, .user = 3, .at_us = 5 * kFeatureHourUs};
    EXPECT_NEAR(feature_of(state.features(later), Feature::hours_since_use), std::log(6) / 10,
                1e-12);
    EXPECT_EQ(feature_of(state.features(later), Feature::phase), 0);
}

TEST(PredictorFeatures, RecentFailuresShowBeforeTheLongRun) {
    FeatureState state(FeatureOptions{});
    Situation use{.skill = 1, .phase = 1, .user = 1};
    for (int i = 0; i < 300; ++i) {
        use.at_us = i * kFeatureHourUs;
        state.learn(use, i < 280, use.at_us);
    }
    const FeatureVector vector = state.features(use);
    EXPECT_LT(feature_of(vector, Feature::recent_skill), -1);
    EXPECT_EQ(feature_of(vector, Feature::skill_streak), -1);
    EXPECT_EQ(feature_of(vector, Feature::user_skill_streak), -1);
    EXPECT_GT(vector.offset, 1);
}

TEST(PredictorFeatures, ForgetsAUser) {
    FeatureState state(FeatureOptions{});
    const Situation use{.skill = 3, .phase = 1, .user = 7, .at_us = 0};
    state.learn(use, false, 0);
    state.forget_user(7);
    const FeatureVector vector = state.features(use);
    EXPECT_EQ(feature_of(vector, Feature::user), 0);
    EXPECT_EQ(feature_of(vector, Feature::recent_user), 0);
    EXPECT_EQ(feature_of(vector, Feature::first_use), 1);
    EXPECT_LT(feature_of(vector, Feature::skill), 0);
}

TEST(PredictorFeatures, NamesAreDistinct) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < kFeatures; ++i) {
        names.insert(to_string(static_cast<Feature>(i)));
    }
    EXPECT_EQ(names.size(), kFeatures);
    EXPECT_EQ(to_string(Feature::first_use), "first_use");
    EXPECT_EQ(to_string(Feature::recent_skill), "recent_skill");
}

}  // namespace
}  // namespace credence::stats
