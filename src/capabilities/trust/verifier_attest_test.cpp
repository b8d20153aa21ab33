#include <atomic>
#include <filesystem>
#include <thread>

#include "base/json.h"
#include "capabilities/trust/verifier_fixture.h"

namespace credence::trust {
namespace {

class VerifierAttestTest : public VerifierFixture {
protected:
    Verification verified(std::int64_t exit_code) {
        will_finish(exit_code, "{}");
        auto out = verify(request());
        EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().message);
        return out.value_or(Verification{});
    }
    Attestation attested(const VerificationId& id) {
        auto out = verifier_->attest(local(), {id});
        EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().message);
        return out.value_or(Attestation{});
    }
    Result<AttestationReport> check(const Envelope& envelope,
                                    const std::vector<std::string>& keys = {}) {
        return verifier_->verify_attestation(local(), {{to_json(envelope)}, keys});
    }
    std::string public_key() {
        return keys_->list_signing_keys(local(), {})->keys.at(0).public_key;
    }
};

TEST_F(VerifierAttestTest, SaysWhatIsOnRecord) {
    const Verification made = verified(0);
    const Attestation signed_once = attested(made.verification_id);
    EXPECT_EQ(signed_once.envelope.payloadType, "application/vnd.in-toto+json");
    EXPECT_EQ(to_json(attested(made.verification_id)), to_json(signed_once)) << "same bytes";
    const auto statement = read_statement(*from_base64(signed_once.envelope.payload));
    ASSERT_TRUE(statement.has_value()) << statement.error().message;
    EXPECT_EQ(statement->predicate.result, TestResult::PASSED);
    EXPECT_EQ(statement->predicate.passedTests.size(), made.checks.size());
    EXPECT_EQ(statement->predicate.configuration.at(0).name, "recipe:check");
    EXPECT_EQ("sha256:" + statement->predicate.configuration.at(0).digest.sha256,
              made.recipe_digest);
    EXPECT_EQ(statement->subject.at(0).name, "tree:default");
    EXPECT_EQ("sha256:" + statement->subject.at(0).digest.sha256, made.tree_digest);
    const auto report = check(signed_once.envelope);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_TRUE(report->valid);
    EXPECT_EQ(report->keyid, signed_once.keyid);
    const VerificationNote& note = report->statement.verification;
    EXPECT_EQ(note.verification_id, made.verification_id.to_string());
    EXPECT_EQ(note.agent_id, "agent-1");
    EXPECT_EQ(note.claim.text, made.claim.text);
    EXPECT_EQ(note.outcome, "confirmed");
    EXPECT_EQ(note.seq, made.seq);
    EXPECT_EQ(note.log_seq, made.log_seq);
    EXPECT_EQ(note.record_digest, digest_of(made.verification_id));
}

TEST_F(VerifierAttestTest, OutcomesBecomeResults) {
    EXPECT_EQ(check(attested(verified(1).verification_id).envelope)->statement.result,
              TestResult::FAILED);
    sandbox::Finished late = finished(-1, "");
    late.ending = sandbox::Ending::timed_out;
    sandbox_.answer = [late](const sandbox::Command&) { return Result<sandbox::Finished>(late); };
    const auto inconclusive = verify(request());
    ASSERT_TRUE(inconclusive.has_value());
    EXPECT_EQ(check(attested(inconclusive->verification_id).envelope)->statement.result,
              TestResult::WARNED);
    will_fail(Code::invalid, "no");
    const auto error = verify(request());
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(failure_of(verifier_->attest(local(), {error->verification_id})), Code::conflict);
    EXPECT_EQ(failure_of(verifier_->attest(local(), {ids_.make<VerificationId>()})),
              Code::not_found);
    Context elsewhere = local();
    elsewhere.name_space = "elsewhere";
    EXPECT_EQ(failure_of(verifier_->attest(elsewhere, {inconclusive->verification_id})),
              Code::not_found);
}

TEST_F(VerifierAttestTest, SignsNothingThatTheLogDoesNotKnow) {
    const Verification made = verified(1);
    attested(made.verification_id);
    tamper(
        "DROP TRIGGER verification_no_update;"
        "UPDATE verification SET outcome = 'confirmed'");
    EXPECT_EQ(failure_of(verifier_->attest(local(), {made.verification_id})), Code::conflict);
    VerifyClaim later = request();
    later.defer_trust = true;
    const auto deferred = verify(later);
    ASSERT_TRUE(deferred.has_value());
    const Attestation signed_deferred = attested(deferred->verification_id);
    EXPECT_EQ(check(signed_deferred.envelope)->statement.verification.log_seq, deferred->log_seq);
}

TEST_F(VerifierAttestTest, WithoutATreeTheRecordIsTheSubject) {
    Verification bare = verified(0);
    bare.tree.clear();
    const Statement statement = statement_of(bare, {"default", "default", std::string(64, 'a'), 1});
    EXPECT_EQ(statement.subject.at(0).name, "verification:" + bare.verification_id.to_string());
    EXPECT_EQ(statement.subject.at(0).digest.sha256, std::string(64, 'a'));
    bare.checks = {{"a", Outcome::confirmed, "1"},
                   {"b", Outcome::inconclusive, "absent"},
                   {"c", Outcome::refuted, "2"}};
    const TestResultPredicate predicate =
        statement_of(bare, {"default", "default", std::string(64, 'a'), 1}).predicate;
    EXPECT_EQ(predicate.passedTests, std::vector<std::string>{"a"});
    EXPECT_EQ(predicate.warnedTests, std::vector<std::string>{"b"});
    EXPECT_EQ(predicate.failedTests, std::vector<std::string>{"c"});
}

TEST_F(VerifierAttestTest, ChecksAgainstGivenKeys) {
    const Attestation made = attested(verified(0).verification_id);
    EXPECT_TRUE(check(made.envelope, {public_key()}).has_value());
    SeededRandom random(123);
    const SigningKey foreign = SigningKey::make(random);
    EXPECT_EQ(failure_of(check(made.envelope, {public_key_text(foreign.public_key())})),
              Code::conflict);
    EXPECT_EQ(refusal_of(check(made.envelope, {public_key(), "rubbish"})),
              "invalid public_keys[1]");
    Envelope changed = made.envelope;
    std::string payload = *from_base64(changed.payload);
    payload.replace(payload.find("agent-1"), 7, "agent-2");
    changed.payload = to_base64(payload);
    EXPECT_EQ(failure_of(check(changed)), Code::conflict);
    EXPECT_EQ(failure_of(check(seal(foreign, kInTotoPayloadType, payload))), Code::conflict);
}

TEST_F(VerifierAttestTest, RotationKeepsOldSignatures) {
    const Verification made = verified(0);
    const Attestation before = attested(made.verification_id);
    clock_.advance_us(1000);
    const auto rotated = keys_->rotate_signing_key(local(), {});
    ASSERT_TRUE(rotated.has_value()) << rotated.error().message;
    EXPECT_NE(rotated->keyid, before.keyid);
    const Attestation after = attested(made.verification_id);
    EXPECT_EQ(after.keyid, rotated->keyid);
    EXPECT_EQ(after.envelope.payload, before.envelope.payload);
    EXPECT_TRUE(check(before.envelope).has_value());
    EXPECT_TRUE(check(after.envelope).has_value());
    const auto list = keys_->list_signing_keys(local(), {});
    ASSERT_EQ(list->keys.size(), 2U);
    EXPECT_EQ(list->keys[0].keyid, after.keyid);
    EXPECT_FALSE(list->keys[0].retired_at_us.has_value());
    EXPECT_EQ(list->keys[1].retired_at_us, kStartUs + 1000);
    EXPECT_EQ(count_rows("SELECT COUNT(seq) FROM event WHERE name = 'signing_key_rotated'"), 2);
    Context other = local();
    other.tenant = "other";
    EXPECT_EQ(failure_of(keys_->rotate_signing_key(other, {})), Code::forbidden);
}

TEST_F(VerifierAttestTest, KeysOutliveTheProcessInTheirFolder) {
    const auto active = keys_->active(local());
    ASSERT_TRUE(active.has_value());
    SigningKeys later(*parts_, directory_->file("keys"));
    EXPECT_EQ(later.active(local())->id(), active->id());
    EXPECT_EQ(text_of("SELECT keyid FROM signing_key"), active->id());
    // Lost private halves are told, not silently replaced.
    std::filesystem::remove_all(directory_->file("keys"));
    SigningKeys bereft(*parts_, directory_->file("keys"));
    EXPECT_EQ(failure_of(bereft.active(local())), Code::unavailable);
    EXPECT_TRUE(bereft.rotate_signing_key(local(), {}).has_value());
    EXPECT_TRUE(bereft.active(local()).has_value());
    for (const char* sql : {"DELETE FROM signing_key", "UPDATE signing_key SET public_key = 'x'"}) {
        EXPECT_FALSE(database_->write([&](store::Tx& tx) { return tx.run(sql); }).has_value());
    }
}

TEST_F(VerifierAttestTest, AFolderThatCannotBeMadeIsTold) {
    SigningKeys nowhere(*parts_, directory_->file("no/such/folder"));
    EXPECT_EQ(failure_of(nowhere.active(local())), Code::unavailable);
    EXPECT_EQ(failure_of(nowhere.rotate_signing_key(local(), {})), Code::unavailable);
    EXPECT_EQ(count_rows("SELECT COUNT(keyid) FROM signing_key"), 0);
}

TEST_F(VerifierAttestTest, TheFirstKeyIsMadeOnce) {
    std::vector<std::thread> threads;
    std::atomic<int> served{0};
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            // As of another process: an own folder object on the same folder.
            SigningKeys own(*parts_, directory_->file("keys"));
            served += own.active(local()).has_value() ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(served, 8);
    EXPECT_EQ(count_rows("SELECT COUNT(keyid) FROM signing_key"), 1);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_->file("keys")), {}), 1);
}

TEST_F(VerifierAttestTest, ThereIsALimitOfKeys) {
    for (std::int64_t i = 0; i < SigningKeys::kMaxKeys; ++i) {
        ASSERT_TRUE(keys_->rotate_signing_key(local(), {}).has_value());
    }
    EXPECT_EQ(failure_of(keys_->rotate_signing_key(local(), {})), Code::exhausted);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_->file("keys")), {}),
              SigningKeys::kMaxKeys);
}

}  // namespace
}  // namespace credence::trust
