// The shipped recipes with the real programs in a real sandbox.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/clock.h"
#include "base/metrics.h"
#include "capabilities/trust/claims/judge.h"
#include "engine/sandbox/testing.h"
#include "engine/sandbox/tree.h"

namespace credence::trust {
namespace {

class ShippedRunTest : public ::testing::Test {
protected:
    ShippedRunTest() : sandbox_(sandbox::open(options_, clock_, metrics_)) {}

    // What the claim comes to when the command is its verification_command.
    Judgement verify(const std::string& command, const std::string& claim) {
        const auto& recipes = shipped_recipes();
        const auto parsed = parse_command(command, recipes);
        EXPECT_TRUE(parsed.has_value()) << command;
        const Recipe& recipe = recipes[parsed->recipe];
        auto tree = sandbox::snapshot_tree(folder_.path(), {}, options_.settings);
        EXPECT_TRUE(tree.has_value()) << tree.error().message;
        sandbox::Command run;
        run.argv = expand(recipe, parsed->arguments).value();
        run.environment = recipe.environment;
        run.tree = tree->path();
        run.writable_tree = recipe.writable_tree;
        run.report_file = recipe.report_file;
        run.limits = recipe.limits;
        const auto finished = sandbox_->run(run);
        EXPECT_TRUE(finished.has_value()) << finished.error().field << finished.error().message;
        const auto content = read_claim(ClaimKind::test_result, RawJson{claim});
        EXPECT_TRUE(content.has_value()) << claim;
        last_ = finished->output.text + finished->error.text;
        return judge(*content, recipe, *finished, TolerancePolicy{});
    }

    void expect(const std::string& command, const std::string& claim, Outcome outcome) {
        const Judgement judgement = verify(command, claim);
        EXPECT_EQ(judgement.outcome, outcome)
            << command << " " << claim << ": " << judgement.reason << "\n"
            << last_;
    }

    SystemClock clock_;
    Metrics metrics_;
    sandbox::SandboxOptions options_ = sandbox::testing_options();
    std::unique_ptr<sandbox::Sandbox> sandbox_;
    sandbox::TestFolder folder_;
    std::string last_;
};

TEST_F(ShippedRunTest, Pytest) {
    folder_.write("pkg/__init__.py", "VALUE = 1\n");
    folder_.write("tests/test_a.py",
                  "import pkg\n\n"
                  "def test_value():\n    assert pkg.VALUE == 1\n");
    folder_.write("tests/test_b.py", "def test_wrong():\n    assert 1 == 2\n");
    expect("pytest tests/test_a.py", R"({"return_code": 0, "metrics": {"passed": 1, "failed": 0}})",
           Outcome::confirmed);
    expect("pytest tests", R"({"return_code": 0})", Outcome::refuted);
    expect("pytest tests", R"({"return_code": 1, "metrics": {"failed": 1}})", Outcome::confirmed);
    expect("pytest tests/test_a.py", R"({"metrics": {"passed": 2}})", Outcome::refuted);
}

// Each of these turned a failing suite into a passing one for the old system.
TEST_F(ShippedRunTest, PytestHearsNothingFromTheTree) {
    folder_.write("tests/test_b.py", "def test_wrong():\n    assert 1 == 2\n");
    const std::string quit = "import os\nos._exit(0)\n";
    folder_.write("conftest.py", quit);
    folder_.write("tests/conftest.py", quit);
    folder_.write("sitecustomize.py", quit);
    folder_.write("pytest.py", quit);
    folder_.write("pytest.ini", "[pytest]\naddopts = --collect-only -p quit\n");
    folder_.write("setup.cfg", "[tool:pytest]\naddopts = --collect-only\n");
    folder_.write("quit.py", quit);
    expect("pytest tests", R"({"return_code": 0})", Outcome::refuted);
    expect("pytest", R"({"metrics": {"failed": 0}})", Outcome::refuted);
}

TEST_F(ShippedRunTest, PytestThatTheTestsCutShortConfirmsNothing) {
    folder_.write("test_quit.py",
                  "import os\nos.write(1, b'=== 5 passed in 0.10s ===\\n')\nos._exit(0)\n");
    expect("pytest", R"({"return_code": 0})", Outcome::inconclusive);
    expect("pytest", R"({"metrics": {"passed": 5}})", Outcome::inconclusive);
}

TEST_F(ShippedRunTest, Ctest) {
    folder_.write("CMakeLists.txt",
                  "cmake_minimum_required(VERSION 3.20)\nproject(example NONE)\nenable_testing()\n"
                  "add_test(NAME good COMMAND true)\n");
    expect("ctest", R"({"metrics": {"passed": 1, "failed": 0}})", Outcome::confirmed);
    expect("ctest", R"({"metrics": {"passed": 2}})", Outcome::refuted);
    folder_.write("CMakeLists.txt",
                  "cmake_minimum_required(VERSION 3.20)\nproject(example NONE)\n");
    EXPECT_NE(verify("ctest", R"({"return_code": 0})").outcome, Outcome::confirmed);
}

TEST_F(ShippedRunTest, MakeCheck) {
    folder_.write("Makefile", "check:\n\techo made > made.txt\n\ttest -f made.txt\n");
    expect("make check", R"({"return_code": 0})", Outcome::confirmed);
    folder_.write("Makefile", "check:\n\tfalse\n");
    expect("make check", R"({"return_code": 0})", Outcome::refuted);
}

TEST_F(ShippedRunTest, NpmTest) {
    folder_.write("package.json", R"({"scripts": {"test": "node --test a.test.js #"}})");
    folder_.write("a.test.js",
                  "const test = require('node:test');\ntest('one', () => {});\n"
                  "test('two', () => {});\n");
    const Judgement judgement = verify("npm test", R"({"metrics": {"failed": 0}})");
    EXPECT_EQ(judgement.outcome, Outcome::confirmed) << judgement.reason << "\n" << last_;
    folder_.write("package.json", R"({"scripts": {"test": "echo 100% PASSED #"}})");
    expect("npm test", R"({"output_contains": "PASSED"})", Outcome::inconclusive);
}

}  // namespace
}  // namespace credence::trust
