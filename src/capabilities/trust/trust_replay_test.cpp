#include <random>

#include "capabilities/trust/score_fixture.h"
#include "capabilities/trust/verification_rows.h"

namespace credence::trust {
namespace {

class ReplayTest : public ScoreFixture {
protected:
    void SetUp() override {
        ScoreFixture::SetUp();
        make_agent("a", key("k1"));
        make_agent("b", key("k2"));
        Evidence verified = evidence("a");
        verified.verified_by = "b";
        ASSERT_TRUE(apply(key("k1"), verified).has_value());
        apply_many("a", 3);
        ASSERT_TRUE(defer(key("k2"), evidence("b", Outcome::refuted)).has_value());
        ASSERT_TRUE(
            trust_
                ->override_score(admin(), OverrideScore{"b", ClaimKind::custom, 0.4, 5, "so be it"})
                .has_value());
    }
};

TEST_F(ReplayTest, TheLogLeadsToTheScores) {
    const auto report = trust_->replay(admin(), Empty{});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_TRUE(report->identical);
    EXPECT_EQ(report->entries, 6);
    EXPECT_EQ(report->agents, 2);
    EXPECT_EQ(report->states, 3);
    EXPECT_EQ(report->head_hash.size(), 64U);
    EXPECT_EQ(chain_verdict(), "intact");
    Context other = admin();
    other.tenant = "acme";
    EXPECT_EQ(trust_->replay(other, Empty{})->entries, 0);
}

TEST_F(ReplayTest, EveryChangedColumnOfTheLogIsFound) {
    drop_triggers();
    tamper("CREATE TABLE kept AS SELECT * FROM trust_log");
    for (const std::string change : {"at_us = at_us + 1",
                                     "name_space = 'lab'",
                                     "agent_id = 'b'",
                                     "claim_kind = 'custom'",
                                     "entry = 'alarm_cleared'",
                                     "outcome = 'refuted'",
                                     "strength = 0.5",
                                     "novelty = 0.5",
                                     "weight = 2",
                                     "target = 1",
                                     "old_score = 0.9",
                                     "new_score = 0.9",
                                     "verification_id = '01890000-0000-7000-8000-000000000000'",
                                     "verification_id = NULL",
                                     "record_digest = 'x'",
                                     "claim_digest = 'x'",
                                     "effort_digest = 'x'",
                                     "verified_by = NULL",
                                     "verified_by = 'c'",
                                     "reason = 'x'",
                                     "actor = 'x'",
                                     "hash = 'x'",
                                     "outcome = 'splendid'",
                                     "at_us = 'never'"}) {
        tamper("UPDATE trust_log SET " + change + " WHERE seq = 1");
        EXPECT_TRUE(replayed().starts_with("trust chain is broken at entry 1: ")) << change;
        EXPECT_TRUE(chain_verdict().starts_with("trust chain is broken at entry 1: ")) << change;
        tamper("DELETE FROM trust_log; INSERT INTO trust_log SELECT * FROM kept");
        ASSERT_EQ(replayed(), "intact") << change;
    }
    tamper("UPDATE trust_log SET previous_hash = hash WHERE seq = 4");
    EXPECT_EQ(replayed(),
              "trust chain is broken at entry 4: it does not follow the entry before it");
    tamper(
        "DELETE FROM trust_log; INSERT INTO trust_log SELECT * FROM kept; "
        "UPDATE trust_log SET tenant = 'acme'; UPDATE trust_head SET tenant = 'acme'; "
        "UPDATE trust_state SET tenant = 'acme'");
    Context acme = admin();
    acme.tenant = "acme";
    EXPECT_EQ(failure_of(trust_->replay(acme, Empty{})), Code::conflict);
}

TEST_F(ReplayTest, EntriesThatAreGoneMovedOrNewAreFound) {
    drop_triggers();
    tamper("CREATE TABLE kept AS SELECT * FROM trust_log");
    const std::string restore =
        "; DELETE FROM trust_log; INSERT INTO trust_log SELECT * FROM kept; "
        "UPDATE trust_head SET seq = 6";
    tamper("DELETE FROM trust_log WHERE seq = 3");
    EXPECT_EQ(replayed(), "trust chain is broken at entry 3: the entry is missing");
    tamper(restore.substr(2) + "; DELETE FROM trust_log WHERE seq > 4");
    EXPECT_EQ(replayed(), "trust chain is broken at entry 5: the entry is missing");
    tamper(
        restore.substr(2) +
        "; UPDATE trust_log SET seq = 99 WHERE seq = 2; "
        "UPDATE trust_log SET seq = 2 WHERE seq = 3; UPDATE trust_log SET seq = 3 WHERE seq = 99");
    EXPECT_EQ(replayed(),
              "trust chain is broken at entry 2: it does not follow the entry before it");
    tamper(restore.substr(2) + "; UPDATE trust_log SET seq = 0 WHERE seq = 1");
    EXPECT_EQ(replayed(), "trust chain is broken at entry 0: there is no place for this entry");
    tamper(restore.substr(2) + "; UPDATE trust_head SET seq = 5");
    EXPECT_EQ(replayed(),
              "trust chain is broken at entry 6: the head of the chain does not know this entry");
    tamper(restore.substr(2) + "; UPDATE trust_head SET hash = 'x'");
    EXPECT_EQ(replayed(),
              "trust chain is broken at entry 6: the head of the chain knows another entry");
    tamper("DELETE FROM trust_head");
    EXPECT_NE(replayed(), "intact");
    EXPECT_FALSE(apply(key("k1"), evidence("a")).has_value());
}

TEST_F(ReplayTest, EveryChangedColumnOfTheStatesIsFound) {
    tamper("CREATE TABLE kept AS SELECT * FROM trust_state");
    for (const std::string change :
         {"tenant = 'acme'", "name_space = 'lab'", "agent_id = 'c'", "claim_kind = 'custom'",
          "seq = seq + 1", "seq = 'x'", "state = state || 'c'", "state = ''",
          "state = substr(state, 1, 10) || '0' || substr(state, 12)"}) {
        tamper("UPDATE trust_state SET " + change + " WHERE agent_id = 'a'");
        EXPECT_NE(replayed(), "intact") << change;
        tamper("DELETE FROM trust_state; INSERT INTO trust_state SELECT * FROM kept");
        ASSERT_EQ(replayed(), "intact") << change;
    }
    tamper("DELETE FROM trust_state WHERE agent_id = 'a'");
    EXPECT_EQ(replayed(),
              "the trust of agent a in namespace default for test_result is not what its log leads "
              "to: it is missing");
    tamper(
        "INSERT INTO trust_state SELECT * FROM kept WHERE agent_id = 'a'; INSERT INTO "
        "trust_state SELECT tenant, name_space, 'z', claim_kind, seq, state FROM kept LIMIT 1");
    EXPECT_NE(replayed().find("the log has no entry of it"), std::string::npos);
}

TEST_F(ReplayTest, AnUnreadableStateFailsClosed) {
    tamper("UPDATE trust_state SET state = 'splendid'");
    EXPECT_EQ(failure_of(trust_->get_trust_score(admin(), GetTrustScore{"a", {}})), Code::internal);
    EXPECT_EQ(failure_of(ask("a", "merge")), Code::internal);
    EXPECT_EQ(failure_of(apply(key("k1"), evidence("a"))), Code::internal);
    tamper("UPDATE trust_state SET claim_kind = 'x' || claim_kind");
    EXPECT_EQ(failure_of(trust_->get_trust_score(admin(), GetTrustScore{"a", {}})), Code::internal);
}

TEST_F(ReplayTest, TheStoreRefusesToChangeTheLog) {
    for (const std::string sql :
         {"UPDATE trust_log SET agent_id = 'b' WHERE tenant = 'default'",
          "DELETE FROM trust_log WHERE tenant = 'default'",
          "INSERT OR REPLACE INTO trust_log SELECT * FROM trust_log WHERE tenant = 'default'",
          "DELETE FROM trust_head WHERE tenant = 'default'",
          "UPDATE trust_head SET seq = 3 WHERE tenant = 'default'"}) {
        EXPECT_FALSE(database_
                         ->write([&](store::Tx& tx) -> Result<void> {
                             TRY(tx.run(sql));
                             return {};
                         })
                         .has_value())
            << sql;
    }
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(ReplayTest, TheChainCoversTheVerifications) {
    const auto kept = [](store::Tx& tx, std::string_view tenant,
                         const VerificationId& id) -> Result<std::optional<std::string>> {
        return TRY(tx.query("SELECT record_digest FROM trust_log WHERE tenant = $1 "
                            "AND verification_id = $2",
                            tenant, id))
            .text(0, 0);
    };
    EXPECT_EQ(chain_verdict(kept), "intact");
    EXPECT_EQ(chain_verdict([](store::Tx&, std::string_view, const VerificationId&)
                                -> Result<std::optional<std::string>> { return std::nullopt; }),
              "trust chain is broken at entry 1: its verification is missing");
    EXPECT_EQ(chain_verdict([](store::Tx&, std::string_view, const VerificationId&)
                                -> Result<std::optional<std::string>> { return "other"; }),
              "trust chain is broken at entry 1: its verification was changed");
}

TEST_F(ReplayTest, TheChainKnowsHowManyVerificationsThereAre) {
    // Six entries name five: one is an override. What was deferred and applied is one.
    const auto of = [](std::int64_t count) {
        return [count](store::Tx&, std::string_view) -> Result<std::int64_t> { return count; };
    };
    const auto verdict = [&](const RecordCount& count) {
        const HashChain chain = trust_chain({}, count);
        const auto report =
            database_->read([&](store::Tx& tx) { return chain.verify(tx, "default"); });
        return report ? std::string("intact") : report.error().message;
    };
    EXPECT_EQ(verdict(of(5)), "intact");
    EXPECT_EQ(
        verdict(of(6)),
        "trust chain is broken at entry 7: 1 of the verifications are in no entry of the log");
    const Evidence late = evidence("a");
    ASSERT_TRUE(defer(key("k1"), late).has_value());
    EXPECT_EQ(verdict(of(6)), "intact");
    ASSERT_TRUE(apply(key("k1"), late).has_value());
    EXPECT_EQ(verdict(of(6)), "intact");
    EXPECT_NE(verdict(&count_verifications), "intact");
    EXPECT_EQ(verdict([](store::Tx&, std::string_view) -> Result<std::int64_t> {
                  return fail(Code::unavailable, "not now");
              }),
              "not now");
}

TEST_F(ReplayTest, ReplacingAnEntryByItsVerificationIsRefused) {
    // The same verification under a new number: a REPLACE would drop the old row.
    const auto replaced = database_->write([&](store::Tx& tx) -> Result<void> {
        TRY(
            tx.run("INSERT OR REPLACE INTO trust_log SELECT tenant, seq + 100, at_us, name_space, "
                   "agent_id, claim_kind, entry, outcome, strength, novelty, weight, target, "
                   "old_score, new_score, verification_id, record_digest, claim_digest, "
                   "effort_digest, verified_by, reason, actor, previous_hash, hash FROM trust_log "
                   "WHERE tenant = 'default' AND seq = 1"));
        return {};
    });
    EXPECT_FALSE(replaced.has_value());
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(ReplayTest, EndsAtItsDeadline) {
    Context late = admin();
    late.deadline_us = clock_.steady_us() - 1;
    EXPECT_EQ(failure_of(trust_->replay(late, Empty{})), Code::timeout);
}

TEST_F(ReplayTest, EqualsTheStatesAfterTwoThousandRandomOperations) {
    std::mt19937_64 engine(11);
    std::vector<TrustUpdate> waiting;
    for (int round = 0; round < 20; ++round) {
        ASSERT_TRUE(
            database_
                ->write([&](store::Tx& tx) -> Result<void> {
                    for (int i = 0; i < 100; ++i) {
                        clock_.advance_us(static_cast<std::int64_t>(engine() % 10'000'000'000));
                        Evidence given = evidence(engine() % 2 == 0 ? "a" : "b");
                        given.kind = static_cast<ClaimKind>(engine() % 6);
                        given.outcome = static_cast<Outcome>(engine() % 4);
                        given.strength = static_cast<double>(1 + engine() % 10) / 10;
                        given.effort_digest = "e" + std::to_string(engine() % 500);
                        given.claim_digest =
                            given.effort_digest + " c" + std::to_string(engine() % 3);
                        if (engine() % 4 == 0) {
                            TRY(defer_evidence(tx, admin(), clock_.now_us(), given));
                            waiting.push_back({given.agent_id, given.verification_id, {}, {}, {}});
                        } else {
                            TRY(apply_evidence(tx, admin(), clock_.now_us(), given));
                        }
                    }
                    return {};
                })
                .has_value());
        const auto stated = trust_->override_score(
            admin(), OverrideScore{"a", static_cast<ClaimKind>(engine() % 6),
                                   static_cast<double>(engine() % 101) / 100,
                                   static_cast<double>(engine() % 50), "random"});
        ASSERT_TRUE(stated.has_value());
        for (const TrustUpdate& update : waiting) {
            // Refused ones are part of the game.
            (void)trust_->batch_update(admin(), BatchUpdate{{update}});
        }
        waiting.clear();
    }
    const auto report = trust_->replay(admin(), Empty{});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_GT(report->entries, 2'200);
    EXPECT_EQ(report->states, 12);
    EXPECT_EQ(chain_verdict(), "intact");
}

}  // namespace
}  // namespace credence::trust
