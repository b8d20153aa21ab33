#include <gtest/gtest.h>

#include "capabilities/guard/policy.h"

namespace credence::guard {
namespace {

Decision decided(const Policy& policy, Concern concern, Direction direction = Direction::input,
                 SourceKind source_kind = SourceKind::user) {
    return decide(policy, {concern}, source_kind, direction);
}

TEST(DefaultPolicy, HasTheThresholdsOfTheSettings) {
    const Policy policy = default_policy(0.3, 0.6);
    ASSERT_TRUE(check_policy(policy));
    const auto verdict = [&](Category category, double score, Direction direction) {
        return decided(policy, {category, Severity::low, score}, direction).verdict;
    };
    for (const Category attack :
         {Category::prompt_injection, Category::jailbreak, Category::prompt_leak,
          Category::tool_poisoning, Category::code_execution}) {
        EXPECT_EQ(verdict(attack, 0.29, Direction::input), Verdict::allow);
        EXPECT_EQ(verdict(attack, 0.3, Direction::input), Verdict::flag);
        EXPECT_EQ(verdict(attack, 0.59, Direction::output), Verdict::flag);
        EXPECT_EQ(verdict(attack, 0.6, Direction::output), Verdict::block);
    }
    EXPECT_EQ(verdict(Category::secrets, 0.99, Direction::input), Verdict::flag);
    EXPECT_EQ(verdict(Category::secrets, 0.99, Direction::output), Verdict::sanitise);
    EXPECT_EQ(verdict(Category::pii, 0.99, Direction::output), Verdict::flag);
    EXPECT_EQ(verdict(Category::pii, 0.2, Direction::output), Verdict::allow);
}

TEST(Decide, TakesTheStrictestAndNamesItsGravestConcern) {
    const Policy policy = default_policy(0.4, 0.8);
    const std::vector<Concern> concerns{{Category::pii, Severity::high, 0.7},
                                        {Category::jailbreak, Severity::high, 0.85},
                                        {Category::jailbreak, Severity::high, 0.95},
                                        {Category::prompt_leak, Severity::high, 0.5}};
    const Decision decision = decide(policy, concerns, SourceKind::user, Direction::input);
    EXPECT_EQ(decision.verdict, Verdict::block);
    EXPECT_EQ(decision.rule, "jailbreak.block");
    EXPECT_EQ(decision.concern, 2);
    const Decision none = decide(policy, {}, SourceKind::user, Direction::input);
    EXPECT_EQ(none.verdict, Verdict::allow);
    EXPECT_EQ(none.concern, -1);
    EXPECT_EQ(none.rule, "");
}

TEST(Decide, EveryConditionMustHold) {
    PolicyRule rule;
    rule.name = "strict";
    rule.category = Category::pii;
    rule.least_severity = Severity::high;
    rule.source_kind = SourceKind::document;
    rule.direction = Direction::output;
    rule.least_score = 0.5;
    rule.action = Verdict::block;
    Policy policy;
    policy.rules = {rule};
    const Concern concern{Category::pii, Severity::high, 0.5};
    const auto holds = [&](Concern each, Direction direction, SourceKind source_kind) {
        return decided(policy, each, direction, source_kind).verdict == Verdict::block;
    };
    EXPECT_TRUE(holds(concern, Direction::output, SourceKind::document));
    EXPECT_FALSE(holds(concern, Direction::input, SourceKind::document));
    EXPECT_FALSE(holds(concern, Direction::output, SourceKind::user));
    EXPECT_FALSE(
        holds({Category::secrets, Severity::high, 0.5}, Direction::output, SourceKind::document));
    EXPECT_FALSE(
        holds({Category::pii, Severity::medium, 0.5}, Direction::output, SourceKind::document));
    EXPECT_FALSE(
        holds({Category::pii, Severity::high, 0.49}, Direction::output, SourceKind::document));
}

TEST(CheckPolicy, NamesTheWrongField) {
    const auto field_of = [](const Policy& policy) { return check_policy(policy).error().field; };
    Policy policy = default_policy(0.4, 0.8);
    policy.rules[1].name = "";
    EXPECT_EQ(field_of(policy), "rules[1].name");
    policy.rules[1].name = "With Blanks";
    EXPECT_EQ(field_of(policy), "rules[1].name");
    policy.rules[1].name = policy.rules[0].name;
    EXPECT_EQ(field_of(policy), "rules[1].name");
    policy.rules[1].name = "fine";
    EXPECT_TRUE(check_policy(policy));
    policy.rules[2].least_score = 1.01;
    EXPECT_EQ(field_of(policy), "rules[2].least_score");
    policy.rules[2].least_score = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(field_of(policy), "rules[2].least_score");
    policy.rules.resize(kMaxPolicyRules + 1);
    EXPECT_EQ(field_of(policy), "rules");
}

TEST(WithThreshold, MovesAttacksOnly) {
    const Policy policy = default_policy(0.4, 0.8);
    const Concern attack{Category::jailbreak, Severity::high, 0.3};
    EXPECT_EQ(decided(with_threshold(policy, 0.25), attack).verdict, Verdict::block);
    EXPECT_EQ(decided(with_threshold(policy, 0.35), attack).verdict, Verdict::allow);
    const Concern strong{Category::jailbreak, Severity::high, 0.9};
    EXPECT_EQ(decided(with_threshold(policy, 0.95), strong).verdict, Verdict::flag);
    const Concern card{Category::pii, Severity::high, 0.5};
    EXPECT_EQ(decided(with_threshold(policy, 0.1), card).verdict, Verdict::flag);
    EXPECT_EQ(decided(with_threshold(policy, 0.9), card).verdict, Verdict::flag);
}

TEST(PolicyVersion, ChangesWithTheRules) {
    EXPECT_EQ(default_policy(0.4, 0.8).version, default_policy(0.4, 0.8).version);
    EXPECT_NE(default_policy(0.4, 0.8).version, default_policy(0.4, 0.81).version);
}

}  // namespace
}  // namespace credence::guard
