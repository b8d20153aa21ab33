#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "base/random.h"
#include "capabilities/trust/claims/judge.h"

namespace credence::trust {
namespace {

using Values = std::map<std::string, double>;

sandbox::Finished printed(const std::string& text) {
    sandbox::Finished finished;
    finished.ending = sandbox::Ending::exited;
    finished.exit_code = 0;
    finished.output.text = text;
    finished.output.bytes = std::ssize(text);
    return finished;
}

Report report_of(ReportFormat format, const std::string& text) {
    return read_report(format, printed(text));
}

void expect_metrics(ReportFormat format, const std::string& text, const Values& wanted) {
    const Report report = report_of(format, text);
    EXPECT_TRUE(report.found) << text << " -> " << report.problem;
    for (const auto& [name, value] : wanted) {
        ASSERT_TRUE(report.metrics.contains(name)) << name << " of " << text;
        EXPECT_DOUBLE_EQ(report.metrics.at(name), value) << name << " of " << text;
    }
}

void expect_none(ReportFormat format, const std::string& text, const std::string& problem) {
    const Report report = report_of(format, text);
    EXPECT_FALSE(report.found) << text;
    EXPECT_NE(report.problem.find(problem), std::string::npos) << text << " -> " << report.problem;
}

TEST(Report, NoneIsNeverFound) {
    expect_none(ReportFormat::none, "{\"a\": 1}", "promises no report");
}

TEST(Report, JsonNumbersAreFlattened) {
    const Report report =
        report_of(ReportFormat::json,
                  "starting\n{\"a\": 1, \"metrics\": {\"b\": 2.5, \"x\": {\"y\": 3}}, "
                  "\"o\": {\"p\": {\"q\": 4, \"deep\": {\"r\": 5}}}, "
                  "\"text\": \"6\", \"list\": [7], \"yes\": true}\n");
    ASSERT_TRUE(report.found) << report.problem;
    EXPECT_EQ(report.metrics, (Values{{"a", 1}, {"b", 2.5}, {"x.y", 3}, {"o.p.q", 4}}));
}

TEST(Report, JsonIsTheLastObject) {
    expect_metrics(ReportFormat::json,
                   "{\"level\": \"info\"}\n{\n  \"m\": 1,\n  \"t\": \"}{\"\n}\n", {{"m", 1}});
    expect_metrics(ReportFormat::json, "{\"m\": 5}\ntrailing words\n", {{"m", 5}});
    expect_metrics(ReportFormat::json, "{\"m\": 5, \"s\": \"\\\"}\"}", {{"m", 5}});
}

TEST(Report, JsonThatIsNone) {
    expect_none(ReportFormat::json, "", "no JSON object");
    expect_none(ReportFormat::json, "12", "no JSON object");
    expect_none(ReportFormat::json, "[{\"m\": 1}]", "no JSON object");
    expect_none(ReportFormat::json, "m: {\"m\": 1}", "no JSON object");
    expect_none(ReportFormat::json, "{\"m\": NaN}", "not valid");
    expect_none(ReportFormat::json, "{\"m\": 1e999}", "not valid");
    expect_none(ReportFormat::json, "{\"m\": 1}\n{\"m\": NaN}", "not valid");
    expect_none(ReportFormat::json, "{\"m\": 1}\n{\"m\": 2", "not valid");
    expect_none(ReportFormat::json, "{\"m\": 1}\n{\"m\": 2}", "contradict");
    expect_none(ReportFormat::json, "{\"m\": 1, \"metrics\": {\"m\": 2}}", "contradict");
    expect_none(ReportFormat::json, "{\"m\": 1, \"m\": 2}", "contradict");
    std::string braces;
    for (int i = 0; i < 100'000; ++i) {
        braces += "{\n";
    }
    expect_none(ReportFormat::json, braces, "too many braces");
}

TEST(Report, ACutOutputHasNoEnd) {
    auto finished = printed("{\"m\": 1}");
    finished.output.truncated = true;
    EXPECT_FALSE(read_report(ReportFormat::json, finished).found);
}

constexpr const char* kJunit =
    "<?xml version=\"1.0\"?><testsuites><testsuite name=\"s\" tests=\"4\" failures=\"1\" "
    "errors=\"1\" skipped=\"1\" time=\"0.5\"><testcase name=\"a\"/>"
    "<testcase name=\"b\"><failure message=\"m\">&lt;text&gt;</failure></testcase>"
    "<testcase name=\"c\"><error/></testcase><testcase name=\"d\"><skipped/></testcase>"
    "</testsuite></testsuites>";

TEST(Report, JunitCountsCases) {
    const Values wanted{{"tests", 4},  {"passed", 1},  {"failed", 1},
                        {"errors", 1}, {"skipped", 1}, {"duration_s", 0.5}};
    EXPECT_EQ(report_of(ReportFormat::junit, kJunit).metrics, wanted);
    EXPECT_EQ(report_of(ReportFormat::junit, std::string("Running\n") + kJunit + "\n").metrics,
              wanted);
    auto finished = printed("nothing here");
    finished.report = printed(std::string("\xEF\xBB\xBF") + kJunit).output;
    EXPECT_EQ(read_report(ReportFormat::junit, finished).metrics, wanted);
}

TEST(Report, JunitWithinSuitesIsCountedOnce) {
    expect_metrics(ReportFormat::junit,
                   "<testsuite tests=\"2\" failures=\"0\"><testsuite tests=\"1\"><testcase/>"
                   "</testsuite><testcase><system-out>x</system-out></testcase></testsuite>",
                   {{"tests", 2}, {"passed", 2}});
}

TEST(Report, JunitThatIsNone) {
    expect_none(ReportFormat::junit, "", "no JUnit");
    expect_none(ReportFormat::junit, "<?xml version=\"1.0\"?><html/>", "not JUnit");
    expect_none(ReportFormat::junit, "<testsuite><testcase></testsuite>", "malformed");
    expect_none(ReportFormat::junit, "<testsuite/>\ntrailing", "malformed");
    expect_none(ReportFormat::junit, "<testsuite/><testsuite/>", "malformed");
    expect_none(ReportFormat::junit, "<testsuite tests=\"5\"><testcase/></testsuite>",
                "contradict");
    expect_none(ReportFormat::junit,
                "<testsuite tests=\"1\" failures=\"0\"><testcase><failure/></testcase></testsuite>",
                "contradict");
    expect_none(ReportFormat::junit, "<testsuite time=\"nan\"/>", "duration");
    expect_none(ReportFormat::junit, "<testsuite time=\"inf\"/>", "duration");
    std::string deep = "<testsuite>";
    for (int i = 0; i < 100; ++i) {
        deep += "<x>";
    }
    expect_none(ReportFormat::junit, deep, "nested too deeply");
}

TEST(Report, JunitHasNoEntities) {
    expect_none(ReportFormat::junit,
                "<?xml version=\"1.0\"?><!DOCTYPE t [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
                "<testsuite name=\"&b;\"/>",
                "DOCTYPE");
    expect_none(ReportFormat::junit,
                "<?xml version=\"1.0\"?><!DOCTYPE t SYSTEM \"file:///etc/passwd\"><testsuite/>",
                "DOCTYPE");
}

TEST(Report, Tap) {
    expect_metrics(
        ReportFormat::tap,
        "TAP version 14\n1..5\nok 1 - a\nnot ok 2 - b\n  ---\n  message: x\n  ...\n"
        "ok 3 # SKIP none\nnot ok 4 - later # Todo not yet\n    ok 1 - inner\nok\n# end\n",
        {{"tests", 5}, {"passed", 2}, {"failed", 1}, {"skipped", 1}, {"todo", 1}});
    expect_metrics(ReportFormat::tap, "ok 1\nok 2\n1..2\n", {{"tests", 2}, {"passed", 2}});
    expect_metrics(ReportFormat::tap, "1..0 # SKIP all\n", {{"tests", 0}});
    expect_none(ReportFormat::tap, "ok 1\n", "no plan");
    expect_none(ReportFormat::tap, "1..1\nok 1\n1..1\n", "several plans");
    expect_none(ReportFormat::tap, "1..3\nok 1\n", "contradict");
    expect_none(ReportFormat::tap, "1..1\nok 1\nBail out! broken\n", "bailed out");
}

TEST(Report, Pytest) {
    expect_metrics(
        ReportFormat::pytest,
        "collected 9 items\n\n===== 1 failed, 3 passed, 2 skipped, 1 xfailed, 1 xpassed, "
        "2 warnings, 1 error in 0.12s =====\n",
        {{"tests", 8},
         {"passed", 3},
         {"failed", 1},
         {"errors", 1},
         {"skipped", 2},
         {"warnings", 2},
         {"duration_s", 0.12}});
    expect_metrics(ReportFormat::pytest,
                   "\x1b[32m=== \x1b[1m3 passed\x1b[0m in 61.00s (0:01:01) ===\x1b[0m\r\n",
                   {{"passed", 3}, {"failed", 0}, {"duration_s", 61}});
    expect_metrics(ReportFormat::pytest, "=== no tests ran in 0.01s ===", {{"tests", 0}});
    expect_metrics(ReportFormat::pytest, "3 passed in 0.01s", {{"passed", 3}});
}

TEST(Report, PytestThatIsNone) {
    expect_none(ReportFormat::pytest, "100% PASSED", "no summary");
    expect_none(ReportFormat::pytest, "=== 3 jumped in 0.01s ===", "no summary");
    expect_none(ReportFormat::pytest, "=== -3 passed in 0.01s ===", "no summary");
    expect_none(ReportFormat::pytest, "=== 3 passed, 4 passed in 0.01s ===", "no summary");
    expect_none(ReportFormat::pytest,
                "=== 5 passed in 0.10s ===\n=== 1 failed, 1 passed in 0.02s ===", "contradict");
}

TEST(Report, PytestMustAgreeWithItsReportFile) {
    const auto both = [](const std::string& summary, const std::string& junit) {
        auto finished = printed(summary);
        finished.report = printed(junit).output;
        return read_report(ReportFormat::pytest, finished);
    };
    const std::string two =
        "<testsuites><testsuite tests=\"2\" failures=\"1\" errors=\"0\">"
        "<testcase/><testcase><failure/></testcase></testsuite></testsuites>";
    EXPECT_TRUE(both("== 1 failed, 1 passed in 0.02s ==", two).found);
    EXPECT_FALSE(both("== 2 passed in 0.02s ==", two).found);
    EXPECT_FALSE(both("== 1 failed, 7 passed in 0.02s ==", two).found);
    EXPECT_FALSE(both("== 1 failed, 1 passed in 0.02s ==", "").found);
    EXPECT_FALSE(both("nothing", two).found);
}

TEST(Report, Ctest) {
    expect_metrics(ReportFormat::ctest,
                   "50% tests passed, 1 tests failed out of 2\n\n"
                   "Total Test time (real) =   0.25 sec\n",
                   {{"tests", 2}, {"passed", 1}, {"failed", 1}, {"duration_s", 0.25}});
    expect_none(ReportFormat::ctest, "No tests were found!!!", "no summary");
    expect_none(ReportFormat::ctest,
                "100% tests passed, 0 tests failed out of 2\n"
                "50% tests passed, 1 tests failed out of 2\n",
                "contradict");
}

TEST(Report, CargoSumsItsPrograms) {
    const std::string unit =
        "running 3 tests\ntest a ... ok\n\ntest result: FAILED. 1 passed; 1 failed; 1 ignored; 0 "
        "measured; 2 filtered out; finished in 0.50s\n";
    const std::string docs =
        "running 1 test\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered "
        "out\n";
    expect_metrics(ReportFormat::cargo, unit + docs,
                   {{"tests", 4},
                    {"passed", 2},
                    {"failed", 1},
                    {"skipped", 1},
                    {"filtered", 2},
                    {"duration_s", 0.5}});
    expect_none(ReportFormat::cargo, "error: could not compile", "no summary");
    expect_none(
        ReportFormat::cargo,
        unit + "test result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n",
        "contradict");
    expect_none(ReportFormat::cargo,
                "running 2 tests\ntest result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 "
                "filtered out\n",
                "contradict");
}

TEST(Report, GoEvents) {
    expect_metrics(ReportFormat::go,
                   "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"A\"}\n"
                   "{\"Action\":\"output\",\"Package\":\"p\",\"Test\":\"A\",\"Output\":\"{}\"}\n"
                   "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"A\",\"Elapsed\":0.1}\n"
                   "{\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"B\"}\n"
                   "{\"Action\":\"skip\",\"Package\":\"p\",\"Test\":\"C\"}\n"
                   "{\"Action\":\"fail\",\"Package\":\"p\",\"Elapsed\":0.5}\n"
                   "{\"Action\":\"fail\",\"Package\":\"q\"}\n",
                   {{"tests", 3},
                    {"passed", 1},
                    {"failed", 1},
                    {"skipped", 1},
                    {"errors", 1},
                    {"packages", 2},
                    {"packages_failed", 2},
                    {"duration_s", 0.5}});
}

TEST(Report, GoPlain) {
    expect_metrics(ReportFormat::go,
                   "=== RUN   TestA\n--- PASS: TestA (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\n"
                   "FAIL\texample.com/p\t0.250s\nok  \texample.com/q\t(cached)\n"
                   "FAIL\texample.com/r [build failed]\n",
                   {{"passed", 1},
                    {"failed", 1},
                    {"packages", 3},
                    {"packages_failed", 2},
                    {"errors", 1},
                    {"duration_s", 0.25}});
    const Report quiet = report_of(ReportFormat::go, "ok  \texample.com/q\t0.01s\n");
    EXPECT_TRUE(quiet.found);
    EXPECT_FALSE(quiet.metrics.contains("passed"));
    expect_none(ReportFormat::go, "all good", "no summary");
}

TEST(Report, Mypy) {
    expect_metrics(ReportFormat::mypy, "Success: no issues found in 3 source files\n",
                   {{"errors", 0}, {"files", 3}});
    expect_metrics(ReportFormat::mypy,
                   "a.py:1: error: x\nFound 3 errors in 2 files (checked 5 source files)\n",
                   {{"errors", 3}, {"files_with_errors", 2}, {"files", 5}});
    expect_metrics(ReportFormat::mypy,
                   "Found 1 error in 1 file (errors prevented further checking)\n",
                   {{"errors", 1}});
    expect_none(ReportFormat::mypy, "fine", "no summary");
}

TEST(Report, Ruff) {
    expect_metrics(ReportFormat::ruff, "All checks passed!\n", {{"errors", 0}});
    expect_metrics(ReportFormat::ruff, "a.py:1:1: D100 x\nFound 5 errors.\n[*] 1 fixable\n",
                   {{"errors", 5}});
    expect_metrics(ReportFormat::ruff, "Found 1 error.\n", {{"errors", 1}});
    expect_none(ReportFormat::ruff, "All checks passed!\nFound 5 errors.\n", "contradict");
    expect_none(ReportFormat::ruff, "", "no summary");
}

TEST(Report, Promtool) {
    expect_metrics(ReportFormat::promtool, "Checking r.yml\n  SUCCESS: 4 rules found\n",
                   {{"passed", 1}, {"failed", 0}, {"rules", 4}});
    auto finished = printed("Checking r.yml\n  SUCCESS: 1 rules found\nChecking bad.yml\n");
    finished.error.text = "  FAILED:\nbad.yml: yaml: line 1\n";
    EXPECT_EQ(read_report(ReportFormat::promtool, finished).metrics,
              (Values{{"tests", 2}, {"passed", 1}, {"failed", 1}, {"rules", 1}}));
    expect_none(ReportFormat::promtool, "Checking", "no summary");
}

TEST(Report, JavaScript) {
    expect_metrics(ReportFormat::javascript,
                   "Test Suites: 1 failed, 1 total\n"
                   "Tests:       1 failed, 2 skipped, 3 passed, 6 total\nTime:        1.2 s\n"
                   "All files  |   85.71 |      100 |     75 |   85.71 | \n",
                   {{"tests", 6},
                    {"passed", 3},
                    {"failed", 1},
                    {"skipped", 2},
                    {"duration_s", 1.2},
                    {"coverage", 0.8571}});
    expect_metrics(ReportFormat::javascript, "      Tests  1 failed | 3 passed (4)\n",
                   {{"tests", 4}, {"passed", 3}, {"failed", 1}});
    expect_metrics(ReportFormat::javascript, "\n  3 passing (12ms)\n  1 pending\n  2 failing\n",
                   {{"tests", 6}, {"passed", 3}, {"failed", 2}, {"skipped", 1}});
    expect_metrics(ReportFormat::javascript,
                   "# tests 4\n# pass 2\n# fail 1\n# cancelled 1\n# skipped 0\n# todo 0\n"
                   "# duration_ms 50.5\n",
                   {{"tests", 4}, {"passed", 2}, {"failed", 2}, {"duration_s", 0.0505}});
    expect_none(ReportFormat::javascript, "no tests here\nTests: many\n", "no summary");
    expect_none(ReportFormat::javascript, "Tests: 1 passed, 1 total\nTests: 2 passed, 2 total\n",
                "contradict");
}

TEST(Report, EscapeSequencesAreNoText) {
    expect_metrics(ReportFormat::ruff, "\x1b]0;title\aFound \x1b[1;31m5\x1b[0m errors.\x1b",
                   {{"errors", 5}});
    expect_metrics(ReportFormat::ruff, "\x1b]8;;x\x1b\\Found 5 errors.\n\x1b[12\n\x1b\n\x1b]",
                   {{"errors", 5}});
}

// Whatever is printed: an answer, soon.
TEST(Report, SurvivesMutatedOutput) {
    const std::vector<std::string> seeds = {
        "{\"a\": 1, \"metrics\": {\"b\": 2.5, \"x\": {\"y\": 3}}}\n",
        kJunit,
        "TAP version 14\n1..2\nok 1 - a\nnot ok 2 # Todo x\n",
        "=== 1 failed, 3 passed in 0.12s ===\n",
        "50% tests passed, 1 tests failed out of 2\nTotal Test time (real) =   0.25 sec\n",
        "running 1 test\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered "
        "out\n",
        "{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"A\",\"Elapsed\":0.1}\nok  \tp\t0.1s\n",
        "Found 3 errors in 2 files (checked 5 source files)\nFound 5 errors.\n  SUCCESS: 4 rules "
        "found\n",
        "Tests: 1 failed, 2 total\n  3 passing (12ms)\n# tests 4\n\x1b[31m\x1b]0;t\a\n"};
    SeededRandom random(11);
    const auto begin = std::chrono::steady_clock::now();
    for (int round = 0; round < 4000; ++round) {
        std::string text = seeds[random.next() % seeds.size()];
        for (std::uint64_t edits = random.next() % 8; edits > 0 && !text.empty(); --edits) {
            const std::size_t at = random.next() % text.size();
            switch (random.next() % 3) {
                case 0:
                    text[at] = static_cast<char>(random.next() % 256);
                    break;
                case 1:
                    text.erase(at, 1 + random.next() % 5);
                    break;
                default:
                    text.insert(at, text.substr(random.next() % text.size(), 20));
            }
        }
        for (int format = 0; format <= static_cast<int>(ReportFormat::javascript); ++format) {
            const Report report = report_of(static_cast<ReportFormat>(format), text);
            EXPECT_EQ(report.found, report.problem.empty());
            for (const auto& [name, value] : report.metrics) {
                EXPECT_TRUE(std::isfinite(value)) << name;
            }
        }
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
}

}  // namespace
}  // namespace credence::trust
