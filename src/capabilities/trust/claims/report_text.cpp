// Test runners that print a summary line, and the Test Anything Protocol.
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/text.h"
#include "capabilities/trust/claims/report_readers.h"

namespace credence::trust::report {
namespace {

using Metrics = std::map<std::string, double>;

double to_number(const std::string& digits) {
    return number(digits).value_or(0);
}

struct TapRun {
    double passed = 0;
    double failed = 0;
    double skipped = 0;
    double todo = 0;
    std::vector<std::string> plans;
    bool bailed_out = false;

    double tests() const { return passed + failed + skipped + todo; }
};

void read_tap_line(std::string_view line, TapRun& run) {
    static const re2::RE2 test(R"re((not )?ok\b(?: \d+)?[^#]*(?:# ?(?i:(skip|todo))\b.*)?.*)re");
    static const re2::RE2 plan(R"((?:1\.\.(\d{1,7}))(?:\s*#.*)?)");
    std::string number_text;
    std::string negation;
    std::string directive;
    if (re2::RE2::FullMatch(line, plan, &number_text)) {
        run.plans.push_back(number_text);
    } else if (line.starts_with("Bail out!")) {
        run.bailed_out = true;
    } else if (re2::RE2::FullMatch(line, test, &negation, &directive)) {
        const std::string kind = to_lower(directive);
        if (kind == "todo") {
            ++run.todo;
        } else if (!negation.empty()) {
            ++run.failed;
        } else if (kind == "skip") {
            ++run.skipped;
        } else {
            ++run.passed;
        }
    }
}

}  // namespace

Report read_tap(const Lines& lines) {
    TapRun run;
    for (const std::string_view line : lines) {
        read_tap_line(line, run);
    }
    if (run.bailed_out) {
        return missing("the test program bailed out");
    }
    if (run.plans.size() != 1) {
        return missing(run.plans.empty() ? "there is no plan (1..N) of TAP"
                                         : "there are several plans (1..N) of TAP");
    }
    if (to_number(run.plans.front()) != run.tests()) {
        return missing("the plan of TAP and its tests contradict each other");
    }
    return report::found({{"tests", run.tests()},
                          {"passed", run.passed},
                          {"failed", run.failed},
                          {"errors", 0},
                          {"skipped", run.skipped},
                          {"todo", run.todo}});
}

// "=== 3 passed, 1 failed, 2 warnings in 0.12s ===", "=== no tests ran in 0.01s ===".
Report read_pytest(const Lines& lines) {
    static const re2::RE2 summary(R"(=* ?(.+) in (\d+\.\d+)s(?: \([\d:]+\))? ?=*)");
    OneSummary one;
    for (const std::string_view line : lines) {
        std::string list;
        std::string seconds;
        if (!re2::RE2::FullMatch(line, summary, &list, &seconds)) {
            continue;
        }
        auto counted = list == "no tests ran" ? Metrics{} : counts(list);
        if (!counted) {
            continue;
        }
        Metrics metrics;
        for (const char* name : {"passed", "failed", "skipped", "xfailed", "xpassed"}) {
            metrics[name] = counted->contains(name) ? counted->at(name) : 0;
            metrics["tests"] += metrics[name];
            counted->erase(name);
        }
        metrics["errors"] = (*counted)["error"] + (*counted)["errors"];
        metrics["warnings"] = (*counted)["warning"] + (*counted)["warnings"];
        metrics["deselected"] = (*counted)["deselected"];
        const bool only_known = counted->size() <= 5;
        metrics["duration_s"] = to_number(seconds);
        if (only_known) {
            one.add(std::move(metrics));
        }
    }
    return one.result("pytest");
}

// "100% tests passed, 0 tests failed out of 5" and "Total Test time (real) =   0.03 sec".
Report read_ctest(const Lines& lines) {
    static const re2::RE2 summary(R"(\d+% tests passed, (\d{1,9}) tests? failed out of (\d{1,9}))");
    static const re2::RE2 time(R"(Total Test time \(real\) =\s*(\d+\.\d+) sec)");
    OneSummary one;
    std::optional<double> duration_s;
    for (const std::string_view line : lines) {
        std::string failed;
        std::string tests;
        if (re2::RE2::FullMatch(line, summary, &failed, &tests)) {
            const double all = to_number(tests);
            const double bad = to_number(failed);
            one.add({{"tests", all}, {"passed", all - bad}, {"failed", bad}, {"errors", 0}});
        } else if (re2::RE2::FullMatch(line, time, &failed)) {
            duration_s = to_number(failed);
        }
    }
    Report report = one.result("ctest");
    if (report.found && duration_s) {
        report.metrics["duration_s"] = *duration_s;
    }
    return report;
}

namespace {

struct CargoRun {
    Metrics sums;
    double announced = 0;  // "running N tests"
    int announcements = 0;
    int results = 0;
};

void read_cargo_line(std::string_view line, CargoRun& run) {
    static const re2::RE2 announcement(R"(running (\d{1,9}) tests?)");
    static const re2::RE2 result(
        R"(test result: (?:ok|FAILED)\. (\d{1,9}) passed; (\d{1,9}) failed; (\d{1,9}) ignored; )"
        R"((\d{1,9}) measured; (\d{1,9}) filtered out(?:; finished in (\d+\.\d+)s)?)");
    std::string first;
    std::string failed;
    std::string ignored;
    std::string measured;
    std::string filtered;
    std::string seconds;
    if (re2::RE2::FullMatch(line, announcement, &first)) {
        run.announced += to_number(first);
        ++run.announcements;
    } else if (re2::RE2::FullMatch(line, result, &first, &failed, &ignored, &measured, &filtered,
                                   &seconds)) {
        run.sums["passed"] += to_number(first);
        run.sums["failed"] += to_number(failed);
        run.sums["skipped"] += to_number(ignored);
        run.sums["measured"] += to_number(measured);
        run.sums["filtered"] += to_number(filtered);
        run.sums["duration_s"] += to_number(seconds);
        ++run.results;
    }
}

}  // namespace

Report read_cargo(const Lines& lines) {
    CargoRun run;
    for (const std::string_view line : lines) {
        read_cargo_line(line, run);
    }
    if (run.results == 0) {
        return missing("there is no summary of cargo test");
    }
    auto& sums = run.sums;
    const double tests = sums["passed"] + sums["failed"] + sums["skipped"] + sums["measured"];
    if (run.results != run.announcements || tests != run.announced) {
        return missing("the summaries of cargo test and the tests it announced contradict");
    }
    sums["tests"] = tests;
    sums["errors"] = 0;
    return report::found(std::move(sums));
}

// "Success: no issues found in 3 source files", "Found 3 errors in 2 files (checked 5 source
// files)", "Found 1 error in 1 file (errors prevented further checking)".
Report read_mypy(const Lines& lines) {
    static const re2::RE2 success(R"(Success: no issues found in (\d{1,9}) source files?)");
    static const re2::RE2 failure(R"(Found (\d{1,9}) errors? in (\d{1,9}) files? )"
                                  R"(\((?:checked (\d{1,9}) source files?|.*)\))");
    OneSummary one;
    for (const std::string_view line : lines) {
        std::string first;
        std::string files;
        std::string checked;
        if (re2::RE2::FullMatch(line, success, &first)) {
            one.add({{"errors", 0}, {"files_with_errors", 0}, {"files", to_number(first)}});
        } else if (re2::RE2::FullMatch(line, failure, &first, &files, &checked)) {
            Metrics metrics{{"errors", to_number(first)}, {"files_with_errors", to_number(files)}};
            if (!checked.empty()) {
                metrics["files"] = to_number(checked);
            }
            one.add(std::move(metrics));
        }
    }
    return one.result("mypy");
}

// "All checks passed!" or "Found 3 errors."
Report read_ruff(const Lines& lines) {
    static const re2::RE2 failure(R"(Found (\d{1,9}) errors?\.?(?: \(.*\)\.?)?)");
    OneSummary one;
    for (const std::string_view line : lines) {
        std::string errors;
        if (line == "All checks passed!") {
            one.add({{"errors", 0}});
        } else if (re2::RE2::FullMatch(line, failure, &errors)) {
            one.add({{"errors", to_number(errors)}});
        }
    }
    return one.result("ruff");
}

// One "  SUCCESS: 4 rules found" or "  FAILED:" for each check, one or two of them for a file.
Report read_promtool(const Lines& lines) {
    static const re2::RE2 success(R"(\s*SUCCESS(?:: .*?(?:(\d{1,9}) rules? found)?.*)?)");
    static const re2::RE2 failure(R"(\s*FAILED:?.*)");
    Metrics metrics{{"tests", 0}, {"passed", 0}, {"failed", 0}, {"rules", 0}};
    for (const std::string_view line : lines) {
        std::string rules;
        if (re2::RE2::FullMatch(line, success, &rules)) {
            ++metrics["passed"];
            metrics["rules"] += rules.empty() ? 0 : to_number(rules);
        } else if (re2::RE2::FullMatch(line, failure)) {
            ++metrics["failed"];
        }
    }
    metrics["tests"] = metrics["passed"] + metrics["failed"];
    if (metrics["tests"] == 0) {
        return missing("there is no summary of promtool");
    }
    return report::found(std::move(metrics));
}

}  // namespace credence::trust::report
