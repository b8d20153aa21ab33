#include "capabilities/trust/evidence/statement.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/random.h"

namespace credence::trust {
namespace {

Statement example() {
    VerificationNote note;
    note.verification_id = "01890000-0000-7000-8000-000000000001";
    note.seq = 7;
    note.log_seq = 9;
    note.tenant = "default";
    note.name_space = "default";
    note.agent_id = "agent-1";
    note.claim_type = "test_result";
    note.claim.text = R"({"return_code":0})";
    note.outcome = "confirmed";
    note.recipe = "pytest";
    note.recipe_digest = "sha256:" + std::string(64, 'c');
    note.record_digest = std::string(64, 'd');
    note.runner = "bubblewrap";
    note.verified_at_us = 1'735'689'600'000'000;
    Statement statement;
    statement.subject.push_back(
        {"tree:default", {std::string(64, 'a')}, Annotations{std::move(note)}});
    statement.predicate.result = TestResult::PASSED;
    statement.predicate.configuration.push_back({"recipe:pytest", {std::string(64, 'c')}, {}});
    statement.predicate.passedTests = {"return_code == 0"};
    return statement;
}

class StatementTest : public ::testing::Test {
protected:
    SeededRandom random_{3};
    SigningKey key_ = SigningKey::make(random_);

    RawJson sealed(const std::string& payload) const {
        return {to_json(seal(key_, kInTotoPayloadType, payload))};
    }
    // What becomes of the example after one replacement in its text.
    Result<Statement> with(std::string_view from, std::string_view to) const {
        std::string text = statement_json(example());
        const std::size_t at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        text.replace(at, from.size(), to);
        return read_statement(text);
    }
    static void expect_invalid(const Result<Statement>& read, const std::string& field) {
        ASSERT_FALSE(read.has_value());
        EXPECT_EQ(read.error().code, Code::invalid);
        EXPECT_EQ(read.error().field, field) << read.error().message;
    }
};

TEST_F(StatementTest, IsTheStandardsJson) {
    const std::string expected =
        R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"tree:default",)"
        R"("digest":{"sha256":")" +
        std::string(64, 'a') +
        R"("},"annotations":{"credence_verification":{)"
        R"("verification_id":"01890000-0000-7000-8000-000000000001","seq":7,"log_seq":9,)"
        R"("tenant":"default","name_space":"default","agent_id":"agent-1",)"
        R"("claim_type":"test_result","claim":{"return_code":0},"outcome":"confirmed",)"
        R"("recipe":"pytest","recipe_digest":"sha256:)" +
        std::string(64, 'c') + R"(","record_digest":")" + std::string(64, 'd') +
        R"(","runner":"bubblewrap","verified_at_us":1735689600000000}}}],)"
        R"("predicateType":"https://in-toto.io/attestation/test-result/v0.1",)"
        R"("predicate":{"result":"PASSED","configuration":[{"name":"recipe:pytest",)"
        R"("digest":{"sha256":")" +
        std::string(64, 'c') +
        R"("}}],"passedTests":["return_code == 0"],"warnedTests":[],"failedTests":[]}})";
    EXPECT_EQ(statement_json(example()), expected);
    const auto read = read_statement(expected);
    ASSERT_TRUE(read.has_value()) << read.error().field << read.error().message;
    EXPECT_EQ(statement_json(*read), expected);
}

TEST_F(StatementTest, RefusesOtherSchemas) {
    expect_invalid(with("Statement/v1", "Statement/v0.1"), "payload._type");
    expect_invalid(with("test-result/v0.1", "vuln/v0.1"), "payload.predicateType");
    expect_invalid(with("PASSED", "GREAT"), "payload.predicate.result");
    expect_invalid(with(R"("subject":)", R"("extra":1,"subject":)"), "payload.extra");
    expect_invalid(with("aaaa", "zaaa"), "payload.subject[0].digest.sha256");
    expect_invalid(with("cccc\"}}]", "ccc\"}}]"),
                   "payload.predicate.configuration[0].digest.sha256");
    expect_invalid(with("credence_verification", "other_verification"),
                   "payload.subject[0].annotations.other_verification");
    expect_invalid(read_statement("{"), "payload");
    Statement bare = example();
    bare.subject[0].annotations.reset();
    expect_invalid(read_statement(statement_json(bare)), "payload.subject");
    Statement two = example();
    two.subject.push_back(two.subject[0]);
    expect_invalid(read_statement(statement_json(two)), "payload.subject");
}

TEST_F(StatementTest, ChecksWithoutAStore) {
    const auto report = check_attestation(sealed(statement_json(example())), {key_.public_key()});
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_TRUE(report->valid);
    EXPECT_EQ(report->keyid, key_.id());
    EXPECT_EQ(report->statement.result, TestResult::PASSED);
    EXPECT_EQ(report->statement.subject, "tree:default");
    EXPECT_EQ(report->statement.subject_sha256, std::string(64, 'a'));
    EXPECT_EQ(report->statement.recipe, "recipe:pytest");
    EXPECT_EQ(report->statement.passed, 1);
    EXPECT_EQ(report->statement.warned, 0);
    EXPECT_EQ(report->statement.failed, 0);
    EXPECT_EQ(report->statement.verification.agent_id, "agent-1");
    EXPECT_EQ(report->statement.verification.claim.text, R"({"return_code":0})");
    EXPECT_NE(to_json(*report).find("\"valid\":true"), std::string::npos);
}

TEST_F(StatementTest, RefusesBrokenAttestations) {
    const std::vector<PublicKey> trusted{key_.public_key()};
    const auto truncated = check_attestation({R"({"payload":"aGk=")"}, trusted);
    ASSERT_FALSE(truncated.has_value());
    EXPECT_EQ(truncated.error().code, Code::invalid);
    EXPECT_EQ(truncated.error().field, "envelope");
    const auto unknown = check_attestation({R"({"payload":"aGk=","more":1})"}, trusted);
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().field, "envelope.more");
    // Signed by us, yet not a statement.
    const auto foreign = check_attestation(sealed(R"({"hello":1})"), trusted);
    ASSERT_FALSE(foreign.has_value());
    EXPECT_EQ(foreign.error().code, Code::invalid);
    SeededRandom random(99);
    const auto wrong = check_attestation(sealed(statement_json(example())),
                                         {SigningKey::make(random).public_key()});
    ASSERT_FALSE(wrong.has_value());
    EXPECT_EQ(wrong.error().code, Code::conflict);
}

}  // namespace
}  // namespace credence::trust
