// For tests: agents and their trust on a file database of their own.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "capabilities/trust/agents.h"
#include "capabilities/trust/gate.h"
#include "capabilities/trust/scores.h"
#include "capabilities/trust/trust.h"
#include "engine/store/testing.h"

namespace credence::trust {

class ScoreFixture : public ::testing::Test {
protected:
    static constexpr std::int64_t kStartUs = 1'735'689'600'000'000;  // 2025-01-01

    void SetUp() override;
    // Runs SQL on a connection of its own, as somebody with the file could.
    void tamper(const std::string& sql) const;
    // Without the triggers that keep the log append-only.
    void drop_triggers() const;

    // Everything is allowed: actor "local".
    static Context admin();
    // Whatever needs no trust:admin.
    static Context key(const std::string& actor, const std::string& name_space = "default");

    void make_agent(const std::string& agent_id, const Context& context);
    // Evidence of its own recipe and tree, so that its novelty is 1.
    Evidence evidence(const std::string& agent_id, Outcome outcome = Outcome::confirmed);
    Result<AppliedEvidence> apply(const Context& context, const Evidence& evidence);
    Result<std::int64_t> defer(const Context& context, const Evidence& evidence);
    void apply_many(const std::string& agent_id, int count, Outcome outcome = Outcome::confirmed);
    Result<GateDecision> ask(const std::string& agent_id, const std::string& action,
                             std::optional<ClaimKind> kind = std::nullopt);
    KindTrust trust_of(const std::string& agent_id);
    std::int64_t events(const std::string& name);
    // "intact", or the message of the conflict.
    std::string replayed();
    std::string chain_verdict(const RecordCheck& check = {});

    store::TemporaryDirectory directory_;
    ManualClock clock_{kStartUs};
    SeededRandom random_{7};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<TrustParts> parts_;
    std::unique_ptr<Agents> agents_;
    std::unique_ptr<Gate> gate_;
    std::unique_ptr<Trust> trust_;
    int efforts_ = 0;
};

// The code of a failed result; fails the test when it succeeded.
template <class T>
Code failure_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

}  // namespace credence::trust
