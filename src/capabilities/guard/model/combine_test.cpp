#include "capabilities/guard/model/combine.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "base/random.h"
#include "capabilities/guard/model/network_fixture.h"

namespace credence::guard {
namespace {

struct Rows {
    std::vector<Opinions> opinions;
    std::vector<std::uint8_t> attack;
    std::vector<double> weights;

    Combination fit() const { return fit_combination(opinions, attack, weights); }
};

// Labels drawn from a logistic model.
Rows drawn_from(const Combination& truth, std::size_t count, std::uint64_t seed) {
    SeededRandom random(seed);
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
        const Opinions o{6 * uniform(random) - 3, 6 * uniform(random) - 3, uniform(random),
                         uniform(random)};
        const double p = 1 / (1 + std::exp(-truth.logit(o)));
        rows.opinions.push_back(o);
        rows.attack.push_back(uniform(random) < p ? 1 : 0);
        rows.weights.push_back(1);
    }
    return rows;
}

TEST(Combination, logit_is_the_weighted_sum) {
    const Combination combination{{2, 0.5, 3, 4}, -1};
    EXPECT_DOUBLE_EQ(combination.logit({1, 2, 0.25, 0.5}), 2 + 1 + 0.75 + 2 - 1);
}

TEST(Combination, known_weights_are_recovered) {
    const Combination truth{{0.8, 0.6, 2, 1}, -1.5};
    const Combination fitted = drawn_from(truth, 60'000, 1).fit();
    EXPECT_NEAR(fitted.weights[0], 0.8, 0.05);
    EXPECT_NEAR(fitted.weights[1], 0.6, 0.05);
    EXPECT_NEAR(fitted.weights[2], 2, 0.15);
    EXPECT_NEAR(fitted.weights[3], 1, 0.15);
    EXPECT_NEAR(fitted.bias, -1.5, 0.15);
}

TEST(Combination, a_row_of_weight_two_counts_like_two_rows) {
    Rows once = drawn_from({{1, 0.5, 1, 1}, -1}, 500, 2);
    Rows twice = once;
    for (std::size_t i = 0; i < 100; ++i) {
        once.weights[i] = 2;
        twice.opinions.push_back(twice.opinions[i]);
        twice.attack.push_back(twice.attack[i]);
        twice.weights.push_back(1);
    }
    const Combination weighted = once.fit();
    const Combination repeated = twice.fit();
    for (std::size_t j = 0; j < kOpinions; ++j) {
        EXPECT_NEAR(weighted.weights[j], repeated.weights[j], 1e-9);
    }
    EXPECT_NEAR(weighted.bias, repeated.bias, 1e-9);
}

TEST(Combination, rows_of_weight_zero_say_nothing) {
    Rows rows = drawn_from({{1, 0.5, 1, 1}, -1}, 500, 3);
    const Combination before = rows.fit();
    for (std::size_t i = 0; i < 100; ++i) {
        rows.opinions.push_back({-3, -3, 0, 0});
        rows.attack.push_back(1);
        rows.weights.push_back(0);
    }
    EXPECT_EQ(before.weights, rows.fit().weights);
}

TEST(Combination, an_opinion_against_the_truth_is_left_out) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        // The third and the fourth speak against attacks.
        const Combination fitted = drawn_from({{1, 0.7, -3, -2}, 0.5}, 4'000, seed).fit();
        EXPECT_EQ(fitted.weights[2], 0);
        EXPECT_EQ(fitted.weights[3], 0);
        // What the others leave unexplained makes these smaller.
        EXPECT_NEAR(fitted.weights[0], 0.9, 0.2);
        EXPECT_NEAR(fitted.weights[1], 0.65, 0.2);
    }
}

TEST(Combination, weights_never_fall_below_zero) {
    SeededRandom random(4);
    for (int round = 0; round < 20; ++round) {
        Combination truth;
        for (double& weight : truth.weights) {
            weight = 6 * uniform(random) - 3;
        }
        truth.bias = 4 * uniform(random) - 2;
        const Combination fitted = drawn_from(truth, 300, random.next()).fit();
        for (const double weight : fitted.weights) {
            EXPECT_GE(weight, 0);
            EXPECT_TRUE(std::isfinite(weight));
        }
        EXPECT_TRUE(std::isfinite(fitted.bias));
    }
}

TEST(Combination, classes_that_are_apart_give_finite_weights) {
    Rows rows;
    for (int i = 0; i < 200; ++i) {
        const double sign = i % 2 == 0 ? 1 : -1;
        rows.opinions.push_back({3 * sign, 2 * sign, i % 2 == 0 ? 0.9 : 0, 0.5});
        rows.attack.push_back(i % 2 == 0 ? 1 : 0);
        rows.weights.push_back(1);
    }
    const Combination fitted = rows.fit();
    EXPECT_TRUE(std::isfinite(fitted.bias));
    EXPECT_GT(fitted.logit(rows.opinions[0]), 3);
    EXPECT_LT(fitted.logit(rows.opinions[1]), -3);
}

// --- calibration ---

// 0, 1, … 9,999 in an order of no meaning.
std::vector<double> ten_thousand() {
    std::vector<double> logits;
    for (int i = 0; i < 10'000; ++i) {
        logits.push_back((i * 7'919) % 10'000);
    }
    return logits;
}

TEST(Calibration, knots_stand_at_their_false_positive_rates) {
    const Calibration calibration = calibrate(ten_thousand());
    const std::pair<double, double> expected[] = {{4'999, 0.02}, {7'999, 0.06},
                                                  {8'999, 0.1},  {9'499, 0.17},
                                                  {9'799, 0.3},  {9'899, Calibration::kFlagScore},
                                                  {9'949, 0.55}, {9'979, Calibration::kBlockScore},
                                                  {9'989, 0.88}};
    ASSERT_EQ(calibration.logits.size(), std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        EXPECT_EQ(calibration.logits[i], expected[i].first);
        EXPECT_DOUBLE_EQ(calibration.score(expected[i].first), expected[i].second);
    }
}

TEST(Calibration, ordinary_texts_reach_the_thresholds_as_often_as_promised) {
    const std::vector<double> ordinary = ten_thousand();
    const Calibration calibration = calibrate(ordinary);
    const auto reaching = [&](double score) {
        return std::count_if(ordinary.begin(), ordinary.end(),
                             [&](double logit) { return calibration.score(logit) >= score; });
    };
    EXPECT_NEAR(static_cast<double>(reaching(Calibration::kFlagScore)), 100, 1);
    EXPECT_NEAR(static_cast<double>(reaching(Calibration::kBlockScore)), 20, 1);
    EXPECT_NEAR(static_cast<double>(reaching(0.02)), 5'000, 1);
}

TEST(Calibration, halfway_between_knots_is_halfway_between_scores) {
    const Calibration calibration = calibrate(ten_thousand());
    EXPECT_DOUBLE_EQ(calibration.score((9'899 + 9'949) / 2.0), (0.4 + 0.55) / 2);
}

TEST(Calibration, order_is_kept_between_and_beyond_the_knots) {
    SeededRandom random(5);
    std::vector<double> ordinary;
    for (int i = 0; i < 3'000; ++i) {
        ordinary.push_back(8 * uniform(random) - 6);
    }
    const Calibration calibration = calibrate(ordinary);
    double last = 0;
    for (double logit = calibration.logits.front() - 60; logit < calibration.logits.back() + 60;
         logit += 0.05) {
        const double score = calibration.score(logit);
        EXPECT_GT(score, last) << logit;
        EXPECT_LT(score, 1) << logit;
        last = score;
    }
}

TEST(Calibration, ties_do_not_disturb_it) {
    const Calibration calibration = calibrate(std::vector<double>(50, -2.0));
    ASSERT_EQ(calibration.logits.size(), 9U);
    EXPECT_TRUE(
        std::is_sorted(calibration.logits.begin(), calibration.logits.end(), std::less_equal<>()));
    EXPECT_DOUBLE_EQ(calibration.score(-2), 0.02);
    EXPECT_GT(calibration.score(-1), Calibration::kBlockScore);
    EXPECT_LT(calibration.score(-3), 0.02);
    EXPECT_GT(calibration.score(-3), 0);
}

TEST(Calibration, one_ordinary_text_is_enough) {
    const Calibration calibration = calibrate({1.5});
    EXPECT_DOUBLE_EQ(calibration.score(1.5), 0.02);
    EXPECT_GT(calibration.score(2), calibration.score(1.5));
}

TEST(Calibration, without_knots_it_is_the_logistic_function) {
    EXPECT_DOUBLE_EQ(Calibration{}.score(0), 0.5);
    EXPECT_NEAR(Calibration{}.score(2), 0.880797, 1e-6);
}

}  // namespace
}  // namespace credence::guard
