// With real programs in a real sandbox.
#include <filesystem>

#include "base/json.h"
#include "capabilities/trust/verifier_fixture.h"
#include "engine/sandbox/testing.h"

namespace credence::trust {
namespace {

class VerifierSandboxTest : public VerifierFixture {
protected:
    void SetUp() override {
        VerifierFixture::SetUp();
        sandbox_options_ = sandbox::testing_options();
        real_ = sandbox::open(sandbox_options_, system_clock_, real_metrics_);
        real_parts_ = std::make_unique<TrustParts>(
            TrustParts{*database_, system_clock_, random_, real_ids_, real_metrics_});
        real_verifier_ = std::make_unique<Verifier>(VerifierParts{
            *real_parts_, *real_, listeners_, *keys_, sandbox_options_.settings, {}, {}});
        std::filesystem::permissions(tree_path_, std::filesystem::perms(0755));
    }
    void TearDown() override {
        real_verifier_.reset();
        real_.reset();
        VerifierFixture::TearDown();
    }
    Verification really(const VerifyClaim& claim) {
        auto out = real_verifier_->verify_claim(local(), claim);
        EXPECT_TRUE(out.has_value()) << (out ? "" : out.error().field + out.error().message);
        return out.value_or(Verification{});
    }

    SystemClock system_clock_;
    Metrics real_metrics_;
    IdMaker real_ids_{system_clock_, random_};
    sandbox::SandboxOptions sandbox_options_;
    std::unique_ptr<sandbox::Sandbox> real_;
    std::unique_ptr<TrustParts> real_parts_;
    std::unique_ptr<Verifier> real_verifier_;
};

TEST_F(VerifierSandboxTest, MeasuresAndDecides) {
    write_file("check.py", "print('{\"metrics\": {\"passed\": 12}}')\n");
    const Verification good = really(request(R"({"metrics":{"passed":12}})"));
    EXPECT_EQ(good.outcome, Outcome::confirmed) << to_json(good);
    EXPECT_EQ(good.actual->stdout_.text, "{\"metrics\": {\"passed\": 12}}\n");
    EXPECT_EQ(good.actual->metrics.at("passed"), 12);
    EXPECT_NE(good.runner, "");
    EXPECT_GT(good.duration_us, 0);
    const Verification bad = really(request(R"({"metrics":{"passed":13}})"));
    EXPECT_EQ(bad.outcome, Outcome::refuted) << to_json(bad);
    EXPECT_EQ(bad.tree_digest, good.tree_digest);
    EXPECT_LT(bad.new_trust_score.value_or(1), good.new_trust_score.value_or(0));
}

TEST_F(VerifierSandboxTest, SecretsOfTheServerStayOutside) {
    const std::string secret = directory_->file("secret");
    write_file("check.py", "import os\nprint(os.path.exists('" + secret +
                               "'), sorted(os.environ), os.path.exists('/tree/check.py'))\n");
    write_file("../secret", "swordfish");
    ASSERT_TRUE(std::filesystem::exists(secret));
    const Verification out = really(request(R"({"output_contains":["False"]})"));
    EXPECT_EQ(out.actual->stdout_.text.substr(0, 6), "False ") << to_json(out);
    EXPECT_NE(out.actual->stdout_.text.find("True"), std::string::npos) << "the tree is there";
    EXPECT_EQ(out.actual->stdout_.text.find("HOME=/root"), std::string::npos);
}

TEST_F(VerifierSandboxTest, AHangIsOnRecord) {
    Recipe recipe = check_recipe_of("hang");
    recipe.limits.wall_ms = 300;
    add_recipe(recipe);
    write_file("check.py", "while True:\n    pass\n");
    VerifyClaim claim = request();
    claim.recipe = "hang";
    const Verification out = really(claim);
    EXPECT_EQ(out.outcome, Outcome::inconclusive) << to_json(out);
    EXPECT_EQ(out.actual->ending, sandbox::Ending::timed_out);
    EXPECT_EQ(out.weight, 0);
}

TEST_F(VerifierSandboxTest, TheOverheadIsMeasured) {
    constexpr int kRuns = 20;
    for (int i = 0; i < kRuns; ++i) {
        really(request());
    }
    Histogram& overhead = real_metrics_.histogram("credence_trust_verification_overhead_seconds",
                                                  "Time of a verification beyond the run of its "
                                                  "recipe");
    EXPECT_EQ(overhead.count(), static_cast<std::uint64_t>(kRuns));
    RecordProperty("metrics", real_metrics_.expose());
}

}  // namespace
}  // namespace credence::trust
