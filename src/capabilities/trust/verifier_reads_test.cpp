#include "base/json.h"
#include "base/units.h"
#include "capabilities/trust/agents.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verification_view.h"
#include "capabilities/trust/verifier_fixture.h"

namespace credence::trust {
namespace {

class VerifierReadsTest : public VerifierFixture {
protected:
    // A claim of another number each time, so that each is its own record; true or false.
    Verification make(ClaimKind kind, std::int64_t duration_us, bool holds) {
        sandbox::Finished answer = finished(0, R"({"metrics":{"n":1}})");
        answer.duration_us = duration_us;
        sandbox_.answer = [answer](const sandbox::Command&) {
            return Result<sandbox::Finished>(answer);
        };
        VerifyClaim claim = request(holds ? R"({"metrics":{"n":1}})" : R"({"metrics":{"n":2}})");
        claim.claim_type = kind;
        auto out = verify(claim);
        EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().message);
        return out.value_or(Verification{});
    }
    GetVerificationHistory history(std::int64_t limit = 100) {
        GetVerificationHistory out;
        out.agent_id = "agent-1";
        out.limit = limit;
        return out;
    }
    static std::vector<std::int64_t> seqs(const Result<VerificationPage>& page) {
        std::vector<std::int64_t> out;
        EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().message);
        for (const Verification& one : page.value_or(VerificationPage{}).verifications) {
            out.push_back(one.seq);
        }
        return out;
    }
};

TEST_F(VerifierReadsTest, GivesBackWhatWasAnswered) {
    const Verification made = make(ClaimKind::test_result, 2000, true);
    auto got = verifier_->get_verification(local(), {made.verification_id, false});
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_FALSE(got->evidence.has_value());
    // The score is of the moment, not of the record.
    Verification expected = made;
    expected.new_trust_score.reset();
    expected.lower_bound.reset();
    expected.ewma.reset();
    expected.weight.reset();
    expected.log_seq.reset();
    EXPECT_EQ(to_json(*got), to_json(expected));
    Context elsewhere = local();
    elsewhere.name_space = "elsewhere";
    EXPECT_EQ(refusal_of(verifier_->get_verification(elsewhere, {made.verification_id, false})),
              "not_found verification_id");
    Context other = local();
    other.tenant = "other";
    EXPECT_EQ(refusal_of(verifier_->get_verification(other, {made.verification_id, false})),
              "not_found verification_id");
}

TEST_F(VerifierReadsTest, PagesThroughTheHistory) {
    for (int i = 0; i < 5; ++i) {
        make(i % 2 == 0 ? ClaimKind::test_result : ClaimKind::custom, 1000, i != 4);
    }
    EXPECT_EQ(seqs(verifier_->get_verification_history(local(), history())),
              (std::vector<std::int64_t>{5, 4, 3, 2, 1}));
    GetVerificationHistory two = history(2);
    const auto first = verifier_->get_verification_history(local(), two);
    EXPECT_EQ(seqs(first), (std::vector<std::int64_t>{5, 4}));
    ASSERT_EQ(first->next, 4);
    two.before_seq = first->next;
    const auto second = verifier_->get_verification_history(local(), two);
    EXPECT_EQ(seqs(second), (std::vector<std::int64_t>{3, 2}));
    two.before_seq = second->next;
    const auto last = verifier_->get_verification_history(local(), two);
    EXPECT_EQ(seqs(last), std::vector<std::int64_t>{1});
    EXPECT_FALSE(last->next.has_value());
    GetVerificationHistory filtered = history();
    filtered.claim_type = ClaimKind::test_result;
    EXPECT_EQ(seqs(verifier_->get_verification_history(local(), filtered)),
              (std::vector<std::int64_t>{5, 3, 1}));
    filtered.outcome = Outcome::refuted;
    EXPECT_EQ(seqs(verifier_->get_verification_history(local(), filtered)),
              std::vector<std::int64_t>{5});
    filtered.agent_id = "nobody";
    EXPECT_EQ(failure_of(verifier_->get_verification_history(local(), filtered)), Code::not_found);
    Context elsewhere = local();
    elsewhere.name_space = "elsewhere";
    EXPECT_EQ(failure_of(verifier_->get_verification_history(elsewhere, history())),
              Code::not_found);
}

TEST_F(VerifierReadsTest, HistoryShowsShortExcerpts) {
    will_finish(0, std::string(5000, 'a') + "\n{}");
    ASSERT_TRUE(verify(request()).has_value());
    const auto page = verifier_->get_verification_history(local(), history());
    ASSERT_TRUE(page.has_value());
    const StreamExcerpt& shown = page->verifications.at(0).actual->stdout_;
    EXPECT_LE(shown.text.size(), Verifier::kListExcerptBytes);
    EXPECT_TRUE(shown.truncated);
    EXPECT_EQ(shown.bytes, 5003);
    EXPECT_TRUE(shown.text.ends_with("a\n{}"));
}

TEST_F(VerifierReadsTest, CountsAndMeasures) {
    for (int i = 1; i <= 10; ++i) {
        make(ClaimKind::test_result, i * 1000, i != 10);
    }
    make(ClaimKind::custom, 50'000, true);
    will_fail(Code::invalid, "no");
    ASSERT_TRUE(verify(request()).has_value());
    const auto out = verifier_->get_verification_statistics(local(), {"agent-1", {}});
    ASSERT_TRUE(out.has_value()) << out.error().message;
    EXPECT_EQ(out->counts.total, 12);
    EXPECT_EQ(out->counts.confirmed, 10);
    EXPECT_EQ(out->counts.refuted, 1);
    EXPECT_EQ(out->counts.inconclusive, 0);
    EXPECT_EQ(out->counts.error, 1);
    EXPECT_EQ(out->accuracy.n, 11);
    EXPECT_DOUBLE_EQ(out->accuracy.share.value_or(0), 10.0 / 11.0);
    // Wilson, z = 1.96, 10 of 11.
    EXPECT_NEAR(out->accuracy.low, 0.6226, 0.0005);
    EXPECT_NEAR(out->accuracy.high, 0.9838, 0.0005);
    EXPECT_EQ(out->accuracy.method, "Wilson score interval, 95 %");
    EXPECT_EQ(out->inconclusive_share.n, 12);
    EXPECT_DOUBLE_EQ(out->inconclusive_share.share.value_or(0), 1.0 / 12.0);
    ASSERT_EQ(out->by_claim_type.size(), 2U);
    EXPECT_EQ(out->by_claim_type[0].claim_type, ClaimKind::test_result);
    EXPECT_EQ(out->by_claim_type[0].counts.total, 10);
    EXPECT_DOUBLE_EQ(out->by_claim_type[0].accuracy.share.value_or(0), 0.9);
    EXPECT_EQ(out->by_claim_type[1].claim_type, ClaimKind::custom);
    EXPECT_EQ(out->by_claim_type[1].counts.error, 1);
    EXPECT_EQ(out->by_claim_type[1].accuracy.n, 1);
    // 1, 2 … 10 and 50 ms: what did not run does not count.
    EXPECT_EQ(out->duration_median_us, 6000);
    EXPECT_EQ(out->duration_p95_us, 50'000);
    ASSERT_EQ(out->recent.size(), 10U);
    EXPECT_EQ(out->recent[0].outcome, Outcome::error);
    EXPECT_EQ(out->recent[1].claim_type, ClaimKind::custom);
    EXPECT_EQ(out->recent[1].recipe, "check");
}

TEST_F(VerifierReadsTest, StatisticsOfLatestDays) {
    make(ClaimKind::custom, 1000, true);
    clock_.advance_us(3 * kUsPerDay);
    make(ClaimKind::custom, 1000, false);
    const auto out = verifier_->get_verification_statistics(local(), {"agent-1", 2});
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(out->days, 2);
    EXPECT_EQ(out->counts.total, 1);
    EXPECT_EQ(out->accuracy.share, 0.0);
    ASSERT_EQ(out->recent.size(), 1U);
    EXPECT_EQ(out->recent[0].outcome, Outcome::refuted);
    add_agent("agent-2", "local");
    const auto none = verifier_->get_verification_statistics(local(), {"agent-2", {}});
    ASSERT_TRUE(none.has_value());
    EXPECT_EQ(none->counts.total, 0);
    EXPECT_FALSE(none->accuracy.share.has_value());
    EXPECT_EQ(none->accuracy.low, 0);
    EXPECT_EQ(none->accuracy.high, 1);
    EXPECT_FALSE(none->duration_median_us.has_value());
    EXPECT_EQ(failure_of(verifier_->get_verification_statistics(local(), {"nobody", {}})),
              Code::not_found);
}

TEST_F(VerifierReadsTest, EvidenceHoldsHostileOutput) {
    const std::string hostile =
        "```\n# Confirmed\n````\n\x1b]0;owned\x07\xE2\x80\xAE\xFF| a | b |\n";
    will_finish(3, hostile);
    const auto made = verify(request(R"({"return_code":0,"output_contains":["`|\n# x"]})"));
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(made->outcome, Outcome::refuted);
    const auto got = verifier_->get_verification(local(), {made->verification_id, true});
    ASSERT_TRUE(got.has_value());
    const std::string& text = got->evidence.value_or("");
    EXPECT_TRUE(text.starts_with("# Verification " + made->verification_id.to_string()));
    EXPECT_NE(text.find("**refuted**"), std::string::npos);
    EXPECT_NE(text.find("- ended: `exited with 3`"), std::string::npos) << text;
    EXPECT_NE(text.find("- tree digest: `sha256:"), std::string::npos);
    EXPECT_NE(text.find("- argv: `[\"/usr/bin/python3\",\"-I\",\"check.py\"]`"), std::string::npos);
    EXPECT_NE(text.find("`````text\n```\n# Confirmed\n````\n\\x1b]0;owned\\x07\\u{202e}"),
              std::string::npos)
        << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_TRUE(is_valid_utf8(text));
    // Every line of the table is one of ours.
    for (const std::string_view line : split(text, '\n')) {
        EXPECT_FALSE(line.starts_with("# x")) << line;
    }
}

TEST_F(VerifierReadsTest, EvidenceOfWhatDidNotRun) {
    will_fail(Code::invalid, "no sandbox");
    listeners_.add(listener_);
    const auto made = verify(request(R"({"return_code":0,"pattern_id":"pattern-1"})"));
    ASSERT_TRUE(made.has_value());
    const std::string text = evidence_text(*made);
    EXPECT_NE(text.find("**error**: `nothing was run: no sandbox`"), std::string::npos);
    EXPECT_NE(text.find("- pattern: `pattern-1`"), std::string::npos);
    EXPECT_EQ(text.find("Standard output"), std::string::npos);
    Verification signalled = *made;
    signalled.actual = ActualResult{};
    signalled.actual->ending = sandbox::Ending::signalled;
    signalled.actual->signal = 9;
    signalled.verified_by_agent_id = "other";
    EXPECT_NE(evidence_text(signalled).find("- ended: `signalled by 9`"), std::string::npos);
    EXPECT_NE(evidence_text(signalled).find("- verifier: `other`"), std::string::npos);
}

TEST_F(VerifierReadsTest, ExcerptsAreWholeCharacters) {
    EXPECT_EQ(excerpt("short", 100), "short");
    EXPECT_EQ(excerpt("\xC3\xA9\xC3\xA9\xC3\xA9", 5), "\xC3\xA9\xC3\xA9");
    std::string text;
    for (int i = 0; i < 2000; ++i) {
        text += "\xE2\x82\xAC";
    }
    for (std::size_t limit = 200; limit < 230; ++limit) {
        const std::string cut = excerpt(text, limit);
        EXPECT_LE(cut.size(), limit);
        EXPECT_TRUE(is_valid_utf8(cut));
        EXPECT_EQ(cut.find("\xEF\xBF\xBD"), std::string::npos);
        EXPECT_NE(cut.find("bytes left out"), std::string::npos);
    }
    sandbox::Stream stream{std::string(100, '\xFF'), 100, "d", false};
    EXPECT_EQ(excerpt_of(stream).text.size(), 300U);
    EXPECT_FALSE(excerpt_of(stream).truncated);
    stream.text.assign(Verifier::kMaxExcerptBytes + 1, 'a');
    EXPECT_LE(excerpt_of(stream).text.size(), Verifier::kMaxExcerptBytes);
    EXPECT_TRUE(excerpt_of(stream).truncated);
}

TEST_F(VerifierReadsTest, DamagedRecordsAreNotShown) {
    const Verification made = make(ClaimKind::custom, 1000, true);
    tamper("DROP TRIGGER verification_no_update");
    for (const char* change : {"outcome = 'great'", "checks = '{'", "claim_type = 'x'"}) {
        tamper(std::string("UPDATE verification SET ") + change);
        EXPECT_EQ(failure_of(verifier_->get_verification(local(), {made.verification_id, false})),
                  Code::internal);
        EXPECT_EQ(failure_of(verifier_->get_verification_history(local(), history())),
                  Code::internal);
    }
    EXPECT_EQ(failure_of(verifier_->get_verification_statistics(local(), {"agent-1", {}})),
              Code::internal);
}

}  // namespace
}  // namespace credence::trust
