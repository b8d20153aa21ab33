#include "capabilities/trust/trust.h"

#include "capabilities/trust/score_fixture.h"

namespace credence::trust {
namespace {

class TrustTest : public ScoreFixture {
protected:
    void SetUp() override {
        ScoreFixture::SetUp();
        make_agent("a", key("k1"));
    }

    TrustUpdate deferred(const std::string& agent_id, Outcome outcome = Outcome::confirmed,
                         const std::string& owner = "k1") {
        const Evidence given = evidence(agent_id, outcome);
        EXPECT_TRUE(defer(key(owner), given).has_value());
        return TrustUpdate{agent_id, given.verification_id, {}, {}, {}};
    }
    static TrustUpdate observed(const std::string& agent_id, bool accurate,
                                const std::string& reason = "seen in production") {
        return TrustUpdate{agent_id, {}, ClaimKind::test_result, accurate, reason};
    }
    Result<BatchUpdated> batch(const Context& context, std::vector<TrustUpdate> updates) {
        return trust_->batch_update(context, BatchUpdate{std::move(updates)});
    }
    std::size_t log_entries() {
        return trust_->get_trust_history(admin(), GetTrustHistory{"a", {}, 1000, {}})
            ->entries.size();
    }
};

TEST_F(TrustTest, AnAgentWithoutEvidenceIsUnknown) {
    const auto score = trust_->get_trust_score(key("k2"), GetTrustScore{"a", {}});
    ASSERT_TRUE(score.has_value());
    EXPECT_DOUBLE_EQ(score->trust_score, 0.5);
    EXPECT_DOUBLE_EQ(score->verification_accuracy, 0.5);
    EXPECT_DOUBLE_EQ(score->ewma, 0.5);
    EXPECT_TRUE(score->requires_verification);
    EXPECT_FALSE(score->is_reliable);
    EXPECT_EQ(score->tier, Tier::unknown);
    EXPECT_TRUE(score->kinds.empty());
    EXPECT_EQ(failure_of(trust_->get_trust_score(key("k1", "lab"), GetTrustScore{"a", {}})),
              Code::not_found);
    EXPECT_EQ(
        failure_of(trust_->get_trust_history(key("k1", "lab"), GetTrustHistory{"a", {}, 100, {}})),
        Code::not_found);
}

TEST_F(TrustTest, TheOverallScoreAddsTheKindsUp) {
    apply_many("a", 7);
    Evidence other = evidence("a", Outcome::refuted);
    other.kind = ClaimKind::code_quality;
    ASSERT_TRUE(apply(key("k1"), other).has_value());
    const auto score = trust_->get_trust_score(admin(), GetTrustScore{"a", {}});
    ASSERT_TRUE(score.has_value());
    ASSERT_EQ(score->kinds.size(), 2U);
    EXPECT_EQ(score->kinds[0].claim_kind, ClaimKind::code_quality);
    EXPECT_EQ(score->total_verifications, 8);
    EXPECT_EQ(score->accurate_verifications, 7);
    EXPECT_DOUBLE_EQ(score->verification_accuracy, 7.0 / 8);
    EXPECT_NEAR(score->effective_n, 7.96, 0.01);
    EXPECT_NEAR(score->trust_score, 0.799, 0.001);
    EXPECT_TRUE(score->requires_verification);
    EXPECT_TRUE(score->is_reliable);
    EXPECT_NEAR(score->ewma, (7 * score->kinds[1].ewma + 0.45) / 8, 1e-12);
    const auto one = trust_->get_trust_score(admin(), GetTrustScore{"a", ClaimKind::test_result});
    ASSERT_EQ(one->kinds.size(), 1U);
    EXPECT_EQ(one->total_verifications, 7);
}

TEST_F(TrustTest, EightTrueClaimsNeedNoMoreVerification) {
    apply_many("a", 7);
    EXPECT_TRUE(trust_->get_trust_score(admin(), GetTrustScore{"a", {}})->requires_verification);
    apply_many("a", 1);
    const auto score = trust_->get_trust_score(admin(), GetTrustScore{"a", {}});
    EXPECT_FALSE(score->requires_verification);
    EXPECT_GE(score->lower_bound, 0.7);
    EXPECT_LE(score->lower_bound, score->trust_score);
    EXPECT_LE(score->trust_score, score->upper_bound);
    clock_.advance_us(std::int64_t{1000} * 24 * 3600 * 1'000'000);
    EXPECT_TRUE(trust_->get_trust_score(admin(), GetTrustScore{"a", {}})->requires_verification);
}

TEST_F(TrustTest, TheHistoryTellsEveryChange) {
    apply_many("a", 3);
    clock_.advance_us(5);
    ASSERT_TRUE(
        trust_->override_score(admin(), OverrideScore{"a", ClaimKind::custom, 0.9, 10, "as agreed"})
            .has_value());
    const auto page = trust_->get_trust_history(key("k2"), GetTrustHistory{"a", {}, 2, {}});
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->entries.size(), 2U);
    const TrustHistoryEntry& stated = page->entries[0];
    EXPECT_EQ(stated.seq, 4);
    EXPECT_EQ(stated.changed_at_us, kStartUs + 5);
    EXPECT_EQ(stated.entry, EntryKind::override_);
    EXPECT_EQ(stated.reason, "as agreed");
    EXPECT_EQ(stated.actor, "local");
    EXPECT_FALSE(stated.outcome.has_value());
    EXPECT_DOUBLE_EQ(stated.old_score, 0.5);
    EXPECT_DOUBLE_EQ(stated.new_score, 10.0 / 12);
    EXPECT_DOUBLE_EQ(stated.delta, stated.new_score - stated.old_score);
    const TrustHistoryEntry& claim = page->entries[1];
    EXPECT_EQ(claim.outcome, Outcome::confirmed);
    EXPECT_EQ(claim.reason, "verification_test_result");
    EXPECT_EQ(claim.weight, 1);
    EXPECT_TRUE(claim.verification_id.has_value());
    ASSERT_EQ(page->next_before_seq, 3);
    const auto rest = trust_->get_trust_history(
        key("k2"), GetTrustHistory{"a", ClaimKind::test_result, 100, page->next_before_seq});
    EXPECT_EQ(rest->entries.size(), 2U);
    EXPECT_FALSE(rest->next_before_seq.has_value());
}

TEST_F(TrustTest, ABatchAppliesDeferredVerificationsOnce) {
    const TrustUpdate first = deferred("a");
    const TrustUpdate second = deferred("a", Outcome::refuted);
    EXPECT_DOUBLE_EQ(trust_of("a").trust_score, 0.5);
    const auto done = batch(key("k1"), {second, first});
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(done->applied, 2);
    // Answered as asked, applied as verified.
    EXPECT_EQ(done->updates[0].seq, 4);
    EXPECT_EQ(done->updates[1].seq, 3);
    EXPECT_DOUBLE_EQ(done->updates[1].trust_score, 2.0 / 3);
    EXPECT_EQ(trust_of("a").total_verifications, 2);
    const auto again = batch(key("k1"), {first});
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Code::conflict);
    EXPECT_EQ(again.error().field, "updates[0].verification_id");
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(TrustTest, ABatchIsAllOrNothingAndTellsEachError) {
    make_agent("b", key("k2"));
    const TrustUpdate good = deferred("a");
    TrustUpdate cross = deferred("b", Outcome::confirmed, "k2");
    cross.agent_id = "a";
    TrustUpdate unknown{"a", ids_.make<VerificationId>(), {}, {}, {}};
    const TrustUpdate foreign{
        "b", deferred("b", Outcome::refuted, "k2").verification_id, {}, {}, {}};
    const std::size_t before = log_entries();
    const auto refused = batch(key("k1"), {good, cross, unknown, foreign, good});
    ASSERT_FALSE(refused.has_value());
    const std::string& message = refused.error().message;
    EXPECT_TRUE(message.starts_with("4 of 5 updates refused, so none was applied: ")) << message;
    EXPECT_NE(message.find("updates[1].verification_id: this agent has no deferred"),
              std::string::npos);
    EXPECT_NE(message.find("updates[2].verification_id: "), std::string::npos);
    EXPECT_NE(message.find("updates[3].agent_id: only its owner"), std::string::npos);
    EXPECT_NE(message.find("updates[4].verification_id: the verification was applied already"),
              std::string::npos);
    EXPECT_EQ(log_entries(), before);
    EXPECT_EQ(trust_of("a").total_verifications, 0);
    EXPECT_EQ(failure_of(batch(key("k1", "lab"), {good})), Code::not_found);
    std::vector<TrustUpdate> many(30, unknown);
    EXPECT_TRUE(batch(key("k1"), many).error().message.ends_with("; …"));
}

TEST_F(TrustTest, ARefutationIsNotPassedOver) {
    const TrustUpdate lie = deferred("a", Outcome::refuted);
    const TrustUpdate truth = deferred("a");
    const auto picked = batch(key("k1"), {truth});
    ASSERT_FALSE(picked.has_value());
    EXPECT_EQ(picked.error().code, Code::conflict);
    EXPECT_NE(picked.error().message.find("waits in entry 1 of the trust log"), std::string::npos);
    EXPECT_TRUE(batch(key("k1"), {truth, lie}).has_value());
    const TrustUpdate silent = deferred("a", Outcome::inconclusive);
    EXPECT_EQ(failure_of(batch(key("k1"), {silent})), Code::conflict);
    EXPECT_EQ(trust_of("a").inconclusive_verifications, 1);
}

TEST_F(TrustTest, ObservationsAreForAdministrators) {
    EXPECT_EQ(failure_of(batch(key("k1"), {observed("a", true)})), Code::forbidden);
    const auto done = batch(admin(), {observed("a", true), observed("a", false)});
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_DOUBLE_EQ(done->updates[1].trust_score, 1.998 / 3.998);
    const auto history = trust_->get_trust_history(admin(), GetTrustHistory{"a", {}, 100, {}});
    EXPECT_EQ(history->entries[0].reason, "seen in production");
    EXPECT_FALSE(history->entries[0].verification_id.has_value());
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(TrustTest, UpdatesHaveOneOfTwoForms) {
    const std::vector<std::pair<TrustUpdate, std::string>> bad = {
        {TrustUpdate{"a", {}, {}, true, "x"}, "updates[0].claim_kind"},
        {TrustUpdate{"a", {}, ClaimKind::custom, {}, "x"}, "updates[0].accurate"},
        {TrustUpdate{"a", {}, ClaimKind::custom, true, {}}, "updates[0].reason"},
        {TrustUpdate{"a", {}, ClaimKind::custom, true, "  "}, "updates[0].reason"},
        {TrustUpdate{"a", ids_.make<VerificationId>(), ClaimKind::custom, {}, {}},
         "updates[0].claim_kind"},
        {TrustUpdate{"a", ids_.make<VerificationId>(), {}, true, {}}, "updates[0].accurate"},
    };
    for (const auto& [update, field] : bad) {
        const auto refused = batch(admin(), {update});
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, Code::invalid);
        EXPECT_EQ(refused.error().field, field);
    }
    EXPECT_EQ(failure_of(batch(admin(), {observed("nobody", true)})), Code::not_found);
}

TEST_F(TrustTest, OverridesNeedAnAdministratorAndAReason) {
    const OverrideScore wish{"a", ClaimKind::test_result, 0.99, 100, "please"};
    EXPECT_EQ(failure_of(trust_->override_score(key("k1"), wish)), Code::forbidden);
    OverrideScore silent = wish;
    silent.reason = " ";
    EXPECT_EQ(failure_of(trust_->override_score(admin(), silent)), Code::invalid);
    OverrideScore nobody = wish;
    nobody.agent_id = "nobody";
    EXPECT_EQ(failure_of(trust_->override_score(admin(), nobody)), Code::not_found);
    const auto stated = trust_->override_score(admin(), wish);
    ASSERT_TRUE(stated.has_value()) << stated.error().message;
    EXPECT_DOUBLE_EQ(stated->effective_n, 100);
    EXPECT_DOUBLE_EQ(stated->trust_score, 100.0 / 102);
    EXPECT_EQ(stated->overrides, 1);
    EXPECT_EQ(events("trust_changed"), 1);
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(TrustTest, AlarmsAreClearedByAdministratorsOnly) {
    const ClearAlarm clearing{"a", ClaimKind::test_result, "the tests were broken"};
    EXPECT_EQ(failure_of(trust_->clear_alarm(admin(), clearing)), Code::conflict);
    EXPECT_EQ(log_entries(), 0U);
    apply_many("a", 60);
    apply_many("a", 4, Outcome::refuted);
    ASSERT_TRUE(trust_of("a").alarmed);
    EXPECT_EQ(failure_of(trust_->clear_alarm(key("k1"), clearing)), Code::forbidden);
    const auto cleared = trust_->clear_alarm(admin(), clearing);
    ASSERT_TRUE(cleared.has_value());
    EXPECT_FALSE(cleared->alarmed);
    EXPECT_FALSE(trust_of("a").alarmed);
    EXPECT_EQ(replayed(), "intact");
}

class GateTest : public TrustTest {};

TEST_F(GateTest, DecidesWithReasonAndNumbers) {
    const auto unknown = ask("a", "merge");
    ASSERT_TRUE(unknown.has_value()) << unknown.error().message;
    EXPECT_FALSE(unknown->allowed);
    EXPECT_EQ(unknown->kind, ClaimKind::test_result);
    EXPECT_EQ(unknown->reason, "there is no evidence of this kind yet");
    apply_many("a", 13);
    const auto passed = ask("a", "merge");
    EXPECT_TRUE(passed->allowed);
    EXPECT_EQ(passed->tier, Tier::active);
    EXPECT_NEAR(passed->lower_bound, 0.8054, 1e-4);
    EXPECT_EQ(passed->action, "merge");
    EXPECT_FALSE(ask("a", "unattended")->allowed);
    EXPECT_NE(metrics_.expose().find(
                  "credence_trust_gates_total{action=\"merge\",decision=\"allowed\"} 1"),
              std::string::npos);
}

TEST_F(GateTest, LooksAtTheKindOfThePolicy) {
    apply_many("a", 20);
    EXPECT_TRUE(ask("a", "merge", ClaimKind::test_result)->allowed);
    const auto other = ask("a", "merge", ClaimKind::custom);
    EXPECT_EQ(failure_of(other), Code::invalid);
    EXPECT_EQ(other.error().field, "kind");
    EXPECT_FALSE(ask("a", "deploy")->allowed);
    EXPECT_TRUE(ask("a", "deploy", ClaimKind::test_result)->allowed);
}

TEST_F(GateTest, WithoutAKindTheWorstDecides) {
    EXPECT_TRUE(ask("a", "publish_pattern")->allowed);
    EXPECT_FALSE(ask("a", "unattended")->allowed);
    apply_many("a", 60);
    EXPECT_TRUE(ask("a", "unattended")->allowed);
    Evidence bad = evidence("a", Outcome::refuted);
    bad.kind = ClaimKind::security_finding;
    ASSERT_TRUE(apply(key("k1"), bad).has_value());
    const auto refused = ask("a", "unattended");
    EXPECT_FALSE(refused->allowed);
    EXPECT_EQ(refused->kind, ClaimKind::security_finding);
    EXPECT_TRUE(ask("a", "publish_pattern")->allowed);
    apply_many("a", 4, Outcome::refuted);
    const auto alarmed = ask("a", "publish_pattern");
    EXPECT_FALSE(alarmed->allowed);
    EXPECT_TRUE(alarmed->alarmed);
}

TEST_F(GateTest, RefusesUnknownActionsAgentsAndTheRetired) {
    const auto action = ask("a", "conquer");
    EXPECT_EQ(failure_of(action), Code::invalid);
    EXPECT_EQ(action.error().field, "action");
    EXPECT_EQ(failure_of(ask("nobody", "merge")), Code::not_found);
    EXPECT_EQ(failure_of(trust_->gate(key("k1", "lab"), GateQuery{"a", "merge", {}})),
              Code::not_found);
    apply_many("a", 20);
    ASSERT_TRUE(agents_->retire(key("k1"), AgentRef{"a"}).has_value());
    const auto retired = ask("a", "merge");
    EXPECT_FALSE(retired->allowed);
    EXPECT_EQ(retired->reason, "the agent is retired");
}

TEST_F(GateTest, AGateThatWasPassedClosesOnlyBelowItsHysteresis) {
    apply_many("a", 13);
    ASSERT_TRUE(ask("a", "merge")->allowed);
    apply_many("a", 1, Outcome::refuted);
    const auto held = ask("a", "merge");
    EXPECT_LT(held->lower_bound, 0.75);
    EXPECT_TRUE(held->allowed);
    apply_many("a", 1, Outcome::refuted);
    EXPECT_FALSE(ask("a", "merge")->allowed);
    apply_many("a", 2);
    EXPECT_FALSE(ask("a", "merge")->allowed);
}

TEST_F(GateTest, SettingsAddAndReplacePolicies) {
    TrustSettings settings;
    GatePolicy mine;
    mine.action = "merge";
    mine.min_lower_bound = 0.1;
    settings.policies = {mine};
    mine.action = "sing";
    settings.policies.push_back(mine);
    const auto policies = policies_of(settings);
    ASSERT_TRUE(policies.has_value());
    EXPECT_EQ(policies->size(), shipped_policies().size() + 1);
    EXPECT_EQ(policies->at(1).min_lower_bound, 0.1);
    settings.policies.push_back(mine);
    const auto twice = policies_of(settings);
    EXPECT_EQ(failure_of(twice), Code::invalid);
    EXPECT_EQ(twice.error().field, "trust.policies[2].action");
}

}  // namespace
}  // namespace credence::trust
