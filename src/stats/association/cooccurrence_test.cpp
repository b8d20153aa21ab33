#include "stats/association/cooccurrence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/random.h"

namespace credence::stats {
namespace {

TEST(Cooccurrence, CountsSessionsNotInvocations) {
    Cooccurrence counter;
    for (int time = 0; time < 30; ++time) {
        counter.add(1, 7, time);
        counter.add(1, 8, time + 100);
    }
    counter.add(2, 7, 0);
    const auto pair = counter.pair(7, 8);
    ASSERT_TRUE(pair);
    EXPECT_EQ(pair->counts.sessions, 2);
    EXPECT_EQ(pair->counts.a, 2);
    EXPECT_EQ(pair->counts.b, 1);
    EXPECT_EQ(pair->counts.both, 1);
    EXPECT_EQ(pair->order.a_first, 1);
    EXPECT_EQ(pair->order.b_first, 0);
    EXPECT_EQ(counter.pair(8, 7)->order.b_first, 1);
    EXPECT_EQ(counter.pair(8, 9)->counts.both, 0);
}

// Sessions of random skills at random times, in random order of arrival, against a recount.
TEST(Cooccurrence, AgreesWithARecount) {
    SeededRandom random(12);
    Cooccurrence counter;
    std::map<std::uint64_t, std::map<std::uint32_t, std::int64_t>> sessions;
    for (int event = 0; event < 4'000; ++event) {
        const std::uint64_t session = random.next() % 200;
        const auto skill = static_cast<std::uint32_t>(random.next() % 12);
        const auto at_us = static_cast<std::int64_t>(random.next() % 50);
        counter.add(session, skill, at_us);
        const auto [known, is_new] = sessions[session].try_emplace(skill, at_us);
        known->second = std::min(known->second, at_us);
    }
    for (std::uint32_t a = 0; a < 12; ++a) {
        for (std::uint32_t b = 0; b < 12; ++b) {
            if (a == b) {
                continue;
            }
            PairCounts counts{.sessions = static_cast<std::int64_t>(sessions.size())};
            OrderCounts order;
            for (const auto& [session, skills] : sessions) {
                const auto has_a = skills.find(a);
                const auto has_b = skills.find(b);
                counts.a += has_a != skills.end() ? 1 : 0;
                counts.b += has_b != skills.end() ? 1 : 0;
                if (has_a != skills.end() && has_b != skills.end()) {
                    ++counts.both;
                    order.a_first += has_a->second < has_b->second ? 1 : 0;
                    order.b_first += has_b->second < has_a->second ? 1 : 0;
                }
            }
            const auto found = counter.pair(a, b);
            ASSERT_TRUE(found);
            EXPECT_EQ(found->counts.sessions, counts.sessions);
            EXPECT_EQ(found->counts.a, counts.a);
            EXPECT_EQ(found->counts.b, counts.b);
            EXPECT_EQ(found->counts.both, counts.both);
            EXPECT_EQ(found->order.a_first, order.a_first);
            EXPECT_EQ(found->order.b_first, order.b_first);
        }
        EXPECT_EQ(counter.partners(a).size(), 11U);
    }
    EXPECT_EQ(counter.losses().pairs_ignored, 0);
}

TEST(Cooccurrence, ALateEventTurnsTheOrder) {
    Cooccurrence counter;
    counter.add(1, 1, 10);
    counter.add(1, 2, 20);
    EXPECT_EQ(counter.pair(1, 2)->order.a_first, 1);
    counter.add(1, 2, 10);  // the same instant: no order
    EXPECT_EQ(counter.pair(1, 2)->order.a_first, 0);
    EXPECT_EQ(counter.pair(1, 2)->order.b_first, 0);
    counter.add(1, 2, 5);
    EXPECT_EQ(counter.pair(1, 2)->order.b_first, 1);
    EXPECT_EQ(counter.pair(1, 2)->counts.both, 1);
}

TEST(Cooccurrence, ClosesTheSessionIdleLongest) {
    Cooccurrence counter({.open_sessions = 2});
    counter.add(1, 1, 0);
    counter.add(2, 1, 0);
    counter.add(1, 2, 1);
    counter.add(3, 1, 2);  // closes 2
    EXPECT_EQ(counter.open_sessions(), 2U);
    EXPECT_EQ(counter.losses().sessions_closed, 1);
    counter.add(1, 3, 3);
    EXPECT_EQ(counter.sessions(), 3);
    EXPECT_EQ(counter.pair(1, 3)->counts.both, 1);
    counter.close(1);
    counter.close(99);
    EXPECT_EQ(counter.open_sessions(), 1U);
    EXPECT_EQ(counter.sessions_with(1), 3);
}

TEST(Cooccurrence, LimitsAreKeptAndTold) {
    Cooccurrence counter({.open_sessions = 10, .skills_in_session = 3, .skills = 4, .pairs = 2});
    for (std::uint32_t skill = 1; skill <= 5; ++skill) {
        counter.add(1, skill, skill);
    }
    EXPECT_EQ(counter.pairs(), 2U);  // 1-2 and 1-3; 2-3 is ignored
    EXPECT_EQ(counter.losses().pairs_ignored, 1);
    EXPECT_EQ(counter.losses().skills_ignored, 2);
    EXPECT_FALSE(counter.pair(2, 3));  // they met, but nobody counted
    EXPECT_TRUE(counter.pair(1, 2));
    EXPECT_EQ(counter.sessions_with(4), 0);
    counter.add(2, 6, 1);
    counter.add(2, 7, 1);  // a fifth skill
    EXPECT_EQ(counter.sessions_with(7), 0);
}

TEST(Cooccurrence, FeedsTheAssociation) {
    Cooccurrence counter;
    for (std::uint64_t session = 0; session < 91; ++session) {
        counter.add(session, 0, 0);
        if (session < 20) {
            counter.add(session, 2, 2);
            counter.add(session, 1, 1);
        }
    }
    const auto partners = counter.partners(1);
    ASSERT_EQ(partners.size(), 2U);
    const auto other = std::ranges::find(partners, 2U, &SkillPair::other);
    ASSERT_NE(other, partners.end());
    EXPECT_NEAR(*associate(other->counts).lift, 4.55, 1e-12);
    EXPECT_LT(precedence(other->order)->p, 1e-5);
    EXPECT_TRUE(counter.partners(77).empty());
}

// Counts taken out and put back, and sessions opened again, go on as if nothing had happened.
TEST(Cooccurrence, GoesOnFromRestoredCounts) {
    SeededRandom random(5);
    Cooccurrence whole;
    Cooccurrence first;
    Cooccurrence second;
    for (int event = 0; event < 2'000; ++event) {
        const std::uint64_t session = random.next() % 80;
        const auto skill = static_cast<std::uint32_t>(random.next() % 10);
        const auto at_us = static_cast<std::int64_t>(random.next() % 50);
        if (event == 1'000) {
            second.restore_sessions(first.sessions());
            for (std::uint32_t low = 0; low < 10; ++low) {
                second.restore_skill(low, first.sessions_with(low));
                for (std::uint32_t high = low + 1; high < 10; ++high) {
                    const auto pair = first.pair(low, high);
                    second.restore_pair(
                        {low, high, pair->counts.both, pair->order.a_first, pair->order.b_first});
                }
            }
        }
        Cooccurrence& half = event < 1'000 ? first : second;
        if (event >= 1'000) {
            half.reopen(session, first.uses_of(session));
        }
        EXPECT_EQ(half.add(session, skill, at_us), whole.add(session, skill, at_us));
    }
    EXPECT_EQ(second.sessions(), whole.sessions());
    for (std::uint32_t low = 0; low < 10; ++low) {
        EXPECT_EQ(second.sessions_with(low), whole.sessions_with(low));
        for (std::uint32_t high = low + 1; high < 10; ++high) {
            const auto is = second.pair(low, high);
            const auto should = whole.pair(low, high);
            EXPECT_EQ(is->counts.both, should->counts.both);
            EXPECT_EQ(is->order.a_first, should->order.a_first);
            EXPECT_EQ(is->order.b_first, should->order.b_first);
        }
        EXPECT_EQ(second.partners(low).size(), whole.partners(low).size());
    }
}

TEST(Cooccurrence, DoesNotTellOfPairsThatMayHaveBeenLeftOut) {
    Cooccurrence counter({.pairs = 1});
    counter.restore_pair({0, 1, 3, 2, 1});
    EXPECT_EQ(counter.pair(1, 0)->order.b_first, 2);
    EXPECT_FALSE(counter.pair(0, 2));
}

}  // namespace
}  // namespace credence::stats
