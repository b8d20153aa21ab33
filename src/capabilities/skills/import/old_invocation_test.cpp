#include "capabilities/skills/import/old_invocation.h"

#include <gtest/gtest.h>

#include <limits>

namespace credence::skills {
namespace {

constexpr std::int64_t kNowUs = 1'800'000'000'000'000;

OldInvocation good() {
    OldInvocation old;
    old.skill_name = "pytest-run";
    old.invoked_at = "2026-02-10T12:00:00+00:00";
    old.session_id = "session-1";
    old.completed = true;
    return old;
}

TEST(OldInvocationTest, AGoodRowNeedsNoMending) {
    OldInvocation old = good();
    old.duration_seconds = 2.5;
    old.selection_rank = 1;
    old.alternatives_considered = R"(["tox", "nox"])";
    old.follow_up_actions = R"(["git-commit"])";
    old.error_type = "KeyError: [1]";
    old.workflow_phase = "execution";
    Mending mending;
    const auto row = mend(old, kNowUs, mending);
    ASSERT_TRUE(row.has_value());
    EXPECT_TRUE(mending.mended.empty());
    EXPECT_EQ(row->skill_name, "pytest-run");
    EXPECT_EQ(row->invoked_at_us, 1'770'724'800'000'000);
    EXPECT_EQ(row->duration_seconds, 2.5);
    EXPECT_EQ(row->alternatives_considered, (std::vector<std::string>{"tox", "nox"}));
    EXPECT_EQ(row->follow_up_actions, std::vector<std::string>{"git-commit"});
    EXPECT_EQ(row->error_type, "KeyError: [1]");
    EXPECT_EQ(row->workflow_phase, "execution");
}

TEST(OldInvocationTest, WhatIsWrongIsDroppedAndCounted) {
    OldInvocation old = good();
    old.invoked_at = "2026-02-10 12:00:00";
    old.duration_seconds = -1;
    old.selection_rank = 0;
    old.alternatives_considered = "{not json";
    old.error_type = "";
    old.session_id = "a session/with blanks";
    old.embedding = "too short";
    Mending mending;
    const auto row = mend(old, kNowUs, mending);
    ASSERT_TRUE(row.has_value());
    EXPECT_FALSE(row->duration_seconds.has_value());
    EXPECT_FALSE(row->selection_rank.has_value());
    EXPECT_FALSE(row->error_type.has_value());
    EXPECT_FALSE(row->embedding.has_value());
    EXPECT_TRUE(row->session_id.starts_with("imported."));
    const std::map<std::string, std::int64_t> expected = {
        {"alternatives_considered_dropped", 1}, {"duration_dropped", 1}, {"embedding_dropped", 1},
        {"selection_rank_dropped", 1},          {"session_renamed", 1},  {"time_with_blank", 1}};
    EXPECT_EQ(mending.mended, expected);
}

TEST(OldInvocationTest, RowsWithoutTimeOrSkillAreSkippedWithTheReason) {
    Mending mending;
    OldInvocation no_time = good();
    no_time.invoked_at = "soon";
    EXPECT_FALSE(mend(no_time, kNowUs, mending).has_value());
    OldInvocation no_skill = good();
    no_skill.skill_name = "  ";
    EXPECT_FALSE(mend(no_skill, kNowUs, mending).has_value());
    OldInvocation future = good();
    future.invoked_at = "2999-01-01T00:00:00Z";
    EXPECT_FALSE(mend(future, kNowUs, mending).has_value());
    const std::map<std::string, std::int64_t> expected = {
        {"in_the_future", 1}, {"no_skill", 1}, {"no_time", 1}};
    EXPECT_EQ(mending.reasons, expected);
}

TEST(OldInvocationTest, AnEmbeddingIs384Numbers) {
    std::vector<float> numbers(kEmbeddingNumbers);
    numbers[7] = 0.5F;
    OldInvocation old = good();
    old.embedding =
        std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
    Mending mending;
    const auto row = mend(old, kNowUs, mending);
    ASSERT_TRUE(row && row->embedding);
    EXPECT_EQ(row->embedding->size(), kEmbeddingNumbers);
    EXPECT_EQ((*row->embedding)[7], 0.5);

    numbers[7] = std::numeric_limits<float>::quiet_NaN();
    old.embedding =
        std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
    EXPECT_FALSE(mend(old, kNowUs, mending)->embedding.has_value());
}

TEST(OldInvocationTest, TheKeyTellsRowsApart) {
    Mending mending;
    const auto row = mend(good(), kNowUs, mending);
    OldInvocation other = good();
    other.completed = false;
    EXPECT_EQ(row_key(*row), row_key(*mend(good(), kNowUs, mending)));
    EXPECT_NE(row_key(*row), row_key(*mend(other, kNowUs, mending)));
}

}  // namespace
}  // namespace credence::skills
