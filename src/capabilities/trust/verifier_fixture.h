// For tests: a Verifier on a store of its own, with a sandbox that does as it is told.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "capabilities/trust/verifier.h"
#include "engine/store/testing.h"

namespace credence::trust {

// Answers with `answer(command)`. Thread-safe as far as the answer is.
class ScriptedSandbox final : public sandbox::Sandbox {
public:
    Result<sandbox::Finished> run(const sandbox::Command& command) override {
        {
            const std::lock_guard lock(mutex_);
            last_ = command;
        }
        runs_.fetch_add(1);
        return answer(command);
    }
    sandbox::Status status() override { return {}; }

    int runs() const { return runs_.load(); }
    sandbox::Command last() const {
        const std::lock_guard lock(mutex_);
        return last_;
    }

    std::function<Result<sandbox::Finished>(const sandbox::Command&)> answer;

private:
    mutable std::mutex mutex_;
    sandbox::Command last_;
    std::atomic<int> runs_{0};
};

// Remembers what it heard; refuses on demand.
class RecordingListener final : public VerificationListener {
public:
    Result<void> check_link(const Context&, const std::string& agent_id,
                            const std::string& pattern_id) override {
        asked.push_back(agent_id + "/" + pattern_id);
        return refuse_link ? Result<void>(fail(Code::forbidden, "not your pattern"))
                           : Result<void>();
    }
    Result<void> verified(store::Tx&, const Context&, const VerifiedClaim& claim) override {
        if (fail_verified) {
            return fail(Code::internal, "the listener failed");
        }
        heard.push_back(claim);
        return {};
    }

    bool refuse_link = false;
    bool fail_verified = false;
    std::vector<std::string> asked;
    std::vector<VerifiedClaim> heard;
};

inline constexpr const char* kCountVerifications = "SELECT COUNT(id) FROM verification";
inline constexpr const char* kCountVerified =
    "SELECT COUNT(seq) FROM event WHERE name = 'claim_verified'";

class VerifierFixture : public ::testing::Test {
protected:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;  // 2025-01-01

    // The schema is made once and copied: migrating waits for the disk.
    static void SetUpTestSuite();
    static void TearDownTestSuite();
    void SetUp() override;
    void TearDown() override;

    static Context local();
    void add_agent(const std::string& agent_id, const std::string& owner);
    void add_recipe(const Recipe& recipe);
    void add_tree(const std::string& name, const std::string& path);

    // A recipe that tests run: "check {paths...}" with a JSON report.
    static Recipe check_recipe_of(const std::string& name);
    static VerifyClaim request(const std::string& claim = R"({"return_code":0})");
    Result<Verification> verify(const VerifyClaim& claim) {
        return verifier_->verify_claim(local(), claim);
    }
    // Exits with this, after printing that.
    static sandbox::Finished finished(std::int64_t exit_code, const std::string& output);
    void will_finish(std::int64_t exit_code, const std::string& output);
    void will_fail(Code code, const std::string& message);

    void write_file(const std::string& name, const std::string& text) const;
    // Runs SQL on a connection of its own, as somebody with the file could.
    void tamper(const std::string& sql) const;
    std::int64_t count_rows(const std::string& sql);
    std::string text_of(const std::string& sql);
    std::string digest_of(const VerificationId& id);

    static inline std::unique_ptr<store::TemporaryDirectory> template_;
    std::unique_ptr<store::TemporaryDirectory> directory_;
    std::string tree_path_;
    ManualClock clock_{kStartUs};
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<TrustParts> parts_;
    ScriptedSandbox sandbox_;
    Listeners listeners_;
    RecordingListener listener_;
    std::unique_ptr<SigningKeys> keys_;
    std::unique_ptr<Verifier> verifier_;
};

// The code of a failed result; fails the test when it succeeded.
template <class T>
Code failure_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

// "forbidden tree": code and field of a failed result.
template <class T>
std::string refusal_of(const Result<T>& result) {
    return result ? "accepted"
                  : std::string(to_string(result.error().code)) + " " + result.error().field;
}

}  // namespace credence::trust
