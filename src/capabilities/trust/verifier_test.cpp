#include "capabilities/trust/verifier.h"

#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "base/json.h"
#include "capabilities/trust/agents.h"
#include "capabilities/trust/verifier_fixture.h"
#include "capabilities/trust/verifier_run.h"

namespace credence::trust {
namespace {

using VerifierTest = VerifierFixture;

struct Refused {
    std::string expected;
    std::function<void(VerifyClaim&)> change;
};

VerifyClaim with_command(VerifyClaim claim, const std::string& command) {
    claim.recipe.reset();
    claim.verification_command = command;
    return claim;
}

const std::vector<Refused>& refused_requests() {
    using Claim = VerifyClaim;
    static const std::vector<Refused> requests{
        {"not_found agent_id", [](Claim& c) { c.agent_id = "nobody"; }},
        {"invalid claim_content.accuracy",
         [](Claim& c) { c.claim_content.text = R"({"accuracy":1})"; }},
        {"invalid claim_content.metrics.a.relative_tolerance",
         [](Claim& c) {
             c.claim_content.text =
                 R"({"metrics":{"a":{"op":"eq","value":1,"relative_tolerance":0.9}}})";
         }},
        {"invalid recipe", [](Claim& c) { c.recipe.reset(); }},
        {"invalid recipe", [](Claim& c) { c.verification_command = "check"; }},
        {"not_found recipe", [](Claim& c) { c.recipe = "unknown"; }},
        {"not_found recipe", [](Claim& c) { c.recipe = "disabled"; }},
        {"invalid recipe", [](Claim& c) { c.claim_type = ClaimKind::security_finding; }},
        {"invalid parameters",
         [](Claim& c) {
             c = with_command(c, "check");
             c.parameters["paths"] = {"x"};
         }},
        {"invalid verification_command",
         [](Claim& c) { c = with_command(c, "python3 -c 'print(1)'"); }},
        {"invalid verification_command", [](Claim& c) { c = with_command(c, "disabled"); }},
        {"invalid parameters.paths[0]",
         [](Claim& c) { c.parameters["paths"] = {"../etc/passwd"}; }},
        {"forbidden tree", [](Claim& c) { c.recipe = "elsewhere"; }},
        {"not_found tree", [](Claim& c) { c.tree = "unknown"; }},
        {"invalid tree",
         [](Claim& c) {
             c.recipe = "treeless";
             c.tree = "default";
         }},
        {"invalid claim_content.pattern_id",
         [](Claim& c) {
             c.claim_content.text = R"({"return_code":0,"pattern_id":"no listeners"})";
         }},
        {"invalid claim_content.pattern_id",
         [](Claim& c) { c.claim_content.text = R"({"return_code":0,"pattern_id":"a\u202eb"})"; }},
    };
    return requests;
}

TEST_F(VerifierTest, ConfirmsAndRecords) {
    will_finish(0, R"({"metrics":{"passed":12}})");
    VerifyClaim claim = request(R"({"return_code":0,"metrics":{"passed":12}})");
    claim.parameters["paths"] = {"check.py"};
    const auto out = verify(claim);
    ASSERT_TRUE(out.has_value()) << out.error().field << out.error().message;
    EXPECT_EQ(out->outcome, Outcome::confirmed) << out->reason;
    EXPECT_TRUE(out->accurate);
    EXPECT_EQ(out->evidence_id, out->verification_id);
    EXPECT_EQ(out->seq, 1);
    EXPECT_EQ(out->agent_id, "agent-1");
    EXPECT_EQ(out->recipe, "check");
    EXPECT_EQ(out->tree, "default");
    EXPECT_TRUE(out->tree_digest.starts_with("sha256:")) << out->tree_digest;
    EXPECT_TRUE(out->recipe_digest.starts_with("sha256:"));
    EXPECT_EQ(out->argv,
              (std::vector<std::string>{"/usr/bin/python3", "-I", "check.py", "check.py"}));
    EXPECT_EQ(out->runner, "native");
    EXPECT_EQ(out->duration_us, 1500);
    EXPECT_EQ(out->verified_at_us, kStartUs);
    EXPECT_EQ(out->verified_by, "local");
    ASSERT_TRUE(out->actual.has_value());
    EXPECT_EQ(out->actual->exit_code, 0);
    EXPECT_EQ(out->actual->metrics.at("passed"), 12);
    EXPECT_EQ(out->actual->stdout_.text, R"({"metrics":{"passed":12}})");
    EXPECT_EQ(out->actual->stdout_.sha256, sha256_hex(out->actual->stdout_.text));
    EXPECT_GT(out->weight.value_or(0), 0);
    EXPECT_GT(out->new_trust_score.value_or(0), 0.5);
    EXPECT_GT(out->ewma.value_or(0), 0.5);
    EXPECT_TRUE(out->lower_bound.has_value());
    EXPECT_TRUE(out->log_seq.has_value());
    EXPECT_FALSE(out->pattern_linked);
    EXPECT_EQ(count_rows(kCountVerified), 1);
    const std::string json = to_json(*out);
    EXPECT_NE(json.find(R"("stdout":{"text")"), std::string::npos);
    EXPECT_NE(metrics_.expose().find("credence_trust_verifications_total{outcome=\"confirmed\","
                                     "claim_type=\"custom\"} 1"),
              std::string::npos);
}

TEST_F(VerifierTest, RunsTheRecipeAndNothingElse) {
    Recipe recipe = check_recipe_of("written");
    recipe.environment = {{"LANG", "C"}};
    recipe.writable_tree = true;
    recipe.limits.wall_ms = 9000;
    add_recipe(recipe);
    VerifyClaim claim = request();
    claim = with_command(claim, "written 'check.py'");
    ASSERT_TRUE(verify(claim).has_value());
    const sandbox::Command ran = sandbox_.last();
    EXPECT_EQ(ran.argv.back(), "check.py");
    EXPECT_EQ(ran.environment, recipe.environment);
    EXPECT_TRUE(ran.writable_tree);
    EXPECT_EQ(ran.limits.wall_ms, 9000);
    EXPECT_NE(ran.tree, tree_path_) << "a copy is checked, never the original";
    EXPECT_FALSE(std::filesystem::exists(ran.tree)) << "and the copy is gone";
}

TEST_F(VerifierTest, TellsTheOutcomesApart) {
    will_finish(1, "{}");
    const auto refuted = verify(request());
    ASSERT_TRUE(refuted.has_value());
    EXPECT_EQ(refuted->outcome, Outcome::refuted);
    EXPECT_FALSE(refuted->accurate);
    EXPECT_LT(refuted->new_trust_score.value_or(1), 0.5);
    sandbox::Finished late = finished(-1, "");
    late.ending = sandbox::Ending::timed_out;
    sandbox_.answer = [late](const sandbox::Command&) { return Result<sandbox::Finished>(late); };
    const auto inconclusive = verify(request());
    ASSERT_TRUE(inconclusive.has_value());
    EXPECT_EQ(inconclusive->outcome, Outcome::inconclusive);
    EXPECT_EQ(inconclusive->weight, 0);
    EXPECT_EQ(inconclusive->new_trust_score, refuted->new_trust_score);
}

TEST_F(VerifierTest, RecordsThatNothingCouldRun) {
    will_fail(Code::invalid, "no such folder here");
    const auto out = verify(request());
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(out->outcome, Outcome::error);
    EXPECT_EQ(out->reason, "nothing was run: no such folder here");
    EXPECT_FALSE(out->actual.has_value());
    EXPECT_EQ(out->runner, "");
    EXPECT_EQ(out->weight, 0);
    EXPECT_EQ(out->new_trust_score, 0.5);
    EXPECT_EQ(count_rows(kCountVerifications), 1);
}

TEST_F(VerifierTest, WhatTheHostLacksIsNotHeldAgainstTheAgent) {
    for (const Code code : {Code::unavailable, Code::exhausted}) {
        will_fail(code, "no sandbox here");
        const auto refused = verify(request());
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, code);
        EXPECT_EQ(refused.error().message, "no sandbox here");
    }
    EXPECT_EQ(count_rows(kCountVerifications), 0);
}

TEST_F(VerifierTest, RefusesBadRequestsUnrecorded) {
    Recipe disabled = check_recipe_of("disabled");
    disabled.enabled = false;
    add_recipe(disabled);
    Recipe elsewhere = check_recipe_of("elsewhere");
    elsewhere.trees = {"other"};
    add_recipe(elsewhere);
    Recipe treeless = check_recipe_of("treeless");
    treeless.needs_tree = false;
    add_recipe(treeless);
    add_agent("foreign", "somebody");
    for (const Refused& one : refused_requests()) {
        VerifyClaim claim = request();
        one.change(claim);
        EXPECT_EQ(refusal_of(verify(claim)), one.expected);
    }
    VerifyClaim self = request();
    self.verified_by_agent_id = "agent-1";
    EXPECT_EQ(failure_of(verify(self)), Code::forbidden);
    EXPECT_EQ(sandbox_.runs(), 0);
    EXPECT_EQ(count_rows(kCountVerifications), 0);
}

TEST_F(VerifierTest, OnlyTheOwnerSpeaks) {
    Context stranger = local();
    stranger.actor = "stranger";
    stranger.scopes = Scopes({"trust:write"});
    EXPECT_EQ(failure_of(verifier_->verify_claim(stranger, request())), Code::forbidden);
    Context elsewhere = local();
    elsewhere.name_space = "elsewhere";
    EXPECT_EQ(failure_of(verifier_->verify_claim(elsewhere, request())), Code::not_found);
    EXPECT_EQ(sandbox_.runs(), 0);
}

TEST_F(VerifierTest, PinsBindTheJudge) {
    Recipe recipe = check_recipe_of("pinned");
    recipe.pins = {{"check.py", sha256_hex("print('hello')\n")}};
    add_recipe(recipe);
    VerifyClaim claim = request();
    claim.recipe = "pinned";
    EXPECT_EQ(verify(claim)->outcome, Outcome::confirmed);
    write_file("check.py", "print('all is well')\n");
    const auto edited = verify(claim);
    ASSERT_TRUE(edited.has_value());
    EXPECT_EQ(edited->outcome, Outcome::error);
    EXPECT_NE(edited->reason.find("check.py"), std::string::npos);
    EXPECT_TRUE(edited->tree_digest.starts_with("sha256:"));
    EXPECT_EQ(sandbox_.runs(), 1) << "nothing runs beside an edited judge";
}

TEST_F(VerifierTest, PinsFollowNoLinks) {
    const std::string good = sha256_hex("print('hello')\n");
    std::filesystem::create_directory(tree_path_ + "/sub");
    write_file("sub/judge.py", "print('hello')\n");
    std::filesystem::create_symlink("check.py", tree_path_ + "/link.py");
    std::filesystem::create_symlink("sub", tree_path_ + "/linked");
    EXPECT_TRUE(check_pins(tree_path_, {{"sub/judge.py", "sha256:" + good}}).has_value());
    EXPECT_TRUE(check_pins(tree_path_, {}).has_value());
    for (const char* path : {"link.py", "linked/judge.py", "sub", "none.py", "../project/check.py",
                             "sub//judge.py", "sub/"}) {
        EXPECT_EQ(failure_of(check_pins(tree_path_, {{path, good}})), Code::conflict) << path;
    }
    EXPECT_EQ(failure_of(check_pins(tree_path_ + "/none", {{"check.py", good}})), Code::conflict);
}

TEST_F(VerifierTest, RecordsATreeThatCannotBeCopied) {
    ASSERT_EQ(::mkfifo((tree_path_ + "/pipe").c_str(), 0600), 0);
    const auto out = verify(request());
    ASSERT_TRUE(out.has_value()) << out.error().message;
    EXPECT_EQ(out->outcome, Outcome::error);
    EXPECT_EQ(out->tree_digest, "");
    EXPECT_EQ(sandbox_.runs(), 0);
    EXPECT_EQ(count_rows(kCountVerifications), 1);
}

TEST_F(VerifierTest, TheDeadlineBoundsTheRun) {
    Context hurried = local();
    hurried.deadline_us = clock_.steady_us() + 2'500'000;
    ASSERT_TRUE(verifier_->verify_claim(hurried, request()).has_value());
    EXPECT_EQ(sandbox_.last().limits.wall_ms, 2500);
    hurried.deadline_us = clock_.steady_us() + 500;
    const auto late = verifier_->verify_claim(hurried, request());
    ASSERT_TRUE(late.has_value());
    EXPECT_EQ(late->outcome, Outcome::error);
    hurried.deadline_us = clock_.steady_us();
    EXPECT_EQ(failure_of(verifier_->verify_claim(hurried, request())), Code::timeout);
    EXPECT_EQ(sandbox_.runs(), 1);
    EXPECT_EQ(count_rows(kCountVerifications), 2);
}

TEST_F(VerifierTest, TellsListenersInTheSameTransaction) {
    listeners_.add(listener_);
    const VerifyClaim claim = request(R"({"return_code":0,"pattern_id":"pattern-1"})");
    const auto out = verify(claim);
    ASSERT_TRUE(out.has_value());
    EXPECT_TRUE(out->pattern_linked);
    EXPECT_EQ(out->pattern_id, "pattern-1");
    EXPECT_EQ(listener_.asked, std::vector<std::string>{"agent-1/pattern-1"});
    ASSERT_EQ(listener_.heard.size(), 1U);
    EXPECT_EQ(listener_.heard[0].verification_id, out->verification_id);
    EXPECT_EQ(listener_.heard[0].outcome, Outcome::confirmed);
    EXPECT_TRUE(listener_.heard[0].counted);
    EXPECT_EQ(listener_.heard[0].duration_us, 1500);
    // The same again is heard, but counts no more.
    ASSERT_TRUE(verify(claim).has_value());
    EXPECT_FALSE(listener_.heard.at(1).counted);
    listener_.refuse_link = true;
    EXPECT_EQ(refusal_of(verify(claim)), "forbidden claim_content.pattern_id");
    EXPECT_EQ(sandbox_.runs(), 2);
}

TEST_F(VerifierTest, AFailingListenerLeavesNothing) {
    listeners_.add(listener_);
    listener_.fail_verified = true;
    EXPECT_EQ(failure_of(verify(request())), Code::internal);
    EXPECT_EQ(count_rows(kCountVerifications), 0);
    EXPECT_EQ(count_rows("SELECT COUNT(seq) FROM event WHERE name <> 'agent_created' AND name "
                         "NOT LIKE 'recipe%' AND name NOT LIKE 'tree%'"),
              0);
    listener_.fail_verified = false;
    const auto out = verify(request());
    ASSERT_TRUE(out.has_value());
    EXPECT_EQ(out->seq, 1);
    EXPECT_GT(out->weight.value_or(0), 0) << "the first time did not count";
}

TEST_F(VerifierTest, DeferredClaimsAreNotScored) {
    listeners_.add(listener_);
    VerifyClaim claim = request();
    claim.defer_trust = true;
    const auto out = verify(claim);
    ASSERT_TRUE(out.has_value());
    EXPECT_TRUE(out->deferred);
    EXPECT_FALSE(out->new_trust_score.has_value());
    EXPECT_FALSE(out->weight.has_value());
    EXPECT_TRUE(out->log_seq.has_value());
    EXPECT_FALSE(listener_.heard.at(0).counted);
}

TEST_F(VerifierTest, WhoMayNoLongerSpeakIsNotRecorded) {
    Agents agents(*parts_);
    sandbox_.answer = [&](const sandbox::Command&) -> Result<sandbox::Finished> {
        EXPECT_TRUE(agents.retire(local(), AgentRef{"agent-1"}).has_value());
        return finished(0, "{}");
    };
    EXPECT_EQ(failure_of(verify(request())), Code::conflict);
    EXPECT_EQ(count_rows(kCountVerifications), 0);
}

}  // namespace
}  // namespace credence::trust
