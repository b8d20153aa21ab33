#include <algorithm>
#include <set>

#include "capabilities/skills/people/people_fixture.h"

namespace credence::skills {
namespace {

class RecommendationsTest : public PeopleFixture {
protected:
    static std::vector<std::string> names_of(const CollaborativeRecommendations& list) {
        std::vector<std::string> names;
        for (const RecommendedSkill& skill : list.recommendations) {
            names.push_back(skill.skill_name);
        }
        return names;
    }
    void SetUp() override {
        settings_.exploration_share = 0;
        PeopleFixture::SetUp();
    }
};

TEST_F(RecommendationsTest, SkillsOfOnesOwnCraftComeFirstWithReasons) {
    write_two_crafts();
    const auto list = recommended("bake-6", 2);
    EXPECT_FALSE(list.cold_start);
    EXPECT_EQ(list.built_at_us, kStartUs);
    const auto names = names_of(list);
    EXPECT_EQ(std::set(names.begin(), names.end()), (std::set<std::string>{"bake2", "bake3"}));
    for (const RecommendedSkill& skill : list.recommendations) {
        EXPECT_EQ(skill.source, RecommendedBy::similar_items);
        EXPECT_EQ(skill.users, 6);
        EXPECT_GT(skill.score, 0);
        EXPECT_EQ(skill.completion_rate.n, 18);
        EXPECT_EQ(skill.completion_rate.method, "empirical_bayes_beta_95");
        EXPECT_GT(skill.completion_rate.low, 0.7);
        ASSERT_EQ(skill.reasons.size(), 2U);
        EXPECT_EQ(skill.reasons[0].users, 6);
        EXPECT_NEAR(skill.reasons[0].share + skill.reasons[1].share, 1, 1e-12);
    }
}

TEST_F(RecommendationsTest, WhatWasTriedIsNeverRecommendedEvenIfItFailed) {
    write_two_crafts();
    write({{.user = "bake-6", .skill_name = "bake2", .completed = false}});
    for (const std::string& name : names_of(recommended("bake-6", 100))) {
        EXPECT_TRUE(name != "bake0" && name != "bake1" && name != "bake2") << name;
    }
    // Six skills are known of eight that exist: two tried, one failed, and nothing else is missing.
    EXPECT_EQ(recommended("bake-6", 100).recommendations.size(), 5U);
}

TEST_F(RecommendationsTest, AStrangerGetsWhatTheCommunityDoes) {
    write_two_crafts();
    write_skill("poor", 6, 4, 0);
    const auto list = recommended("nobody", 100);
    EXPECT_TRUE(list.cold_start);
    ASSERT_EQ(list.recommendations.size(), 9U);
    EXPECT_EQ(list.recommendations.front().source, RecommendedBy::community);
    EXPECT_EQ(list.recommendations.back().skill_name, "poor");
    EXPECT_TRUE(list.recommendations.front().reasons.empty());
}

TEST_F(RecommendationsTest, NothingIsToldOfSkillsOfTooFew) {
    write_skill("shared", 5, 2, 2);
    write_skill("rare", 4, 50, 50);
    const auto list = recommended("nobody", 100);
    EXPECT_EQ(names_of(list), std::vector<std::string>{"shared"});
    write({{.user = "u4", .skill_name = "rare"}});
    EXPECT_EQ(recommended("nobody", 100).recommendations.size(), 2U);
}

TEST_F(RecommendationsTest, OneUserAloneIsNeverVisible) {
    // Both skills are known widely, but one person only uses them together.
    write_skill("left", 8, 3, 3);
    std::vector<LoggedUse> uses;
    for (int person = 20; person < 28; ++person) {
        uses.push_back({.user = "u" + std::to_string(person), .skill_name = "right"});
    }
    for (int use = 0; use < 50; ++use) {
        uses.push_back({.user = "u0", .skill_name = "right"});
    }
    write(uses);
    const auto list = recommended("u1");
    ASSERT_EQ(names_of(list), std::vector<std::string>{"right"});
    EXPECT_EQ(list.recommendations[0].source, RecommendedBy::popular);
    EXPECT_TRUE(list.recommendations[0].reasons.empty());
    // Four more do so: now k people stand behind it.
    for (int person = 2; person < 6; ++person) {
        write({{.user = "u" + std::to_string(person), .skill_name = "right"}});
    }
    const auto supported = recommended("u1");
    EXPECT_EQ(supported.recommendations.at(0).source, RecommendedBy::similar_items);
    ASSERT_EQ(supported.recommendations[0].reasons.size(), 1U);
    EXPECT_EQ(supported.recommendations[0].reasons[0].skill_name, "left");
    EXPECT_EQ(supported.recommendations[0].reasons[0].users, 5);
}

TEST_F(RecommendationsTest, ExplorationIsStableForADayAndMovesBetweenDays) {
    settings_.exploration_share = 1;
    for (int skill = 0; skill < 30; ++skill) {
        write_skill("skill" + std::to_string(skill), 5, 2, 1);
    }
    write({{.user = "asker", .skill_name = "skill0"}});
    const auto first = recommended("asker");
    for (const RecommendedSkill& skill : first.recommendations) {
        EXPECT_EQ(skill.source, RecommendedBy::exploration);
        EXPECT_NE(skill.skill_name, "skill0");
    }
    clock_.advance_us(23 * 3600 * kUsPerSecond);
    EXPECT_EQ(names_of(recommended("asker")), names_of(first));
    std::set<std::vector<std::string>> lists;
    for (int day = 0; day < 5; ++day) {
        clock_.advance_us(kUsPerDay);
        lists.insert(names_of(recommended("asker")));
    }
    EXPECT_GE(lists.size(), 4U);
}

TEST_F(RecommendationsTest, TenantsKnowNothingOfEachOther) {
    write_two_crafts("other");
    EXPECT_TRUE(recommended("bake-6").recommendations.empty());
    EXPECT_TRUE(baselines().baselines.empty());
    EXPECT_FALSE(recommended("bake-6", 5, "other").recommendations.empty());
}

TEST_F(RecommendationsTest, TheCommunityIsCountedAnewWhenItChangedOrAged) {
    write_skill("first", 5, 1'200, 1'200);  // many: a change of less than a twentieth can wait
    EXPECT_EQ(recommended("nobody").recommendations.size(), 1U);
    clock_.advance_us(kUsPerMinute);
    write_skill("second", 5, 2, 2);
    EXPECT_EQ(recommended("nobody").recommendations.size(), 1U);
    EXPECT_EQ(recommended("nobody").built_at_us, kStartUs);
    clock_.advance_us(9 * kUsPerMinute);
    EXPECT_EQ(recommended("nobody").recommendations.size(), 2U);
    EXPECT_EQ(recommended("nobody").built_at_us, kStartUs + 10 * kUsPerMinute);
    clock_.advance_us(kUsPerMinute);
    write_skill("third", 5, 100, 100);
    EXPECT_EQ(recommended("nobody").recommendations.size(), 3U);
    // forget() clears: after an erasure nothing of before is told.
    clock_.advance_us(kUsPerMinute);
    community_->forget("default");
    EXPECT_EQ(recommended("nobody").built_at_us, clock_.now_us());
    clock_.advance_us(10 * kUsPerMinute);
    ASSERT_TRUE(community_->refresh().has_value());
    EXPECT_EQ(baselines().built_at_us, clock_.now_us());
}

TEST_F(RecommendationsTest, SimilarUsersAreAliasesOfThoseWhoShareSkills) {
    write_two_crafts();
    const auto found =
        skills_->get_similar_users(context(), {.user_id = "bake-0", .min_common_skills = 3});
    ASSERT_TRUE(found.has_value()) << found.error().message;
    EXPECT_EQ(found->state, PeopleState::ok);
    EXPECT_TRUE(found->complete);
    ASSERT_EQ(found->users.size(), 5U);  // not bake-6, who shares two, nor the other craft
    std::set<std::string> aliases;
    for (const SimilarUserFound& user : found->users) {
        EXPECT_EQ(user.common_skills, 4);
        EXPECT_EQ(user.alias.size(), 16U);
        EXPECT_EQ(user.alias.find_first_not_of("0123456789abcdef"), std::string::npos);
        aliases.insert(user.alias);
        for (int person = 0; person < 7; ++person) {
            const auto hash = names_->hash("default", "bake-" + std::to_string(person));
            EXPECT_EQ(hash.find(user.alias), std::string::npos);
        }
    }
    EXPECT_EQ(aliases.size(), 5U);
    // Another asker meets the same people under other names.
    const auto other = skills_->get_similar_users(context(), {.user_id = "bake-1"});
    for (const SimilarUserFound& user : other->users) {
        EXPECT_FALSE(aliases.contains(user.alias));
    }
    const auto two = skills_->get_similar_users(
        context(), {.user_id = "bake-0", .min_common_skills = 2, .limit = 100});
    EXPECT_EQ(two->users.size(), 6U);
    EXPECT_GT(two->users.front().score, two->users.back().score);
}

TEST_F(RecommendationsTest, SimilarUsersNeedEnoughPeopleAndCompletedSkills) {
    write_skill("a", 4, 1, 1);
    const auto few = skills_->get_similar_users(context(), {"u0", 1, 10});
    EXPECT_EQ(few->state, PeopleState::insufficient_data);
    write_skill("b", 6, 1, 1);
    EXPECT_EQ(skills_->get_similar_users(context(), {"u0", 1, 10})->users.size(), 5U);
    write({{.user = "fails", .skill_name = "b", .completed = false}});
    EXPECT_EQ(skills_->get_similar_users(context(), {"fails", 1, 10})->state,
              PeopleState::insufficient_data);
    EXPECT_EQ(skills_->get_similar_users(context(), {"nobody", 1, 10})->state,
              PeopleState::insufficient_data);
}

TEST_F(RecommendationsTest, UsersAreKnownByA64DigitHashOnly) {
    const std::string hash = names_->hash("default", "ada");
    EXPECT_EQ(hash.size(), 64U);
    EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
    write_two_crafts();
    const auto list = recommended("bake-6");
    EXPECT_EQ(to_json(list).find("bake-"), std::string::npos);
    const auto found = skills_->get_similar_users(context(), {.user_id = "bake-0"});
    EXPECT_EQ(to_json(*found).find("bake"), std::string::npos);
}

TEST_F(RecommendationsTest, AProfileAddsUpWhatAUserDid) {
    write({{.user = "ada", .skill_name = "one"},
           {.user = "ada", .skill_name = "two", .completed = false},
           {.user = "ada", .skill_name = "two", .at_us = kStartUs + 5},
           {.user = "bob", .skill_name = "three"}});
    const auto profile = skills_->get_user_profile(context(), {"ada"});
    ASSERT_TRUE(profile.has_value()) << profile.error().message;
    EXPECT_EQ(profile->unique_skills, 2);
    EXPECT_EQ(profile->total_interactions, 3);
    EXPECT_NEAR(profile->completion_rate.value, 2.0 / 3, 1e-12);
    EXPECT_EQ(profile->completion_rate.n, 3);
    EXPECT_EQ(profile->completion_rate.method, "wilson_95");
    ASSERT_EQ(profile->top_skills.size(), 2U);
    EXPECT_EQ(profile->top_skills[0].skill_name, "two");
    EXPECT_EQ(profile->top_skills[0].completion_rate.value, 0.5);
    EXPECT_EQ(profile->top_skills[0].last_invoked_at_us, kStartUs + 5);
    EXPECT_EQ(code_of(skills_->get_user_profile(context(), {"nobody"})), Code::not_found);
    EXPECT_EQ(code_of(skills_->get_user_profile(context("other"), {"ada"})), Code::not_found);
}

TEST_F(RecommendationsTest, AProfileListsTenSkills) {
    std::vector<LoggedUse> uses;
    for (int skill = 0; skill < 12; ++skill) {
        for (int use = 0; use <= skill; ++use) {
            uses.push_back({.user = "ada", .skill_name = "s" + std::to_string(skill)});
        }
    }
    write(uses);
    const auto profile = skills_->get_user_profile(context(), {"ada"});
    EXPECT_EQ(profile->unique_skills, 12);
    ASSERT_EQ(profile->top_skills.size(), 10U);
    EXPECT_EQ(profile->top_skills.front().skill_name, "s11");
    EXPECT_EQ(profile->top_skills.back().skill_name, "s2");
}

TEST_F(RecommendationsTest, AMissingTableIsAnErrorAndNoEmptyAnswer) {
    write_two_crafts();
    execute("DROP VIEW v_community_baseline_comparison");
    execute("DROP TABLE skill_community_baselines");
    EXPECT_EQ(code_of(skills_->get_collaborative_recommendations(context(), {.user_id = "x"})),
              Code::internal);
    EXPECT_EQ(code_of(skills_->get_community_baselines(context(), {})), Code::internal);
}

}  // namespace
}  // namespace credence::skills
