// What is concluded from uses: search, application, recommendation.
#include <cmath>
#include <map>
#include <random>

#include "capabilities/patterns/patterns_fixture.h"

namespace credence::patterns {
namespace {

class PatternReportTest : public PatternsFixture {
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

TEST_F(PatternReportTest, SearchFilters) {
    const Pattern good = make("good");
    const Pattern bad = make("bad");
    make("new");
    CreatePattern other = draft("fine", "other");
    other.category = "deploy";
    other.subcategory = "canary";
    other.access_level = AccessLevel::public_;
    ASSERT_TRUE(patterns_->create(agent_context(), other).has_value());
    make("hidden", AccessLevel::private_);
    prove(good.pattern_id, 10);
    prove(bad.pattern_id, 1, 9);
    SearchPatterns query;
    query.agent_id = "reader";
    EXPECT_EQ(names(patterns_->search(agent_context(), query)),
              (std::vector<std::string>{"good", "fine", "new", "bad"}));
    query.min_success_rate = 0.5;
    EXPECT_EQ(names(patterns_->search(agent_context(), query)), std::vector<std::string>{"good"});
    for (const char* text : {"", "retry"}) {
        SearchPatterns each;
        each.query_text = text;
        each.min_usage_count = 10;
        EXPECT_EQ(names(patterns_->search(agent_context(), each)).size(), 2U) << text;
        each = SearchPatterns{};
        each.query_text = text;
        each.category = "deploy";
        each.subcategory = "canary";
        EXPECT_EQ(names(patterns_->search(agent_context(), each)),
                  std::vector<std::string>{"fine"});
        each.subcategory = "blue";
        EXPECT_TRUE(names(patterns_->search(agent_context(), each)).empty());
        each = SearchPatterns{};
        each.query_text = text;
        each.owner_agent_id = "other";
        EXPECT_EQ(names(patterns_->search(agent_context(), each)),
                  std::vector<std::string>{"fine"});
        each = SearchPatterns{};
        each.query_text = text;
        each.access_levels = {AccessLevel::private_};
        EXPECT_TRUE(names(patterns_->search(agent_context(), each)).empty());
        EXPECT_EQ(names(patterns_->search(admin_context(), each)),
                  std::vector<std::string>{"hidden"});
        each.agent_id = "owner";
        EXPECT_EQ(names(patterns_->search(agent_context(), each)),
                  std::vector<std::string>{"hidden"});
        EXPECT_TRUE(names(patterns_->search(agent_context("lab"), each)).empty());
    }
}

TEST_F(PatternReportTest, SearchPages) {
    for (int i = 0; i < 9; ++i) {
        const Pattern made = make("p" + std::to_string(i),
                                  i % 2 == 0 ? AccessLevel::public_ : AccessLevel::private_);
        prove(made.pattern_id, i % 3);
    }
    SearchPatterns query;
    query.agent_id = "owner";
    query.limit = 2;
    std::vector<double> confidences;
    do {
        const auto page = patterns_->search(agent_context(), query);
        ASSERT_TRUE(page.has_value());
        for (const auto& found : page->patterns) {
            confidences.push_back(found.pattern.confidence);
        }
        query.after = page->next.value_or("");
    } while (!query.after.empty());
    EXPECT_EQ(confidences.size(), 9U);
    EXPECT_TRUE(std::ranges::is_sorted(confidences, std::ranges::greater()));
    query.after = "1_2_3";
    EXPECT_EQ(field_of(patterns_->search(agent_context(), query)), "after");
    query.query_text = "x";
    EXPECT_EQ(field_of(patterns_->search(agent_context(), query)), "after");
}

TEST_F(PatternReportTest, SearchingIsNotApplying) {
    const Pattern made = make("retry");
    make("secret", AccessLevel::private_);
    ApplyPattern request;
    request.pattern_query = "retry";
    request.context = RawJson{R"({"goal": "backoff"})"};
    request.agent_id = "user";
    auto answer = patterns_->apply_pattern(agent_context(), request);
    ASSERT_TRUE(answer.has_value());
    ASSERT_EQ(answer->patterns.size(), 1U);
    EXPECT_FALSE(answer->patterns[0].use_id.has_value());
    EXPECT_NE(answer->patterns[0].guidance.find("retry with backoff"), std::string::npos);
    EXPECT_EQ(state(made.pattern_id).usage_count, 0);
    request.take = true;
    answer = patterns_->apply_pattern(agent_context(), request);
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->patterns[0].use_id.has_value());
    EXPECT_EQ(answer->patterns[0].pattern.usage_count, 1);
    verify(made.pattern_id, "user", trust::Outcome::confirmed);
    EXPECT_EQ(state(made.pattern_id).usage_count, 1) << "the use taken was the one verified";
    EXPECT_DOUBLE_EQ(*state(made.pattern_id).success_rate, 1);
    request.min_similarity = 0.99;
    EXPECT_TRUE(patterns_->apply_pattern(agent_context(), request)->patterns.empty());
}

TEST_F(PatternReportTest, RecommendsOthersPatterns) {
    make("mine", AccessLevel::public_, "user");
    make("hidden", AccessLevel::private_);
    const Pattern good = make("good");
    prove(good.pattern_id, 10);
    CreatePattern system = draft("rule");
    system.agent_id.reset();
    system.access_level = AccessLevel::system;
    ASSERT_TRUE(patterns_->create(admin_context(), system).has_value());
    RecommendPatterns request;
    request.agent_id = "user";
    const auto plain = patterns_->recommend(admin_context(), request);
    ASSERT_TRUE(plain.has_value());
    ASSERT_EQ(plain->recommendations.size(), 2U);
    for (const auto& each : plain->recommendations) {
        EXPECT_NE(each.pattern.pattern_name, "mine");
        EXPECT_NEAR(each.score,
                    each.relevance * (each.credible_success + each.exploration) + each.history,
                    1e-12);
    }
    request.context_data = RawJson{R"({"need": "unheard of"})"};
    const auto unheard = patterns_->recommend(agent_context(), request);
    for (const auto& each : unheard->recommendations) {
        EXPECT_DOUBLE_EQ(each.relevance, 0);
    }
    request.context_data = RawJson{R"({"need": "retry with backoff"})"};
    EXPECT_GT(patterns_->recommend(agent_context(), request)->recommendations[0].relevance, 0);
    request.category = "none";
    EXPECT_TRUE(patterns_->recommend(agent_context(), request)->recommendations.empty());
    request = RecommendPatterns{};
    request.agent_id = "agent0";
    const auto known = patterns_->recommend(agent_context(), request);
    for (const auto& each : known->recommendations) {
        EXPECT_NEAR(each.history, each.pattern.pattern_name == "good" ? 0.2 * 2 / 4 : 0, 1e-12);
    }
}

// A better newcomer overtakes a proven incumbent, because it is tried at all.
TEST_F(PatternReportTest, NewcomersDoNotStarve) {
    const Pattern incumbent = make("incumbent");
    prove(incumbent.pattern_id, 24, 6);
    const Pattern newcomer = make("newcomer");
    std::mt19937 chance(5);
    std::uniform_real_distribution<double> uniform(0, 1);
    int late_newcomer = 0;
    for (int round = 0; round < 300; ++round) {
        RecommendPatterns request;
        request.agent_id = "user" + std::to_string(round % 30);
        request.limit = 1;
        const auto picked = patterns_->recommend(agent_context(), request);
        ASSERT_TRUE(picked.has_value());
        const PatternId id = picked->recommendations[0].pattern.pattern_id;
        const bool is_new = id == newcomer.pattern_id;
        verify(id, request.agent_id,
               uniform(chance) < (is_new ? 0.97 : 0.6) ? trust::Outcome::confirmed
                                                       : trust::Outcome::refuted);
        late_newcomer += round >= 200 && is_new ? 1 : 0;
    }
    EXPECT_GT(state(newcomer.pattern_id).usage_count, 100);
    EXPECT_GT(late_newcomer, 80);
    EXPECT_GT(state(newcomer.pattern_id).confidence, state(incumbent.pattern_id).confidence);
}

}  // namespace
}  // namespace credence::patterns
