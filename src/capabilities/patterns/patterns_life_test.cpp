// What is concluded from uses: merging, promotion, advice, and what time does.
#include <cmath>
#include <map>
#include <random>

#include "base/units.h"
#include "capabilities/patterns/patterns_fixture.h"

namespace credence::patterns {
namespace {

class PatternLifeTest : public PatternsFixture {
protected:
    // Verified by five agents each.
    void prove(const PatternId& id, int successes, int failures = 0) {
        for (int i = 0; i < successes + failures; ++i) {
            verify(id, "agent" + std::to_string(i % 5),
                   i < successes ? trust::Outcome::confirmed : trust::Outcome::refuted);
        }
    }
    std::vector<std::string> names(const Result<PatternPage>& page) {
        std::vector<std::string> out;
        EXPECT_TRUE(page.has_value());
        for (const auto& found : page->patterns) {
            out.push_back(found.pattern.pattern_name);
        }
        return out;
    }
};

TEST_F(PatternLifeTest, MaturityTakesProofByOthers) {
    const Pattern made = make("retry");
    PatternRef ref{made.pattern_id, "owner"};
    PromotePattern request{made.pattern_id, "owner", "good one", false};
    const auto early = patterns_->promote(agent_context(), request);
    ASSERT_EQ(code_of(early), Code::conflict);
    EXPECT_NE(early.error().message.find("0 of 5 labelled uses"), std::string::npos);
    EXPECT_FALSE(patterns_->reliability(agent_context(), ref)->is_reliable);
    for (int i = 0; i < 30; ++i) {
        verify(made.pattern_id, "fan", trust::Outcome::confirmed);
    }
    EXPECT_FALSE(patterns_->reliability(agent_context(), ref)->is_reliable) << "one agent";
    verify(made.pattern_id, "second", trust::Outcome::confirmed);
    const auto reliability = patterns_->reliability(agent_context(), ref);
    EXPECT_TRUE(reliability->is_reliable);
    EXPECT_TRUE(reliability->eligible_for_trust);
    EXPECT_EQ(reliability->min_uses, 5);
    auto mature = patterns_->find_mature(agent_context(), {});
    ASSERT_EQ(mature->patterns.size(), 1U);
    EXPECT_FALSE(mature->patterns[0].promotion_id.has_value());
    EXPECT_EQ(code_of(patterns_->promote(agent_context(),
                                         {made.pattern_id, "other", std::nullopt, false})),
              Code::forbidden);
    const auto possible =
        patterns_->promote(agent_context(), {made.pattern_id, "owner", std::nullopt, true});
    EXPECT_EQ(possible->status, "possible");
    EXPECT_FALSE(possible->promotion_id.has_value());
    const auto promoted = patterns_->promote(agent_context(), request);
    ASSERT_TRUE(promoted.has_value());
    EXPECT_EQ(promoted->status, "proposed");
    EXPECT_EQ(events().back(), "pattern_promoted");
    EXPECT_EQ(code_of(patterns_->promote(agent_context(), request)), Code::conflict);
    mature = patterns_->find_mature(agent_context(), {});
    EXPECT_EQ(mature->patterns[0].promotion_id, promoted->promotion_id);
}

TEST_F(PatternLifeTest, MergesDuplicates) {
    const Pattern first = make("retry slowly");
    const Pattern second = make("retry slowly!");
    CreatePattern unlike = draft("other");
    unlike.pattern_data = RawJson{R"({"x": "completely different things here"})"};
    const auto third = patterns_->create(agent_context(), unlike);
    ASSERT_TRUE(third.has_value());
    prove(first.pattern_id, 4, 1);
    prove(second.pattern_id, 2);
    UsePattern timed;
    timed.pattern_id = first.pattern_id;
    timed.agent_id = "user";
    timed.execution_time_ms = 40;
    ASSERT_TRUE(patterns_->use(agent_context(), timed).has_value());
    FindDuplicates find;
    find.agent_id = "owner";
    find.threshold = 0.6;
    const auto pairs = patterns_->find_duplicates(agent_context(), find);
    ASSERT_EQ(pairs->pairs.size(), 1U);
    EXPECT_EQ(pairs->examined, 3);
    EXPECT_EQ(code_of(patterns_->find_duplicates(agent_context(), {})), Code::invalid);

    EXPECT_EQ(
        code_of(patterns_->merge(agent_context(), {first.pattern_id, third->pattern_id, "owner"})),
        Code::conflict);
    EXPECT_EQ(
        code_of(patterns_->merge(agent_context(), {first.pattern_id, first.pattern_id, "owner"})),
        Code::invalid);
    EXPECT_EQ(
        code_of(patterns_->merge(agent_context(), {first.pattern_id, second.pattern_id, "user"})),
        Code::forbidden);
    PatternsSettings settings;
    settings.duplicate_threshold = 0.6;
    start(settings);
    const auto merged =
        patterns_->merge(agent_context(), {first.pattern_id, second.pattern_id, "owner"});
    ASSERT_TRUE(merged.has_value()) << merged.error().message;
    EXPECT_EQ(merged->usage_count, 8);
    EXPECT_EQ(merged->success_count, 6);
    EXPECT_EQ(merged->failure_count, 1);
    EXPECT_EQ(merged->distinct_users, 5);
    EXPECT_EQ(merged->avg_execution_time_ms, 40);
    EXPECT_NEAR(merged->confidence, confidence_of({6, 1}), 1e-9);
    EXPECT_EQ(state(first.pattern_id).pattern_id, second.pattern_id) << "the old id leads on";
    const auto all = patterns_->get_analytics(admin_context(), {});
    EXPECT_EQ(all->total_usage, 8);
    EXPECT_EQ(all->recent_usage.at(0).usage_count, 8);
    // A chain of merges leads to the last.
    const auto last =
        patterns_->merge(admin_context(), {second.pattern_id, third->pattern_id, std::nullopt});
    ASSERT_TRUE(last.has_value());
    EXPECT_EQ(state(first.pattern_id).pattern_id, third->pattern_id);
}

TEST_F(PatternLifeTest, SuggestsWhatToLearn) {
    const Pattern weak = make("weak");
    prove(weak.pattern_id, 1, 9);
    const Pattern busy = make("busy");
    for (int i = 0; i < 6; ++i) {
        ASSERT_TRUE(used(busy.pattern_id, "user").has_value());
    }
    CreatePattern idle = draft("idle");
    idle.category = "docs";
    idle.access_level = AccessLevel::public_;
    ASSERT_TRUE(patterns_->create(agent_context(), idle).has_value());
    clock_.advance_us(40 * kUsPerDay);
    const auto found = patterns_->suggest_learning_opportunities(agent_context(), {});
    ASSERT_TRUE(found.has_value());
    std::vector<std::string> kinds;
    for (const auto& each : found->opportunities) {
        kinds.push_back(each.kind);
        EXPECT_FALSE(each.reason.empty());
    }
    EXPECT_EQ(kinds,
              (std::vector<std::string>{"few_patterns", "low_success", "unverified", "unused"}));
    EXPECT_EQ(patterns_->suggest_learning_opportunities(agent_context(), {"owner", 2})
                  ->opportunities.size(),
              2U);
    EXPECT_TRUE(
        patterns_->suggest_learning_opportunities(agent_context("lab"), {})->opportunities.empty());
}

TEST_F(PatternLifeTest, TimePasses) {
    PatternsSettings settings;
    settings.half_life_days = 10;
    settings.archive_after_days = 60;
    settings.keep_uses_days = 90;
    start(settings);
    const Pattern made = make("retry");
    prove(made.pattern_id, 8);
    clock_.advance_us(20 * kUsPerDay);
    ASSERT_TRUE(patterns_->upkeep().has_value());
    SearchPatterns query;
    EXPECT_EQ(names(patterns_->search(agent_context(), query)).size(), 1U);
    EXPECT_NEAR(state(made.pattern_id).confidence, confidence_of({2, 0}), 1e-9);
    clock_.advance_us(41 * kUsPerDay);
    ASSERT_TRUE(patterns_->upkeep().has_value());
    EXPECT_TRUE(state(made.pattern_id).archived_at_us.has_value());
    EXPECT_EQ(search_.size(), 0U);
    EXPECT_TRUE(names(patterns_->search(agent_context(), query)).empty());
    clock_.advance_us(40 * kUsPerDay);
    ASSERT_TRUE(patterns_->upkeep().has_value());
    GetPatternAnalytics year;
    year.days = 366;
    EXPECT_TRUE(patterns_->get_analytics(admin_context(), year)->recent_usage.empty());
    EXPECT_EQ(state(made.pattern_id).success_count, 8) << "uses go, statistics stay";
}

TEST_F(PatternLifeTest, NamespacesGoWithEverything) {
    CreatePattern request = draft("retry");
    request.access_level = AccessLevel::public_;
    const auto gone = patterns_->create(agent_context("lab"), request);
    const Pattern stays = make("retry");
    verify(gone->pattern_id, "user", trust::Outcome::confirmed);
    ASSERT_TRUE(
        database_
            ->write([&](store::Tx& tx) { return patterns_->drop_namespace(tx, "default", "lab"); })
            .has_value());
    EXPECT_EQ(code_of(seen_by(gone->pattern_id, "owner", "lab")), Code::not_found);
    EXPECT_TRUE(patterns_->get_analytics(admin_context("lab"), {})->recent_usage.empty());
    EXPECT_TRUE(seen_by(stays.pattern_id, "owner").has_value());
    EXPECT_EQ(search_.size(), 1U);
    EXPECT_TRUE(patterns_->create(agent_context("lab"), request).has_value());
}

}  // namespace
}  // namespace credence::patterns
