#include "capabilities/trust/scores.h"

#include <atomic>
#include <cmath>
#include <thread>

#include "base/units.h"
#include "capabilities/trust/score_fixture.h"

namespace credence::trust {
namespace {

class ScoresTest : public ScoreFixture {
protected:
    void SetUp() override {
        ScoreFixture::SetUp();
        make_agent("a", key("k1"));
    }

    Result<void> check(const std::string& agent_id, const std::string& verifier) {
        return database_->read([&](store::Tx& tx) {
            return check_verifier(tx, key("k1"), agent_id, verifier, clock_.now_us());
        });
    }
    void verified(const std::string& verifier, const std::string& agent_id) {
        Evidence given = evidence(agent_id);
        given.verified_by = verifier;
        ASSERT_TRUE(apply(key("x"), given).has_value());
    }
};

TEST_F(ScoresTest, AConfirmedClaimRaisesTheScore) {
    const auto applied = apply(key("k1"), evidence("a"));
    ASSERT_TRUE(applied.has_value()) << applied.error().message;
    EXPECT_EQ(applied->weight, 1);
    EXPECT_DOUBLE_EQ(applied->trust_score, 2.0 / 3);
    EXPECT_NEAR(applied->lower_bound, 0.2236, 1e-4);
    EXPECT_DOUBLE_EQ(applied->ewma, 0.55);
    EXPECT_EQ(applied->seq, 1);
    EXPECT_EQ(apply(key("k1"), evidence("a", Outcome::refuted))->seq, 2);
    EXPECT_EQ(events("trust_changed"), 2);
    const KindTrust trust = trust_of("a");
    EXPECT_EQ(trust.total_verifications, 2);
    EXPECT_EQ(trust.accurate_verifications, 1);
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(ScoresTest, AVerificationCountsOnce) {
    make_agent("b", key("k1"));
    Evidence given = evidence("a");
    ASSERT_TRUE(apply(key("k1"), given).has_value());
    const auto again = apply(key("k1"), given);
    EXPECT_EQ(failure_of(again), Code::conflict);
    EXPECT_EQ(again.error().field, "verification_id");
    given.agent_id = "b";
    EXPECT_EQ(failure_of(apply(key("k1"), given)), Code::conflict);
    EXPECT_EQ(failure_of(defer(key("k1"), given)), Code::conflict);
    EXPECT_EQ(trust_of("a").total_verifications, 1);
    EXPECT_EQ(trust_of("b").total_verifications, 0);
}

TEST_F(ScoresTest, ADeferredVerificationIsItsAgentsOnly) {
    make_agent("b", key("k1"));
    Evidence given = evidence("a");
    ASSERT_TRUE(defer(key("k1"), given).has_value());
    EXPECT_EQ(failure_of(defer(key("k1"), given)), Code::conflict);
    given.agent_id = "b";
    const auto stolen = apply(key("k1"), given);
    EXPECT_EQ(failure_of(stolen), Code::conflict);
    EXPECT_EQ(stolen.error().message, "the verification is another agent's");
    EXPECT_EQ(trust_of("a").total_verifications, 0);
}

TEST_F(ScoresTest, UnknownAgentsAndStrengthsAreRefused) {
    EXPECT_EQ(failure_of(apply(key("k1"), evidence("nobody"))), Code::not_found);
    EXPECT_EQ(failure_of(apply(key("k1", "lab"), evidence("a"))), Code::not_found);
    for (const double strength : {0.0, -1.0, 1.5, std::nan("")}) {
        Evidence given = evidence("a");
        given.strength = strength;
        EXPECT_EQ(failure_of(apply(key("k1"), given)), Code::invalid);
        EXPECT_EQ(failure_of(defer(key("k1"), given)), Code::invalid);
    }
}

TEST_F(ScoresTest, TheSameClaimAgainAddsNothing) {
    Evidence given = evidence("a");
    ASSERT_TRUE(apply(key("k1"), given).has_value());
    given.verification_id = ids_.make<VerificationId>();
    const auto again = apply(key("k1"), given);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->weight, 0);
    EXPECT_DOUBLE_EQ(again->trust_score, 2.0 / 3);
    // But that it does not hold any more is news, once.
    given.outcome = Outcome::refuted;
    given.verification_id = ids_.make<VerificationId>();
    EXPECT_EQ(apply(key("k1"), given)->weight, 1);
    given.verification_id = ids_.make<VerificationId>();
    EXPECT_EQ(apply(key("k1"), given)->weight, 0);
    EXPECT_EQ(trust_of("a").repeated_verifications, 2);
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(ScoresTest, ManyClaimsOnOneRunWeighLessThanTwo) {
    double sum = 0;
    for (int i = 0; i < 30; ++i) {
        Evidence given = evidence("a");
        given.effort_digest = "one effort";
        sum += apply(key("k1"), given)->weight;
    }
    EXPECT_LT(sum, 2);
    EXPECT_GT(sum, 1.99);
    // A lie among them counts in full.
    Evidence lie = evidence("a", Outcome::refuted);
    lie.effort_digest = "one effort";
    EXPECT_EQ(apply(key("k1"), lie)->weight, 1);
}

TEST_F(ScoresTest, WhatProvedNothingIsRecordedAndMovesNothing) {
    const auto applied = apply(key("k1"), evidence("a", Outcome::inconclusive));
    EXPECT_EQ(applied->weight, 0);
    EXPECT_DOUBLE_EQ(applied->trust_score, 0.5);
    ASSERT_TRUE(defer(key("k1"), evidence("a", Outcome::error)).has_value());
    EXPECT_DOUBLE_EQ(trust_of("a").inconclusive_share, 1);
    EXPECT_EQ(trust_of("a").error_verifications, 1);
}

TEST_F(ScoresTest, ATurncoatIsTold) {
    apply_many("a", 60);
    EXPECT_EQ(events("trust_alarm"), 0);
    apply_many("a", 4, Outcome::refuted);
    EXPECT_EQ(events("trust_alarm"), 1);
    EXPECT_TRUE(trust_of("a").alarmed);
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(ScoresTest, NobodyIsItsOwnVerifier) {
    EXPECT_EQ(failure_of(check("a", "a")), Code::forbidden);
    make_agent("sister", key("k1"));
    EXPECT_EQ(failure_of(check("a", "sister")), Code::forbidden);
    const auto nobody = check("a", "nobody");
    EXPECT_EQ(failure_of(nobody), Code::not_found);
    EXPECT_EQ(nobody.error().field, "verified_by_agent_id");
    make_agent("other", key("k2"));
    EXPECT_TRUE(check("a", "other").has_value());
    make_agent("elsewhere", key("k2", "lab"));
    EXPECT_EQ(failure_of(check("a", "elsewhere")), Code::not_found);
    ASSERT_TRUE(agents_->retire(key("k2"), AgentRef{"other"}).has_value());
    EXPECT_EQ(failure_of(check("a", "other")), Code::conflict);
}

TEST_F(ScoresTest, RingsOfVerifiersAreRefused) {
    for (const char* id : {"b", "c", "d", "e", "f"}) {
        make_agent(id, key(std::string("owner of ") + id));
    }
    verified("a", "b");  // a verified b: b does not verify a
    EXPECT_EQ(failure_of(check("a", "b")), Code::forbidden);
    EXPECT_TRUE(check("b", "a").has_value());
    verified("b", "c");
    verified("c", "d");
    verified("d", "e");
    verified("e", "f");
    EXPECT_EQ(failure_of(check("a", "c")), Code::forbidden);
    EXPECT_EQ(failure_of(check("a", "e")), Code::forbidden);
    EXPECT_TRUE(check("a", "f").has_value());  // five in a row: too long to be told from chance
    clock_.advance_us(31 * kUsPerDay);
    EXPECT_TRUE(check("a", "b").has_value());
}

TEST_F(ScoresTest, ANetTooWideToSearchIsRefused) {
    make_agent("b", key("k2"));
    tamper(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1002) "
        "INSERT INTO trust_log SELECT 'default', i, 1735689600000000, 'default', 'x' || i, "
        "'custom', "
        "'evidence', 'confirmed', 1, 1, 1, 0, 0, 0, NULL, '', '', '', 'a', '', '', '', '' FROM n");
    EXPECT_EQ(failure_of(check("a", "b")), Code::forbidden);
}

TEST_F(ScoresTest, SixtyFourWritersLoseNothing) {
    constexpr int kThreads = 64;
    constexpr int kEach = 5;
    std::vector<std::vector<Evidence>> work(kThreads);
    for (auto& mine : work) {
        for (int i = 0; i < kEach; ++i) {
            mine.push_back(evidence("a"));
        }
    }
    const Evidence contested = evidence("a");
    std::atomic<int> won = 0;
    std::vector<std::thread> threads;
    for (const auto& mine : work) {
        threads.emplace_back([&] {
            for (const Evidence& given : mine) {
                EXPECT_TRUE(apply(key("k1"), given).has_value());
            }
            won += apply(key("k1"), contested).has_value() ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(trust_of("a").total_verifications, kThreads * kEach + 1);
    EXPECT_EQ(trust_->replay(admin(), Empty{})->entries, kThreads * kEach + 1);
}

}  // namespace
}  // namespace credence::trust
