// What an analysis concludes, and what it does not.
#include <algorithm>
#include <cmath>
#include <set>

#include "capabilities/skills/experiments/experiments_fixture.h"

namespace credence::skills {
namespace {

class ExperimentAnalysisTest : public ExperimentsFixture {
protected:
    std::int64_t begin(const std::string& name, std::vector<MetricPlan> metrics = {},
                       std::int64_t min_sample_size = 50) {
        CreateTest request = draft(name);
        request.metrics = std::move(metrics);
        request.min_sample_size = min_sample_size;
        return create(request);
    }
    static const Comparison& on(const Analysis& analysis, TestMetric metric,
                                const std::string& arm = "treatment") {
        const auto found =
            std::ranges::find_if(analysis.comparisons, [&](const Comparison& comparison) {
                return comparison.metric == metric && comparison.group_name == arm;
            });
        EXPECT_NE(found, analysis.comparisons.end());
        return *found;
    }
};

TEST_F(ExperimentAnalysisTest, NothingIsKnownOfNobody) {
    const Analysis empty = analysis(begin("empty"));
    EXPECT_EQ(empty.verdict, Verdict::continue_);
    EXPECT_FALSE(empty.winner.has_value());
    EXPECT_NE(empty.reason.find("control has none"), std::string::npos) << empty.reason;
    EXPECT_FALSE(empty.arms[0].completion_rate.has_value());
    EXPECT_FALSE(empty.arms[0].duration_seconds.has_value());
    EXPECT_FALSE(empty.arms[0].user_rating.has_value());
    const Comparison& comparison = on(empty, TestMetric::completion_rate);
    EXPECT_EQ(comparison.finding, Finding::insufficient_data);
    EXPECT_FALSE(comparison.difference.has_value());
    EXPECT_FALSE(comparison.p_value.has_value());
    // The planner's answer for the most a rate can vary: deviation 0.5 against 0.05.
    ASSERT_TRUE(empty.users_needed.has_value());
    EXPECT_GT(*empty.users_needed, 1'500);
    EXPECT_LT(*empty.users_needed, 6'000);
}

TEST_F(ExperimentAnalysisTest, TooFewUsersConcludeNothing) {
    const std::int64_t test_id = begin("few", {}, 100);
    play(test_id, 100, 5, {{"control", {.completion = 0.1}}, {"treatment", {.completion = 0.95}}});
    const Analysis seen = analysis(test_id);
    EXPECT_EQ(seen.verdict, Verdict::continue_);
    EXPECT_NE(seen.reason.find("Too few users"), std::string::npos) << seen.reason;
    EXPECT_NE(seen.reason.find(" of 100"), std::string::npos) << seen.reason;
    // Stopped now, it is over without a result, however large the difference looks.
    ASSERT_TRUE(experiments_->stop_test(caller(), {test_id, "budget"}).has_value());
    EXPECT_EQ(analysis(test_id).verdict, Verdict::inconclusive);
}

TEST_F(ExperimentAnalysisTest, TreatmentWins) {
    const std::int64_t test_id = begin("wins");
    play(test_id, 300, 4, {{"control", {.completion = 0.5}}, {"treatment", {.completion = 0.75}}});
    const Analysis seen = analysis(test_id);
    EXPECT_EQ(seen.verdict, Verdict::ship) << seen.reason;
    EXPECT_EQ(seen.winner, "treatment");
    const Comparison& comparison = on(seen, TestMetric::completion_rate);
    EXPECT_EQ(comparison.finding, Finding::better);
    ASSERT_TRUE(comparison.difference.has_value());
    EXPECT_GT(comparison.difference->low, 0);
    EXPECT_LT(comparison.difference->low, 0.25);
    EXPECT_GT(comparison.difference->high, 0.25);
    EXPECT_EQ(comparison.difference->method, "always_valid_95");
    EXPECT_EQ(comparison.difference->n, 300);
    EXPECT_NEAR(comparison.difference->value,
                seen.arms[1].completion_rate->value - seen.arms[0].completion_rate->value, 1e-12);
    ASSERT_TRUE(comparison.lift.has_value());
    EXPECT_NEAR(comparison.lift->value,
                seen.arms[1].completion_rate->value / seen.arms[0].completion_rate->value - 1,
                1e-9);
    EXPECT_LE(*comparison.adjusted_p_value, 0.05);
    EXPECT_NE(seen.reason.find("treatment is better than control"), std::string::npos);
    const auto told = events();
    EXPECT_EQ(std::ranges::count(told, "ab_test_decided"), 1);
}

TEST_F(ExperimentAnalysisTest, ControlWins) {
    const std::int64_t test_id = begin("loses");
    play(test_id, 300, 4, {{"control", {.completion = 0.75}}, {"treatment", {.completion = 0.5}}});
    const Analysis seen = analysis(test_id);
    EXPECT_EQ(seen.verdict, Verdict::rollback) << seen.reason;
    EXPECT_EQ(seen.winner, "control");
    EXPECT_EQ(on(seen, TestMetric::completion_rate).finding, Finding::worse);
    EXPECT_LT(on(seen, TestMetric::completion_rate).difference->high, 0);
}

TEST_F(ExperimentAnalysisTest, AnEmptyArmIsUnknownNotZero) {
    const std::int64_t test_id = begin("lopsided");
    play(test_id, 200, 2, {{"control", {.completion = 0.9}}});
    const Analysis seen = analysis(test_id);
    EXPECT_EQ(seen.verdict, Verdict::continue_);
    EXPECT_TRUE(seen.arms[0].completion_rate.has_value());
    EXPECT_FALSE(seen.arms[1].completion_rate.has_value());
    EXPECT_GT(seen.arms[1].users_assigned, 50);
    EXPECT_EQ(seen.arms[1].users_with_outcomes, 0);
    EXPECT_NE(seen.reason.find("treatment has none, so nothing is known of it"), std::string::npos)
        << seen.reason;
}

TEST_F(ExperimentAnalysisTest, OnceDifferentStaysDifferent) {
    const std::int64_t test_id = begin("novelty");
    play(test_id, 200, 2, {{"control", {.completion = 0.4}}, {"treatment", {.completion = 0.9}}});
    const Comparison first = on(analysis(test_id), TestMetric::completion_rate);
    ASSERT_EQ(first.finding, Finding::better);
    // The charm wears off: the same users fail for long. What was shown is not unsaid.
    const auto arms = expose(test_id, 200);
    for (int user = 0; user < 200; ++user) {
        if (arms[static_cast<std::size_t>(user)] == "treatment") {
            behave(test_id, user, 6, {.completion = 0.25});
        }
    }
    const Comparison second = on(analysis(test_id), TestMetric::completion_rate);
    EXPECT_LE(*second.p_value, *first.p_value);
    EXPECT_GT(second.looks, first.looks);
    EXPECT_NE(second.finding, Finding::undecided);
    EXPECT_LT(second.difference->low, 0);
}

TEST_F(ExperimentAnalysisTest, AsLargeAsOfInterestIsExcluded) {
    const std::int64_t test_id = begin("same", {{TestMetric::completion_rate, {}, {}, 0.3}});
    play(test_id, 300, 6, {{"control", {}}, {"treatment", {}}});
    const Analysis seen = analysis(test_id);
    EXPECT_EQ(on(seen, TestMetric::completion_rate).finding, Finding::negligible);
    EXPECT_EQ(seen.verdict, Verdict::inconclusive) << seen.reason;
    EXPECT_NE(seen.reason.find("excluded"), std::string::npos);
}

TEST_F(ExperimentAnalysisTest, DurationsAndRatings) {
    const std::int64_t test_id = begin("durations", {{TestMetric::duration_seconds, {}, {}, {}},
                                                     {TestMetric::user_rating, {}, {}, {}}});
    play(test_id, 300, 3,
         {{"control", {.log_duration = 1, .rating = 3}},
          {"treatment", {.log_duration = 0.7, .rating = 4}}});
    const Analysis seen = analysis(test_id);
    EXPECT_EQ(seen.verdict, Verdict::ship) << seen.reason;
    const Comparison& duration = on(seen, TestMetric::duration_seconds);
    EXPECT_EQ(duration.finding, Finding::better);
    EXPECT_FALSE(duration.difference.has_value());
    ASSERT_TRUE(duration.lift.has_value());
    EXPECT_LT(duration.lift->low, std::expm1(-0.3));
    EXPECT_GT(duration.lift->high, std::expm1(-0.3));
    EXPECT_LT(duration.lift->high, 0);
    EXPECT_NEAR(seen.arms[0].duration_seconds->value, std::exp(1), 0.15);
    EXPECT_NEAR(duration.lift->value,
                seen.arms[1].duration_seconds->value / seen.arms[0].duration_seconds->value - 1,
                1e-9);
    const Comparison& rating = on(seen, TestMetric::user_rating);
    EXPECT_EQ(rating.role, MetricRole::secondary);
    EXPECT_EQ(rating.finding, Finding::better);
    EXPECT_GT(rating.difference->low, 0.3);
}

TEST_F(ExperimentAnalysisTest, AHarmedGuardrailBlocksShipping) {
    const std::int64_t test_id =
        begin("guarded", {{TestMetric::completion_rate, {}, {}, {}},
                          {TestMetric::duration_seconds, {}, MetricRole::guardrail, {}}});
    play(test_id, 300, 4,
         {{"control", {.completion = 0.5, .log_duration = 1}},
          {"treatment", {.completion = 0.8, .log_duration = 1.5}}});
    const Analysis seen = analysis(test_id);
    EXPECT_EQ(on(seen, TestMetric::completion_rate).finding, Finding::better);
    EXPECT_EQ(on(seen, TestMetric::duration_seconds).finding, Finding::worse);
    EXPECT_EQ(seen.verdict, Verdict::rollback) << seen.reason;
    EXPECT_NE(seen.reason.find("guardrail"), std::string::npos);
    const auto refused = experiments_->ship_test(caller(), {test_id, {}, "faster", false});
    EXPECT_EQ(failed_code(refused), Code::conflict);
    EXPECT_EQ(view(test_id).status, TestStatus::running);
    const auto forced = experiments_->ship_test(caller(), {test_id, {}, "we know", true});
    ASSERT_TRUE(forced.has_value());
    EXPECT_TRUE(forced->decision->forced);
}

TEST_F(ExperimentAnalysisTest, AMissingArmRaisesTheSampleRatioAlarm) {
    const std::int64_t test_id = begin("srm", {}, 10);
    // Something drops three of four of the treatment's users.
    int dropped = 0;
    for (int user = 0; user < 300; ++user) {
        const std::string name = "user-" + std::to_string(user);
        const std::string arm = arm_of(test_id, name);
        if (arm == "treatment" && user % 4 != 0) {
            ++dropped;
            ASSERT_TRUE(store_.database
                            ->write([&](store::Tx& tx) {
                                return experiments_->forget_user(tx, "default",
                                                                 sha256_hex("default\n" + name));
                            })
                            .has_value());
            continue;
        }
        behave(test_id, user, 1, {.completion = arm == "treatment" ? 1.0 : 0.2});
    }
    ASSERT_GT(dropped, 50);
    const Analysis seen = analysis(test_id);
    EXPECT_TRUE(seen.sample_ratio.mismatch);
    EXPECT_GE(seen.sample_ratio.log_e, std::log(1000.0));
    EXPECT_LT(seen.sample_ratio.p_value, 1e-3);
    EXPECT_EQ(seen.verdict, Verdict::invalid);
    EXPECT_FALSE(seen.winner.has_value());
    EXPECT_NE(seen.reason.find("users they should"), std::string::npos);
    EXPECT_EQ(failed_code(experiments_->ship_test(caller(), {test_id, {}, "x", false})),
              Code::conflict);
    EXPECT_TRUE(experiments_->ship_test(caller(), {test_id, {}, "x", true}).has_value());
}

TEST_F(ExperimentAnalysisTest, OneOfThreeArmsWins) {
    CreateTest request;
    request.test_name = "three";
    request.min_sample_size = 50;
    request.arms = {{"plain", "a", 0.34}, {"short", "b", 0.33}, {"long", "c", 0.33}};
    const std::int64_t test_id = create(request);
    play(test_id, 450, 4,
         {{"plain", {.completion = 0.5}},
          {"short", {.completion = 0.85}},
          {"long", {.completion = 0.2}}});
    const Analysis seen = analysis(test_id);
    ASSERT_EQ(seen.comparisons.size(), 2U);
    EXPECT_EQ(seen.verdict, Verdict::ship) << seen.reason;
    EXPECT_EQ(seen.winner, "short");
    EXPECT_EQ(on(seen, TestMetric::completion_rate, "short").finding, Finding::better);
    EXPECT_EQ(on(seen, TestMetric::completion_rate, "long").finding, Finding::worse);
    // Two comparisons: the better p-value is doubled (Holm).
    const auto& a = seen.comparisons[0];
    const auto& b = seen.comparisons[1];
    EXPECT_NEAR(std::min(*a.adjusted_p_value, *b.adjusted_p_value),
                2 * std::min(*a.p_value, *b.p_value), 1e-12);
}

TEST_F(ExperimentAnalysisTest, WhatWasKnownBeforeSharpens) {
    const std::int64_t plain_id = begin("plain", {{TestMetric::duration_seconds, {}, {}, {}}});
    const std::int64_t known_id = begin("known", {{TestMetric::duration_seconds, {}, {}, {}}});
    for (int user = 0; user < 200; ++user) {
        const double habit = normal();
        const std::string name = "user-" + std::to_string(user);
        arm_of(plain_id, name);
        const bool has_past = user % 10 != 3;
        ASSERT_TRUE(
            experiments_
                ->assign(caller(), {known_id, name, has_past ? std::optional(habit) : std::nullopt})
                .has_value());
        for (const std::int64_t test_id : {plain_id, known_id}) {
            behave(test_id, user, 1, {.log_duration = habit, .log_duration_deviation = 0.2});
        }
    }
    const Comparison plain = on(analysis(plain_id), TestMetric::duration_seconds);
    const Analysis adjusted = analysis(known_id);
    const Comparison known = on(adjusted, TestMetric::duration_seconds);
    EXPECT_FALSE(plain.variance_left.has_value());
    EXPECT_EQ(plain.lift->method, "always_valid_95");
    EXPECT_TRUE(adjusted.adjusted_by_covariate);
    ASSERT_TRUE(known.variance_left.has_value());
    EXPECT_LT(*known.variance_left, 0.3);
    EXPECT_EQ(known.lift->method, "cuped_always_valid_95");
    EXPECT_LT(known.lift->high - known.lift->low, 0.7 * (plain.lift->high - plain.lift->low));
    const ExperimentSums running = sums(known_id);
    ASSERT_TRUE(
        store_.database
            ->write([&](store::Tx& tx) { return experiments_->rebuild(tx, "default", known_id); })
            .has_value());
    expect_same_sums(running, sums(known_id));
}

TEST_F(ExperimentAnalysisTest, ACovariateAfterTheFirstOutcomeComesTooLate) {
    const std::int64_t test_id = begin("late");
    arm_of(test_id, "first");
    ASSERT_TRUE(completes(test_id, "first").has_value());
    ASSERT_TRUE(experiments_->assign(caller(), {test_id, "second", 0.7}).has_value());
    ASSERT_TRUE(completes(test_id, "second").has_value());
    EXPECT_FALSE(analysis(test_id).adjusted_by_covariate);
}

TEST_F(ExperimentAnalysisTest, Plans) {
    PlanTest request;
    request.baseline = 0.5;
    request.minimum_effect = 0.1;
    request.icc = 0;
    const auto plan = experiments_->plan_test(caller(), request);
    ASSERT_TRUE(plan.has_value());
    // Fleiss 1981, without continuity correction: 388 an arm (387.3).
    EXPECT_EQ(plan->users_per_arm_fixed, 388);
    EXPECT_GT(*plan->users_per_arm_watched, 388);
    EXPECT_FALSE(plan->power.has_value());
    request.icc = 0.17;
    request.rows_per_user = 10;
    request.users_per_arm = 388;
    const auto clustered = experiments_->plan_test(caller(), request);
    ASSERT_TRUE(clustered.has_value());
    EXPECT_NEAR(clustered->design_effect, 2.53, 1e-12);
    EXPECT_NEAR(static_cast<double>(*clustered->users_per_arm_fixed), 388 * 0.253, 1.5);
    EXPECT_GT(*clustered->power, 0.99);
    EXPECT_LT(*clustered->detectable_effect, 0.1);
    request.baseline.reset();
    EXPECT_EQ(failed_field(experiments_->plan_test(caller(), request)), "baseline");
    request.metric = TestMetric::user_rating;
    EXPECT_EQ(failed_field(experiments_->plan_test(caller(), request)), "deviation");
}

// A/A: the same behaviour in both arms, outcomes of a user alike (0.17), a look at each of 200
// writes. The old rule is wrong in more than a quarter of such tests.
TEST_F(ExperimentAnalysisTest, NoDifferenceDoesNotWinByWatching) {
    constexpr int kTests = 200;
    constexpr int kLooks = 200;
    constexpr int kUsers = 80;
    constexpr int kOutcomes = 2;
    std::vector<std::int64_t> tests;
    for (int number = 0; number < kTests; ++number) {
        tests.push_back(begin("a/a " + std::to_string(number), {}, 30));
        expose(tests.back(), kUsers);
    }
    std::vector<bool> coins;
    for (int user = 0; user < kTests * kUsers; ++user) {
        coins.push_back(uniform() < 0.8);
    }
    std::set<std::int64_t> winners;
    for (int look = 1; look <= kLooks; ++look) {
        RecordOutcomes batch;
        for (int i = 0; i < kTests * kOutcomes; ++i) {
            const int number = i / kOutcomes;
            const int user = static_cast<int>(uniform() * kUsers);
            const bool repeats = uniform() < std::sqrt(0.17);
            const bool own_coin = coins[static_cast<std::size_t>(number * kUsers + user)];
            batch.items.push_back({tests[static_cast<std::size_t>(number)],
                                   "user-" + std::to_string(user),
                                   repeats ? own_coin : uniform() < 0.8,
                                   {},
                                   {},
                                   {}});
        }
        ASSERT_TRUE(experiments_->record_outcomes(caller(), batch).has_value());
        if (look % 20 != 0) {
            continue;
        }
        for (const std::int64_t test_id : tests) {
            const Verdict verdict = analysis(test_id).verdict;
            if (verdict == Verdict::ship || verdict == Verdict::rollback) {
                winners.insert(test_id);
            }
        }
    }
    // What is shown once stays shown, so a verdict asked for later tells of all looks.
    EXPECT_LE(std::ssize(winners), kTests / 20);
    EXPECT_LE(std::ssize(winners), binomial_bounds(kTests, 0.05).high);
    std::int64_t looks = 0;
    for (const std::int64_t test_id : tests) {
        looks += sums(test_id).evidence[0].looks;
    }
    EXPECT_GT(looks, kTests * kLooks / 2);
}

}  // namespace
}  // namespace credence::skills
