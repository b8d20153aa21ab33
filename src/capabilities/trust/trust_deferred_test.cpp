#include "capabilities/trust/listener.h"
#include "capabilities/trust/score_fixture.h"
#include "capabilities/trust/verification_rows.h"

namespace credence::trust {
namespace {

// Hears what counts, and reads what is stored at that moment.
class HearingListener final : public VerificationListener {
public:
    Result<void> check_link(const Context&, const std::string&, const std::string&) override {
        return {};
    }
    Result<void> verified(store::Tx& tx, const Context& context,
                          const VerifiedClaim& claim) override {
        if (refuses) {
            return fail(Code::internal, "the listener failed");
        }
        heads.push_back(
            TRY(tx.query("SELECT seq FROM trust_head WHERE tenant = $1", context.tenant))
                .integer(0, 0));
        heard.push_back(claim);
        return {};
    }

    bool refuses = false;
    std::vector<VerifiedClaim> heard;
    std::vector<std::int64_t> heads;
};

// trust.batch_update over deferred verifications, with somebody who listens.
class DeferredTest : public ScoreFixture {
protected:
    void SetUp() override {
        ScoreFixture::SetUp();
        make_agent("a", key("k1"));
        listeners_.add(listener_);
        trust_ = std::make_unique<Trust>(*parts_,
                                         Trust::Services{*gate_, nullptr, nullptr, &listeners_});
    }
    TrustUpdate deferred(const std::string& agent_id, Outcome outcome = Outcome::confirmed) {
        const Evidence given = evidence(agent_id, outcome);
        EXPECT_TRUE(defer(key("k1"), given).has_value());
        return TrustUpdate{agent_id, given.verification_id, {}, {}, {}};
    }
    static TrustUpdate observed(const std::string& agent_id, bool accurate) {
        return TrustUpdate{agent_id, {}, ClaimKind::test_result, accurate, "seen in production"};
    }
    Result<BatchUpdated> batch(const Context& context, std::vector<TrustUpdate> updates) {
        return trust_->batch_update(context, BatchUpdate{std::move(updates)});
    }
    void keep_record(const TrustUpdate& update, const std::string& pattern_id) {
        rows::VerificationRecord row;
        row.id = *update.verification_id;
        row.agent_id = update.agent_id;
        if (!pattern_id.empty()) {
            row.pattern_id = pattern_id;
        }
        row.duration_us = 1'234;
        row.verified_at_us = kStartUs - 5;
        row.deferred = true;
        const auto kept = database_->write(
            [&](store::Tx& tx) { return rows::insert_verification(tx, "default", row); });
        ASSERT_TRUE(kept.has_value()) << kept.error().message;
    }

    Listeners listeners_;
    HearingListener listener_;
};

TEST_F(DeferredTest, ADeferredClaimThatCountsIsHeardWithItsPattern) {
    const TrustUpdate lie = deferred("a", Outcome::refuted);
    const TrustUpdate truth = deferred("a");
    keep_record(lie, "");
    keep_record(truth, "the pattern");
    ASSERT_TRUE(batch(key("k1"), {truth, lie}).has_value());
    ASSERT_EQ(listener_.heard.size(), 2U);
    const VerifiedClaim& first = listener_.heard[0];
    EXPECT_EQ(first.verification_id, *lie.verification_id);
    EXPECT_EQ(first.outcome, Outcome::refuted);
    EXPECT_FALSE(first.pattern_id.has_value());
    const VerifiedClaim& second = listener_.heard[1];
    EXPECT_EQ(second.verification_id, *truth.verification_id);
    EXPECT_EQ(second.agent_id, "a");
    EXPECT_EQ(second.kind, ClaimKind::test_result);
    EXPECT_EQ(second.outcome, Outcome::confirmed);
    EXPECT_TRUE(second.counted);
    EXPECT_EQ(second.pattern_id, "the pattern");
    EXPECT_EQ(second.duration_us, 1'234);
    EXPECT_EQ(second.at_us, kStartUs - 5);
    EXPECT_EQ(listener_.heads, (std::vector<std::int64_t>{4, 4})) << "all scores are stored";
    ASSERT_TRUE(batch(admin(), {observed("a", true)}).has_value());
    EXPECT_EQ(listener_.heard.size(), 2U) << "an observation is no verification";
}

TEST_F(DeferredTest, AListenerThatFailsRollsTheBatchBack) {
    const TrustUpdate truth = deferred("a");
    const auto unrecorded = batch(key("k1"), {truth});
    EXPECT_EQ(failure_of(unrecorded), Code::conflict);
    keep_record(truth, "p");
    listener_.refuses = true;
    EXPECT_EQ(failure_of(batch(key("k1"), {truth})), Code::internal);
    EXPECT_EQ(trust_->replay(admin(), Empty{})->entries, 1);
    EXPECT_EQ(trust_of("a").total_verifications, 0);
    listener_.refuses = false;
    EXPECT_TRUE(batch(key("k1"), {truth}).has_value());
    EXPECT_EQ(replayed(), "intact");
}

TEST_F(DeferredTest, ABatchOverSeveralAgentsAndKindsFoldsEachOnce) {
    make_agent("b", key("k1"));
    trust_ = std::make_unique<Trust>(*parts_, Trust::Services{*gate_});
    std::vector<TrustUpdate> updates;
    for (int i = 0; i < 40; ++i) {
        updates.push_back(
            deferred(i % 2 == 0 ? "a" : "b", i % 5 == 0 ? Outcome::refuted : Outcome::confirmed));
        TrustUpdate seen = observed("b", i % 3 != 0);
        seen.claim_kind = ClaimKind::custom;
        updates.push_back(seen);
    }
    const auto done = batch(admin(), updates);
    ASSERT_TRUE(done.has_value()) << done.error().message;
    EXPECT_EQ(done->applied, 80);
    EXPECT_EQ(events("trust_changed"), 80);
    EXPECT_EQ(trust_of("a").total_verifications, 20);
    const auto report = trust_->replay(admin(), Empty{});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->entries, 120);
    EXPECT_EQ(report->states, 3);
    EXPECT_EQ(chain_verdict(), "intact");
}

TEST_F(DeferredTest, NoneOfManyRefutationsIsPassedOver) {
    trust_ = std::make_unique<Trust>(*parts_, Trust::Services{*gate_});
    constexpr std::size_t kMany = 80;
    std::vector<TrustUpdate> lies;
    for (std::size_t i = 0; i < kMany; ++i) {
        lies.push_back(deferred("a", Outcome::refuted));
    }
    const TrustUpdate truth = deferred("a");
    EXPECT_NE(batch(key("k1"), {truth}).error().message.find("waits in entry 1 "),
              std::string::npos);
    EXPECT_NE(batch(key("k1"), {lies[1]}).error().message.find("waits in entry 1 "),
              std::string::npos);
    ASSERT_TRUE(batch(key("k1"), {lies.begin(), lies.begin() + 70}).has_value());
    EXPECT_NE(batch(key("k1"), {truth}).error().message.find("waits in entry 71 "),
              std::string::npos);
    ASSERT_TRUE(batch(key("k1"), {lies.begin() + 70, lies.end()}).has_value());
    EXPECT_TRUE(batch(key("k1"), {truth}).has_value());
    EXPECT_EQ(trust_of("a").total_verifications, 81);
    EXPECT_EQ(replayed(), "intact");
}

}  // namespace
}  // namespace credence::trust
