// What is recorded stays as it was, once for every attempt.
#include <atomic>
#include <thread>

#include "capabilities/trust/scores.h"
#include "capabilities/trust/verification_rows.h"
#include "capabilities/trust/verifier_fixture.h"
#include "capabilities/trust/verifier_run.h"

namespace credence::trust {
namespace {

using VerificationRecordTest = VerifierFixture;

TEST_F(VerificationRecordTest, DigestsSayWhatIsTheSame) {
    const std::string effort = effort_digest_of("r", {"a", "b"}, "t");
    EXPECT_NE(effort, effort_digest_of("r", {"a b"}, "t"));
    EXPECT_NE(effort, effort_digest_of("r", {"a", "b"}, "u"));
    EXPECT_NE(effort, effort_digest_of("s", {"a", "b"}, "t"));
    const auto digest = [&](const std::string& claim, ClaimKind kind = ClaimKind::custom) {
        const auto read = read_claim(kind, RawJson{claim});
        EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
        return claim_digest_of(effort, kind, read.value_or(ClaimContent{}));
    };
    const std::string same = digest(R"({"output_contains":["a","b"],"return_code":0})");
    EXPECT_EQ(same, digest(R"({ "return_code": 0, "output_contains": ["b","a","b"] })"));
    EXPECT_EQ(same, digest(R"({"return_code":0,"output_contains":["a","b"],"pattern_id":"p"})"));
    EXPECT_NE(same, digest(R"({"output_contains":["a"],"return_code":0})"));
    EXPECT_NE(same,
              digest(R"({"output_contains":["a","b"],"return_code":0})", ClaimKind::test_result));
}

TEST_F(VerificationRecordTest, SixtyFourWritersLeaveSixtyFourRecords) {
    constexpr int kWriters = 64;
    std::vector<std::thread> writers;
    std::atomic<int> accepted{0};
    std::atomic<int> counted{0};
    for (int i = 0; i < kWriters; ++i) {
        writers.emplace_back([&] {
            const auto out = verify(request());
            accepted += out.has_value() ? 1 : 0;
            counted += out && out->weight.value_or(0) > 0 ? 1 : 0;
        });
    }
    for (std::thread& writer : writers) {
        writer.join();
    }
    EXPECT_EQ(accepted, kWriters);
    EXPECT_EQ(counted, 1) << "the same claim on the same tree counts once";
    EXPECT_EQ(count_rows(kCountVerifications), kWriters);
    EXPECT_EQ(count_rows("SELECT COUNT(DISTINCT seq) FROM verification"), kWriters);
    EXPECT_EQ(count_rows("SELECT MAX(seq) FROM verification"), kWriters);
    EXPECT_EQ(count_rows(kCountVerified), kWriters);
}

TEST_F(VerificationRecordTest, RecordsNeverChange) {
    const auto out = verify(request());
    ASSERT_TRUE(out.has_value());
    for (const char* sql :
         {"UPDATE verification SET outcome = 'confirmed'", "DELETE FROM verification",
          "INSERT OR REPLACE INTO verification SELECT * FROM verification"}) {
        const auto done = database_->write([&](store::Tx& tx) { return tx.run(sql); });
        EXPECT_FALSE(done.has_value()) << sql;
    }
    EXPECT_EQ(count_rows(kCountVerifications), 1);
}

TEST_F(VerificationRecordTest, TheDigestCoversEveryColumn) {
    const auto out = verify(request());
    ASSERT_TRUE(out.has_value());
    const std::string digest = digest_of(out->verification_id);
    EXPECT_EQ(digest.size(), 64U);
    EXPECT_EQ(digest, digest_of(out->verification_id));
    tamper("DROP TRIGGER verification_no_update");
    for (const char* column :
         {"claim", "recipe", "recipe_digest", "recipe_json", "arguments", "argv", "tree",
          "tree_digest", "runner", "outcome", "reason", "checks", "actual", "actor", "name_space",
          "agent_id", "claim_type"}) {
        const std::string name = column;
        tamper("UPDATE verification SET " + name + " = " + name + " || 'x'");
        EXPECT_NE(digest_of(out->verification_id), digest) << name;
        tamper("UPDATE verification SET " + name + " = substr(" + name + ", 1, length(" + name +
               ") - 1)");
        EXPECT_EQ(digest_of(out->verification_id), digest) << name;
    }
    for (const char* column : {"seq", "duration_us", "verified_at_us"}) {
        const std::string name = column;
        tamper("UPDATE verification SET " + name + " = " + name + " + 1");
        EXPECT_NE(digest_of(out->verification_id), digest) << name;
        tamper("UPDATE verification SET " + name + " = " + name + " - 1");
    }
    for (const char* change :
         {"verified_by = ''", "pattern_id = ''", "deferred = 1", "pattern_id = '-'"}) {
        tamper(std::string("UPDATE verification SET ") + change);
        EXPECT_NE(digest_of(out->verification_id), digest) << change;
        tamper("UPDATE verification SET verified_by = NULL, pattern_id = NULL, deferred = 0");
    }
    EXPECT_EQ(digest_of(out->verification_id), digest);
    EXPECT_EQ(digest_of(ids_.make<VerificationId>()), "");
}

TEST_F(VerificationRecordTest, TheAuditFindsWhatWasDoneToARecord) {
    const auto first = verify(request());
    const auto second = verify(request(R"({"output_contains":["{}"]})"));
    ASSERT_TRUE(first.has_value() && second.has_value());
    const HashChain chain = trust_chain(recompute_record_digest);
    const auto audit = [&] {
        return database_->read([&](store::Tx& tx) { return chain.verify(tx, "default"); });
    };
    const auto sound = audit();
    ASSERT_TRUE(sound.has_value()) << sound.error().message;
    EXPECT_GE(sound->entries, 2);
    tamper(
        "DROP TRIGGER verification_no_update; DROP TRIGGER verification_no_delete;"
        "UPDATE verification SET outcome = 'refuted' WHERE seq = 1");
    EXPECT_EQ(failure_of(audit()), Code::conflict);
    tamper("UPDATE verification SET outcome = 'confirmed' WHERE seq = 1");
    EXPECT_TRUE(audit().has_value());
    tamper("UPDATE verification SET seq = 3 - seq + 10; UPDATE verification SET seq = seq - 10");
    EXPECT_EQ(failure_of(audit()), Code::conflict) << "reordered";
    tamper("UPDATE verification SET seq = 3 - seq + 10; UPDATE verification SET seq = seq - 10");
    EXPECT_TRUE(audit().has_value());
    tamper("DELETE FROM verification WHERE seq = 2");
    EXPECT_EQ(failure_of(audit()), Code::conflict);
}

}  // namespace
}  // namespace credence::trust
