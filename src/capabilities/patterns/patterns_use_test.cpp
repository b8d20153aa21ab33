// Uses, what they prove, and what they do not.
#include <cmath>
#include <random>

#include "base/units.h"
#include "capabilities/patterns/patterns_fixture.h"
#include "stats/intervals.h"

namespace credence::patterns {
namespace {

class PatternUseTest : public PatternsFixture {};

constexpr auto kConfirmed = trust::Outcome::confirmed;
constexpr auto kRefuted = trust::Outcome::refuted;

TEST_F(PatternUseTest, SayingSoProvesNothing) {
    const Pattern made = make("retry");
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE(used(made.pattern_id, "user", true).has_value());
    }
    const Pattern after = state(made.pattern_id);
    EXPECT_EQ(after.usage_count, 30);
    EXPECT_EQ(after.reported_success_count, 30);
    EXPECT_EQ(after.unknown_count, 30);
    EXPECT_EQ(after.success_count, 0);
    EXPECT_FALSE(after.success_rate.has_value());
    EXPECT_NEAR(after.confidence, 0.05, 1e-9);
}

TEST_F(PatternUseTest, TimesByHand) {
    const Pattern made = make("retry");
    UsePattern request;
    request.pattern_id = made.pattern_id;
    request.agent_id = "user";
    for (const double ms : {100.0, 200.0, 50.0}) {
        request.execution_time_ms = ms;
        ASSERT_TRUE(patterns_->use(agent_context(), request).has_value());
    }
    const Pattern after = state(made.pattern_id);
    EXPECT_NEAR(*after.avg_execution_time_ms, 0.9 * (0.9 * 100 + 0.1 * 200) + 0.1 * 50, 1e-9);
    EXPECT_NEAR(*after.p50_execution_time_ms, 100, 5);
    request.context_data = RawJson{"\"" + std::string(5000, 'x') + "\""};
    EXPECT_EQ(code_of(patterns_->use(agent_context(), request)), Code::too_large);
}

TEST_F(PatternUseTest, VerifiedOutcomesByHand) {
    const Pattern made = make("retry");
    ASSERT_TRUE(used(made.pattern_id, "user").has_value());
    verify(made.pattern_id, "user", kConfirmed);  // resolves the pending use
    verify(made.pattern_id, "user", kConfirmed);  // adds one
    verify(made.pattern_id, "user", kRefuted);
    const Pattern after = state(made.pattern_id);
    EXPECT_EQ(after.usage_count, 3);
    EXPECT_EQ(after.success_count, 2);
    EXPECT_EQ(after.failure_count, 1);
    EXPECT_EQ(after.unknown_count, 0);
    EXPECT_NEAR(*after.success_rate, 2.0 / 3, 1e-12);
    EXPECT_NEAR(after.success_rate_low, stats::wilson_95(2, 3).low, 1e-12);
    EXPECT_NEAR(after.confidence, confidence_of({2, 1}), 1e-9);
    EXPECT_NEAR(after.evidence_n, 3, 1e-9);
    EXPECT_EQ(after.distinct_users, 1);
}

// The old system: 1 success, 99 without label and 1 failure gave 0.99.
TEST_F(PatternUseTest, UnlabelledUsesLeaveTheRateAlone) {
    const Pattern made = make("retry");
    verify(made.pattern_id, "user", kConfirmed);
    for (int i = 0; i < 99; ++i) {
        ASSERT_TRUE(used(made.pattern_id, "busy").has_value());
    }
    verify(made.pattern_id, "user", kRefuted);
    const Pattern after = state(made.pattern_id);
    EXPECT_EQ(after.usage_count, 101);
    EXPECT_EQ(after.unknown_count, 99);
    EXPECT_DOUBLE_EQ(*after.success_rate, 0.5);
}

TEST_F(PatternUseTest, OldPendingUsesAreNotResolved) {
    const Pattern made = make("retry");
    ASSERT_TRUE(used(made.pattern_id, "user").has_value());
    clock_.advance_us(8 * kUsPerDay);
    verify(made.pattern_id, "user", kConfirmed);
    EXPECT_EQ(state(made.pattern_id).usage_count, 2);
    EXPECT_EQ(state(made.pattern_id).unknown_count, 1);
}

TEST_F(PatternUseTest, RepetitionsAndNonsenseCountNothing) {
    const Pattern made = make("retry");
    ASSERT_TRUE(used(made.pattern_id, "user").has_value());
    verify(made.pattern_id, "user", kConfirmed, false);
    verify(made.pattern_id, "user", trust::Outcome::inconclusive, false);
    verify(made.pattern_id, "user", trust::Outcome::error, false);
    EXPECT_EQ(state(made.pattern_id).usage_count, 1);
    EXPECT_EQ(state(made.pattern_id).unknown_count, 1);
    verify(made.pattern_id, "newcomer", trust::Outcome::inconclusive, false);
    EXPECT_EQ(state(made.pattern_id).unknown_count, 2);
    EXPECT_NEAR(state(made.pattern_id).confidence, 0.05, 1e-9);
}

TEST_F(PatternUseTest, OneVerificationCountsOnce) {
    const Pattern made = make("retry");
    trust::VerifiedClaim claim;
    claim.verification_id = ids_.make<trust::VerificationId>();
    claim.agent_id = "user";
    claim.outcome = kConfirmed;
    claim.counted = true;
    claim.pattern_id = made.pattern_id.to_string();
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(database_
                        ->write([&](store::Tx& tx) {
                            return patterns_->verified(tx, agent_context(), claim);
                        })
                        .has_value());
    }
    EXPECT_EQ(state(made.pattern_id).success_count, 1);
    claim.pattern_id.reset();
    EXPECT_TRUE(
        database_
            ->write([&](store::Tx& tx) { return patterns_->verified(tx, agent_context(), claim); })
            .has_value());
}

TEST_F(PatternUseTest, OwnersPraiseIsNoEvidence) {
    const Pattern made = make("retry");
    for (int i = 0; i < 30; ++i) {
        verify(made.pattern_id, "owner", kConfirmed);
    }
    const Pattern after = state(made.pattern_id);
    EXPECT_EQ(after.success_count, 30);
    EXPECT_NEAR(after.confidence, 0.05, 1e-9);
    EXPECT_EQ(after.distinct_users, 0);
}

TEST_F(PatternUseTest, AgentsOfOneKeyAreOneVoice) {
    const Pattern made = make("retry");
    owners_["owner"] = "key-1";
    for (int i = 0; i < 30; ++i) {
        owners_["puppet-" + std::to_string(i)] = "key-1";
        verify(made.pattern_id, "puppet-" + std::to_string(i), kConfirmed);
    }
    EXPECT_NEAR(state(made.pattern_id).confidence, 0.05, 1e-9);  // all of it is the owner's praise
    EXPECT_EQ(state(made.pattern_id).distinct_users, 0);
    for (int i = 0; i < 30; ++i) {
        owners_["fan-" + std::to_string(i)] = "key-2";
        verify(made.pattern_id, "fan-" + std::to_string(i), kConfirmed);
    }
    const Pattern after = state(made.pattern_id);
    EXPECT_EQ(after.distinct_users, 1);
    EXPECT_NEAR(after.evidence_n, 20, 1e-6);
    EXPECT_EQ(after.success_count, 60);
}

TEST_F(PatternUseTest, OneAgentWeighsTwentyOutcomes) {
    const Pattern made = make("retry");
    for (int i = 0; i < 200; ++i) {
        verify(made.pattern_id, "fan", kConfirmed);
    }
    EXPECT_NEAR(state(made.pattern_id).evidence_n, 20, 1e-6);
    for (int i = 0; i < 5; ++i) {
        verify(made.pattern_id, "critic", kRefuted);
    }
    EXPECT_NEAR(state(made.pattern_id).confidence, confidence_of({20, 5}), 1e-6);
    EXPECT_EQ(state(made.pattern_id).distinct_users, 2);
}

TEST_F(PatternUseTest, HumansConfirm) {
    const Pattern made = make("retry");
    const auto use = used(made.pattern_id, "user", false);
    ASSERT_TRUE(use.has_value());
    ConfirmUse request{use->use_id, true};
    EXPECT_EQ(code_of(patterns_->confirm_use(agent_context(), request)), Code::forbidden);
    EXPECT_EQ(code_of(patterns_->confirm_use(admin_context("lab"), request)), Code::not_found);
    const auto confirmed = patterns_->confirm_use(admin_context(), request);
    ASSERT_TRUE(confirmed.has_value());
    EXPECT_EQ(confirmed->source, OutcomeSource::confirmed);
    EXPECT_EQ(confirmed->reviewer, "reviewer");
    EXPECT_NEAR(confirmed->confidence, std::sqrt(0.05), 1e-9);
    EXPECT_EQ(code_of(patterns_->confirm_use(admin_context(), request)), Code::conflict);
}

TEST_F(PatternUseTest, EvidenceAges) {
    PatternsSettings settings;
    settings.half_life_days = 10;
    start(settings);
    const Pattern made = make("retry");
    for (int i = 0; i < 8; ++i) {
        verify(made.pattern_id, "user", kConfirmed);
    }
    clock_.advance_us(10 * kUsPerDay);
    EXPECT_NEAR(state(made.pattern_id).confidence, confidence_of({4, 0}), 1e-9);
    verify(made.pattern_id, "other", kConfirmed);
    EXPECT_NEAR(state(made.pattern_id).confidence, confidence_of({5, 0}), 1e-9);
}

TEST_F(PatternUseTest, NewContentKeepsLittleConfidence) {
    const Pattern made = make("retry");
    for (int i = 0; i < 20; ++i) {
        verify(made.pattern_id, "user", kConfirmed);
    }
    UpdatePattern update;
    update.pattern_id = made.pattern_id;
    update.agent_id = "owner";
    update.pattern_data = RawJson{R"({"evil": true})"};
    ASSERT_TRUE(patterns_->update(agent_context(), update).has_value());
    EXPECT_NEAR(state(made.pattern_id).confidence, confidence_of({3, 0}), 1e-9);
    verify(made.pattern_id, "user", kRefuted);
    EXPECT_NEAR(state(made.pattern_id).confidence, confidence_of({3, 1}), 1e-9);
}

TEST_F(PatternUseTest, LinksAreCheckedBeforeAnythingRuns) {
    const Pattern hidden = make("secret", AccessLevel::private_);
    EXPECT_TRUE(
        patterns_->check_link(agent_context(), "owner", hidden.pattern_id.to_string()).has_value());
    EXPECT_EQ(
        code_of(patterns_->check_link(agent_context(), "user", hidden.pattern_id.to_string())),
        Code::not_found);
    EXPECT_EQ(field_of(patterns_->check_link(agent_context(), "user", "x")),
              "claim_content.pattern_id");
    // Revoked or deleted in the meantime: no part in it, and no error either.
    verify(hidden.pattern_id, "user", kConfirmed);
    EXPECT_EQ(state(hidden.pattern_id).usage_count, 0);
}

TEST_F(PatternUseTest, UsesADayAreBounded) {
    PatternsSettings settings;
    settings.max_uses_per_agent_day = 2;
    start(settings);
    const Pattern made = make("retry");
    EXPECT_TRUE(used(made.pattern_id, "user").has_value());
    EXPECT_TRUE(used(made.pattern_id, "user").has_value());
    EXPECT_EQ(code_of(used(made.pattern_id, "user")), Code::exhausted);
    EXPECT_TRUE(used(made.pattern_id, "other").has_value());
    clock_.advance_us(kUsPerDay);
    EXPECT_TRUE(used(made.pattern_id, "user").has_value());
}

TEST_F(PatternUseTest, ForeignNamespacesUseWhatIsPublic) {
    const Pattern made = make("retry");
    UsePattern request;
    request.pattern_id = made.pattern_id;
    request.agent_id = "owner";  // the same id, another agent
    const auto use = patterns_->use(agent_context("lab"), request);
    ASSERT_TRUE(use.has_value());
    ASSERT_TRUE(patterns_->confirm_use(admin_context("lab"), {use->use_id, true}).has_value());
    EXPECT_GT(state(made.pattern_id).confidence, 0.2);
}

// Whatever agents do by themselves, confidence stays: it moves by verified or confirmed uses only.
TEST_F(PatternUseTest, NoConfidenceWithoutProof) {
    std::mt19937 chance(11);
    std::vector<PatternId> ids;
    for (int i = 0; i < 4; ++i) {
        ids.push_back(make("p" + std::to_string(i)).pattern_id);
    }
    for (int step = 0; step < 200; ++step) {
        const PatternId id = ids[chance() % ids.size()];
        const std::string agent = chance() % 2 == 0 ? "owner" : "user";
        const double before = state(id).confidence;
        const auto kind = chance() % 6;
        if (kind <= 2) {
            ASSERT_TRUE(used(id, agent, chance() % 3 != 0).has_value());
            EXPECT_DOUBLE_EQ(state(id).confidence, before);
        } else if (kind == 3) {
            UpdatePattern update;
            update.pattern_id = id;
            update.agent_id = "owner";
            update.learning_weight = 10;
            update.pattern_data = RawJson{"{\"step\":" + std::to_string(step) + "}"};
            ASSERT_TRUE(patterns_->update(agent_context(), update).has_value());
            EXPECT_LE(state(id).confidence, std::max(before, 0.05 + 1e-9));
        } else if (kind == 4) {
            verify(id, "user", kConfirmed);
            EXPECT_GE(state(id).confidence, before);
        } else {
            verify(id, "user", kRefuted);
            EXPECT_LE(state(id).confidence, before);
        }
    }
}

}  // namespace
}  // namespace credence::patterns
