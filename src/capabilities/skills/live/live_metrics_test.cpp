#include "capabilities/skills/live/live_metrics.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/units.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kNowUs = 1'700'000'000'000'000;

class LiveMetrics : public testing::Test {
protected:
    void add(std::string_view skill, std::int64_t minutes_ago, bool completed,
             std::optional<double> seconds = std::nullopt) {
        InvocationFact fact;
        fact.id = ++id_;
        fact.skill_name = skill;
        fact.session_id = "s";
        fact.invoked_at_us = kNowUs - minutes_ago * kUsPerMinute;
        fact.completed = completed;
        fact.duration_seconds = seconds;
        state_.apply(fact);
    }

    SkillState state_;
    std::int64_t id_ = 0;
};

TEST_F(LiveMetrics, CountsTheLastHourAndAllTime) {
    add("a", 120, true, 2.0);
    add("a", 30, false);
    add("a", 1, true, 4.0);
    add("a", 0, true);
    const auto rows = live_skills(state_, std::vector<std::string>{"a", "unknown"}, kNowUs);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].invocation_count, 3);
    EXPECT_EQ(rows[0].total_invocations, 4);
    EXPECT_DOUBLE_EQ(rows[0].completion_rate.value, 0.75);
    EXPECT_EQ(rows[0].completion_rate.n, 4);
    EXPECT_LT(rows[0].completion_rate.low, 0.75);
    EXPECT_GT(rows[0].completion_rate.high, 0.75);
    EXPECT_EQ(rows[0].completion_rate.method, "wilson_95");
    ASSERT_TRUE(rows[0].avg_duration_seconds);
    EXPECT_DOUBLE_EQ(*rows[0].avg_duration_seconds, 3.0);
    EXPECT_EQ(rows[0].last_invocation_at_us, kNowUs);
}

TEST_F(LiveMetrics, LeavesAnUnknownDurationOut) {
    add("a", 1, false);
    const auto rows = live_skills(state_, std::vector<std::string>{"a"}, kNowUs);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_FALSE(rows[0].avg_duration_seconds);
    EXPECT_EQ(to_json(rows[0]).find("avg_duration"), std::string::npos);
}

TEST_F(LiveMetrics, ListsTheBusiestOfTheLastHour) {
    for (int i = 0; i < 50; ++i) {
        add("old", 90, true);
    }
    add("b", 5, true);
    add("a", 5, true);
    add("c", 5, true);
    add("c", 2, true);
    const auto names = [this](std::size_t limit) {
        std::string out;
        for (const LiveSkill& skill : busiest_skills(state_, kNowUs, limit)) {
            out += skill.skill_name;
        }
        return out;
    };
    EXPECT_EQ(names(10), "cab");
    EXPECT_EQ(names(2), "ca");
    EXPECT_TRUE(busiest_skills(state_, kNowUs + 120 * kUsPerMinute, 10).empty());
}

}  // namespace
}  // namespace credence::skills
