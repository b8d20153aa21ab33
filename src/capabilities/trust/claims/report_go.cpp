// `go test -json` (one event a line) and the plain form.
#include <re2/re2.h>
#include <simdjson.h>

#include <set>

#include "base/text.h"
#include "capabilities/trust/claims/report_readers.h"

namespace credence::trust::report {
namespace {

namespace dom = simdjson::dom;

struct GoRun {
    double passed = 0;
    double failed = 0;
    double skipped = 0;
    double packages = 0;
    double packages_failed = 0;
    double duration_s = 0;
    bool single_tests = false;  // the tests are told one by one
    std::set<std::string, std::less<>> with_failed_test;
    double errors = 0;  // packages that failed without a failed test: they did not build
};

std::string_view text_of(dom::object event, std::string_view key) {
    std::string_view text;
    return event[key].get_string().get(text) == simdjson::SUCCESS ? text : std::string_view();
}

void read_package_event(dom::object event, std::string_view action, GoRun& run) {
    ++run.packages;
    double elapsed = 0;
    if (event["Elapsed"].get_double().get(elapsed) == simdjson::SUCCESS && elapsed > 0) {
        run.duration_s += elapsed;
    }
    if (action == "fail") {
        ++run.packages_failed;
        run.errors += run.with_failed_test.contains(text_of(event, "Package")) ? 0 : 1;
    }
}

// False for a line that is not an event.
bool read_event(dom::parser& parser, std::string_view line, GoRun& run) {
    dom::object event;
    if (!line.starts_with('{') ||
        parser.parse(line.data(), line.size(), true).get_object().get(event) != simdjson::SUCCESS) {
        return false;
    }
    const std::string_view action = text_of(event, "Action");
    if (action != "pass" && action != "fail" && action != "skip") {
        return !action.empty();
    }
    if (text_of(event, "Test").empty()) {
        read_package_event(event, action, run);
        return true;
    }
    double& count = action == "pass" ? run.passed : action == "fail" ? run.failed : run.skipped;
    ++count;
    if (action == "fail") {
        run.with_failed_test.emplace(text_of(event, "Package"));
    }
    return true;
}

void read_plain(std::string_view line, GoRun& run) {
    static const re2::RE2 package(R"((ok|FAIL|\?) *\t[^\t ]+(?:\t(\d+\.\d+)s| (\[.*\])|\t.*)?.*)");
    static const re2::RE2 test(R"(\s*--- (PASS|FAIL|SKIP): .+ \(\d+\.\d+s\))");
    std::string word;
    std::string seconds;
    std::string note;
    if (re2::RE2::FullMatch(line, package, &word, &seconds, &note)) {
        ++run.packages;
        run.packages_failed += word == "FAIL" ? 1 : 0;
        run.errors += word == "FAIL" && !note.empty() ? 1 : 0;
        run.duration_s += number(seconds).value_or(0);
    } else if (re2::RE2::FullMatch(line, test, &word)) {
        ++(word == "PASS" ? run.passed : word == "FAIL" ? run.failed : run.skipped);
    } else if (line.starts_with("=== RUN ")) {
        run.single_tests = true;
    }
}

}  // namespace

Report read_go(const Lines& lines) {
    GoRun run;
    dom::parser parser;
    bool events = false;
    for (const std::string_view line : lines) {
        events = read_event(parser, line, run) || events;
    }
    if (!events) {
        run = GoRun{};
        for (const std::string_view line : lines) {
            read_plain(line, run);
        }
    }
    if (run.packages == 0) {
        return missing("there is no summary of go test");
    }
    std::map<std::string, double> metrics{{"failed", run.failed},
                                          {"errors", run.errors},
                                          {"packages", run.packages},
                                          {"packages_failed", run.packages_failed},
                                          {"duration_s", run.duration_s}};
    if (events || run.single_tests) {  // else passed tests are not told
        metrics["passed"] = run.passed;
        metrics["skipped"] = run.skipped;
        metrics["tests"] = run.passed + run.failed + run.skipped;
    }
    return report::found(std::move(metrics));
}

}  // namespace credence::trust::report
