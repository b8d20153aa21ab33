#include "capabilities/skills/state/skill_state.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/units.h"
#include "capabilities/skills/state/ledger_fixture.h"

namespace credence::skills {
namespace {

class SkillStateTest : public ::testing::Test {
protected:
    void apply(const LogRow& row) { state_.apply(fact_of(row, ++id_)); }
    const SkillFigures& skill(std::string_view name) {
        return state_.skills().at(state_.find(name).value());
    }

    SkillState state_;
    std::int64_t id_ = 0;
};

TEST_F(SkillStateTest, AddsUpWhatWasRecorded) {
    apply({.skill = "lint", .phase = "setup", .completed = true, .seconds = 0.5});
    apply({.skill = "lint", .phase = "setup", .completed = true, .seconds = 400});
    apply({.skill = "lint", .phase = "setup", .completed = false, .seconds = 7});
    apply({.skill = "lint", .at_us = kTestStartUs + kUsPerMinute, .completed = true});
    ASSERT_EQ(state_.skills().size(), 1U);
    const SkillFigures& lint = skill("lint");
    ASSERT_EQ(lint.minutes.size(), 2U);
    EXPECT_EQ(lint.minutes[0].at_us, kTestStartUs);
    EXPECT_EQ(lint.minutes[0].invocations, 3);
    EXPECT_EQ(lint.minutes[0].completed, 2);
    EXPECT_EQ(lint.minutes[0].timed, 2);  // how long a failure took is no duration
    EXPECT_EQ(lint.minutes[0].duration_sum_seconds, 400.5);
    EXPECT_NEAR(lint.minutes[0].log_duration_sum, std::log(0.5) + std::log(400), 1e-12);
    ASSERT_EQ(lint.hours.size(), 1U);
    EXPECT_EQ(lint.hours[0].invocations, 4);
    EXPECT_EQ(lint.last_invoked_at_us, kTestStartUs + kUsPerMinute);
    const PhaseTotal& setup = lint.phases.at("setup");
    EXPECT_EQ(setup.invocations, 3);
    EXPECT_EQ(setup.buckets[1], 1);  // a bound belongs to its bucket: 0.1 < 0.5 <= 0.5
    EXPECT_EQ(setup.buckets[9], 1);  // above 300
    EXPECT_EQ(lint.phases.at("").invocations, 1);
    EXPECT_EQ(state_.through_id(), 4);
    EXPECT_EQ(state_.newest_at_us(), kTestStartUs + kUsPerMinute);
    EXPECT_FALSE(state_.find("test"));
}

TEST_F(SkillStateTest, PutsLateRowsInTheirPlaceAndForgetsWhatIsTooOld) {
    const std::int64_t day_us = kTestStartUs + kUsPerDay;
    apply({.at_us = day_us + 5 * kUsPerMinute});
    apply({.at_us = day_us + 3 * kUsPerMinute});
    apply({.at_us = day_us + 4 * kUsPerMinute});
    apply({.at_us = day_us + 3 * kUsPerMinute + 1});
    const SkillFigures& lint = skill("lint");
    ASSERT_EQ(lint.minutes.size(), 3U);
    EXPECT_EQ(lint.minutes[0].at_us, day_us + 3 * kUsPerMinute);
    EXPECT_EQ(lint.minutes[0].invocations, 2);
    EXPECT_EQ(lint.minutes[2].at_us, day_us + 5 * kUsPerMinute);
    // The newest minute and the 1,499 before it are kept.
    apply({.at_us = day_us + 3 * kUsPerMinute - 1});
    apply({.at_us = day_us + (3 + SkillState::kMinutesKept - 1) * kUsPerMinute});
    EXPECT_EQ(skill("lint").minutes.front().at_us, day_us + 3 * kUsPerMinute);
    apply({.skill = "other", .at_us = day_us + (4 + SkillState::kMinutesKept) * kUsPerMinute});
    EXPECT_EQ(skill("lint").minutes.front().at_us, day_us + 5 * kUsPerMinute);
    apply({.at_us = day_us + 3 * kUsPerMinute});  // too late for the minutes
    EXPECT_EQ(skill("lint").minutes.front().at_us, day_us + 5 * kUsPerMinute);
    EXPECT_EQ(skill("lint").hours.front().invocations, 6);
    EXPECT_EQ(skill("lint").phases.at("").invocations, 7);
}

TEST_F(SkillStateTest, KeepsTenWeeksOfHours) {
    apply({.at_us = kTestStartUs});
    apply({.at_us = kTestStartUs + (SkillState::kHoursKept - 1) * kUsPerHour});
    EXPECT_EQ(skill("lint").hours.size(), 2U);
    apply({.at_us = kTestStartUs + SkillState::kHoursKept * kUsPerHour});
    ASSERT_EQ(skill("lint").hours.size(), 2U);
    EXPECT_EQ(skill("lint").hours[0].at_us,
              kTestStartUs + (SkillState::kHoursKept - 1) * kUsPerHour);
    apply({.at_us = kTestStartUs});
    EXPECT_EQ(skill("lint").hours.size(), 2U);
    EXPECT_EQ(skill("lint").phases.at("").invocations, 4);
}

TEST_F(SkillStateTest, KnowsUsersByWhatTheyDid) {
    apply({.skill = "a", .user = "u", .at_us = 50, .completed = false, .rating = 2});
    apply({.skill = "a", .user = "u", .at_us = 10, .completed = true, .rating = 5});
    apply({.skill = "b", .user = "u", .completed = false});
    apply({.skill = "b"});
    ASSERT_EQ(state_.users().size(), 1U);
    const auto user = state_.find_user("u");
    ASSERT_TRUE(user);
    const UserFigures& figures = state_.users()[*user];
    ASSERT_EQ(figures.skills.size(), 2U);
    EXPECT_EQ(figures.skills[0].invocations, 2);
    EXPECT_EQ(figures.skills[0].completed, 1);
    EXPECT_EQ(figures.skills[0].rating_sum, 7);
    EXPECT_EQ(figures.skills[0].ratings, 2);
    EXPECT_EQ(figures.skills[0].first_at_us, 10);
    EXPECT_EQ(figures.skills[0].last_at_us, 50);
    const auto done = state_.user_index().items_of(*user);
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0], state_.find("a"));
}

TEST_F(SkillStateTest, CountsMeetingsBySession) {
    for (int time = 0; time < 3; ++time) {
        apply({.skill = "a", .session = "s1", .at_us = 20});
        apply({.skill = "b", .session = "s1", .at_us = 10});
    }
    apply({.skill = "a", .session = "s2", .at_us = 10});
    const auto pair = state_.meetings().pair(*state_.find("a"), *state_.find("b"));
    ASSERT_TRUE(pair);
    EXPECT_EQ(pair->counts.sessions, 2);
    EXPECT_EQ(pair->counts.a, 2);
    EXPECT_EQ(pair->counts.b, 1);
    EXPECT_EQ(pair->counts.both, 1);
    EXPECT_EQ(pair->order.b_first, 1);
}

TEST_F(SkillStateTest, TellsWhatChangedOnce) {
    apply({.skill = "a"});
    apply({.skill = "b"});
    apply({.skill = "a"});
    EXPECT_EQ(state_.take_changed(), (std::vector<std::uint32_t>{0, 1}));
    EXPECT_TRUE(state_.take_changed().empty());
    apply({.skill = "b"});
    EXPECT_EQ(state_.take_changed(), (std::vector<std::uint32_t>{1}));
}

TEST_F(SkillStateTest, PutsPhasesBeyondTheLimitTogether) {
    for (std::size_t i = 0; i < SkillState::kMaxPhases + 10; ++i) {
        apply({.phase = "p" + std::to_string(i)});
    }
    const SkillFigures& lint = skill("lint");
    EXPECT_EQ(lint.phases.size(), SkillState::kMaxPhases + 1);
    EXPECT_EQ(lint.phases.at("").invocations, 10);
}

TEST_F(SkillStateTest, TakesNoDurationThatIsNone) {
    apply({.seconds = std::nan("")});
    apply({.seconds = HUGE_VAL});
    apply({.seconds = 0});
    const Cell& hour = skill("lint").hours.at(0);
    EXPECT_EQ(hour.timed, 1);
    EXPECT_EQ(hour.duration_sum_seconds, 0);
    EXPECT_NEAR(hour.log_duration_sum, std::log(1e-6), 1e-12);
}

TEST(SkillStateDeathTest, IsFoldedInOrder) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    SkillState state;
    const LogRow row;
    state.apply(fact_of(row, 5));
    EXPECT_DEATH(state.apply(fact_of(row, 5)), "order of id");
}

}  // namespace
}  // namespace credence::skills
