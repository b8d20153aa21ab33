// What `npm test` usually runs: jest, vitest, mocha, node --test.
#include <re2/re2.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "capabilities/trust/claims/report_readers.h"

namespace credence::trust::report {
namespace {

using Metrics = std::map<std::string, double>;

constexpr double kPercent = 100;

// "1 failed, 3 passed, 4 total" with jest's words.
std::optional<Metrics> from_list(const std::string& list) {
    auto counted = counts(list);
    if (!counted || !counted->contains("total")) {
        return std::nullopt;
    }
    return Metrics{{"tests", counted->at("total")},
                   {"passed", (*counted)["passed"]},
                   {"failed", (*counted)["failed"]},
                   {"errors", 0},
                   {"skipped", (*counted)["skipped"] + (*counted)["todo"]}};
}

class LineReader {
public:
    void read(std::string_view line) {
        if (!read_lists(line) && !read_mocha(line) && !read_node(line)) {
            read_extras(line);
        }
    }

    Report result() {
        flush();
        Report report = one_.result("a JavaScript test runner");
        if (report.found) {
            report.metrics.insert(extras_.begin(), extras_.end());
        }
        return report;
    }

private:
    bool read_lists(std::string_view line) {
        static const re2::RE2 jest(R"(Tests: +(.+))");
        static const re2::RE2 vitest(R"( *Tests  +(.+) \((\d{1,9})\))");
        std::string list;
        std::string total;
        if (re2::RE2::FullMatch(line, vitest, &list, &total)) {
            std::ranges::replace(list, '|', ',');
            list += ", " + total + " total";
        } else if (!re2::RE2::FullMatch(line, jest, &list)) {
            return false;
        }
        if (auto metrics = from_list(list)) {
            one_.add(*std::move(metrics));
        }
        return true;
    }

    bool read_mocha(std::string_view line) {
        static const re2::RE2 passing(R"(  (\d{1,9}) passing \(\d+m?s?[a-z]*\))");
        static const re2::RE2 other(R"(  (\d{1,9}) (failing|pending))");
        std::string digits;
        std::string word;
        if (re2::RE2::FullMatch(line, passing, &digits)) {
            flush();
            open_ = Metrics{{"passed", number(digits).value_or(0)}};
            return true;
        }
        if (re2::RE2::FullMatch(line, other, &digits, &word)) {
            open_[word == "failing" ? "failed" : "skipped"] = number(digits).value_or(0);
            return true;
        }
        return false;
    }

    bool read_node(std::string_view line) {
        static const re2::RE2 part(
            R"((?:#|ℹ) (tests|pass|fail|cancelled|skipped|todo|duration_ms) (\d{1,9}(?:\.\d+)?))");
        std::string word;
        std::string digits;
        if (!re2::RE2::FullMatch(line, part, &word, &digits)) {
            return false;
        }
        const double value = number(digits).value_or(0);
        if (word == "tests") {
            flush();
            open_ = Metrics{{"tests", value}};
        } else if (word == "duration_ms") {
            extras_["duration_s"] = value / kMsPerSecond;
        } else if (word == "fail" || word == "cancelled") {
            open_["failed"] += value;
        } else {
            open_[word == "pass" ? "passed" : "skipped"] += value;
        }
        return true;
    }

    void read_extras(std::string_view line) {
        static const re2::RE2 coverage(R"(All files +\| +(\d{1,3}(?:\.\d+)?) +\|.*)");
        static const re2::RE2 time(R"(Time: +(\d+(?:\.\d+)?) s(?:,.*)?)");
        std::string digits;
        if (re2::RE2::FullMatch(line, coverage, &digits)) {
            extras_["coverage"] = number(digits).value_or(0) / kPercent;
        } else if (re2::RE2::FullMatch(line, time, &digits)) {
            extras_["duration_s"] = number(digits).value_or(0);
        }
    }

    // The summary of several lines is complete.
    void flush() {
        if (open_.empty()) {
            return;
        }
        const double counted = open_["passed"] + open_["failed"] + open_["skipped"];
        open_["errors"] = 0;
        open_.try_emplace("tests", counted);
        one_.add(std::move(open_));
        open_.clear();
    }

    OneSummary one_;
    Metrics open_;
    Metrics extras_;
};

}  // namespace

Report read_javascript(const Lines& lines) {
    LineReader reader;
    for (const std::string_view line : lines) {
        reader.read(line);
    }
    return reader.result();
}

}  // namespace credence::trust::report
