// Analytics against counting by hand.
#include <cmath>
#include <map>
#include <random>

#include "base/units.h"
#include "capabilities/patterns/patterns_fixture.h"

namespace credence::patterns {
namespace {

class PatternAnalyticsTest : public PatternsFixture {
protected:
    // Three hundred verified uses of twelve patterns, over ten days.
    void run() {
        std::mt19937 chance(3);
        for (int i = 0; i < 12; ++i) {
            CreatePattern request = draft("p" + std::to_string(i), i % 3 == 0 ? "owner" : "other");
            request.category = i % 4 == 0 ? "deploy" : "testing";
            request.access_level = i % 2 == 0 ? AccessLevel::public_ : AccessLevel::private_;
            made_.push_back(*patterns_->create(agent_context(), request));
        }
        for (int step = 0; step < 300; ++step) {
            if (step % 30 == 0) {
                clock_.advance_us(kUsPerDay);
            }
            const Pattern& pattern = made_[chance() % made_.size()];
            verify(pattern.pattern_id, *pattern.agent_id,
                   chance() % 3 == 0 ? trust::Outcome::refuted : trust::Outcome::confirmed);
            const std::string day = format_time_us(clock_.now_us()).substr(0, 10);
            ++days_["all"][day];
            ++days_[*pattern.agent_id][day];
            if (pattern.access_level == AccessLevel::public_) {
                ++days_["public"][day];
            }
            if (pattern.category == "deploy") {
                ++days_["deploy"][day];
            }
        }
    }

    std::vector<Pattern> made_;
    std::map<std::string, std::map<std::string, std::int64_t>> days_;  // by population
};

TEST_F(PatternAnalyticsTest, DaysEqualBruteForce) {
    run();
    const auto daily = [&](const Context& context, const GetPatternAnalytics& request) {
        std::map<std::string, std::int64_t> out;
        const auto figures = patterns_->get_analytics(context, request);
        for (const auto& each : figures->recent_usage) {
            out[each.day] = each.usage_count;
        }
        return out;
    };
    EXPECT_EQ(daily(admin_context(), {}), days_["all"]);
    EXPECT_EQ(daily(agent_context(), {}), days_["public"]);
    EXPECT_EQ(daily(agent_context(), {"owner", std::nullopt, 30}), days_["owner"]);
    EXPECT_EQ(daily(admin_context(), {std::nullopt, "deploy", 30}), days_["deploy"]);
    EXPECT_EQ(daily(admin_context(), {std::nullopt, std::nullopt, 3}).size(), 3U);
    EXPECT_TRUE(daily(admin_context("lab"), {}).empty());

    // Deleting and forgetting keep the days in step with the uses.
    ASSERT_TRUE(patterns_->delete_(admin_context(), {made_[0].pattern_id, {}}).has_value());
    std::int64_t left = 0;
    const auto after = daily(admin_context(), {});
    for (const auto& [day, count] : after) {
        left += count;
    }
    EXPECT_EQ(left, patterns_->get_analytics(admin_context(), {})->total_usage);
}

TEST_F(PatternAnalyticsTest, FiguresEqualBruteForce) {
    run();
    double sum = 0;
    double squares = 0;
    std::int64_t labelled = 0;
    std::int64_t uses = 0;
    for (const Pattern& each : made_) {
        const Pattern now = state(each.pattern_id);
        uses += now.usage_count;
        if (now.success_rate) {
            sum += *now.success_rate;
            squares += *now.success_rate * *now.success_rate;
            ++labelled;
        }
    }
    const auto all = patterns_->get_analytics(admin_context(), {});
    const double mean = sum / static_cast<double>(labelled);
    EXPECT_EQ(all->total_patterns, 12);
    EXPECT_EQ(all->total_usage, uses);
    EXPECT_EQ(all->success_statistics.patterns, labelled);
    EXPECT_NEAR(all->success_statistics.avg, mean, 1e-9);
    EXPECT_NEAR(all->success_statistics.stddev,
                std::sqrt(squares / static_cast<double>(labelled) - mean * mean), 1e-9);
    EXPECT_EQ(all->top_patterns.size(), 10U);
    ASSERT_EQ(all->category_distribution.size(), 2U);
    EXPECT_EQ(all->category_distribution[0].category, "testing");
    EXPECT_EQ(all->category_distribution[0].count, 9);
    const auto& spread = all->confidence_distribution;
    EXPECT_EQ(spread.high + spread.medium + spread.low, 12);
    EXPECT_TRUE(all->gaps.empty());
}

}  // namespace
}  // namespace credence::patterns
