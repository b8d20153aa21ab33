// One reader per form of report; inside claims only. Each is bounded, pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/trust/claims/judge.h"

namespace credence::trust::report {

inline constexpr std::size_t kMaxMetrics = 1024;
inline constexpr std::size_t kMaxMetricName = 128;
inline constexpr std::size_t kMaxLineBytes = 16'384;  // of a summary line; longer ones are skipped

using Lines = std::vector<std::string_view>;

Report missing(std::string problem);
Report found(std::map<std::string, double> metrics);

// Without terminal escape sequences.
std::string without_escapes(std::string_view text);
// Lines of text, without carriage returns; too long ones are left out.
Lines lines_of(std::string_view text);

// A finite decimal number that is all of text.
std::optional<double> number(std::string_view text);

// "3 passed, 1 failed" -> {{"passed", 3}, {"failed", 1}}; nothing when a part is not "N word".
std::optional<std::map<std::string, double>> counts(std::string_view list);

// Keeps one summary; a second that says something else makes the report worthless, because nobody
// knows which of them the runner printed.
class OneSummary {
public:
    void add(std::map<std::string, double> metrics);
    Report result(std::string_view what) const;

private:
    std::optional<std::map<std::string, double>> metrics_;
    bool contradicted_ = false;
};

Report read_json(std::string_view text);
Report read_junit(std::string_view text);
Report read_tap(const Lines& lines);
Report read_pytest(const Lines& lines);
Report read_ctest(const Lines& lines);
Report read_cargo(const Lines& lines);
Report read_go(const Lines& lines);
Report read_mypy(const Lines& lines);
Report read_ruff(const Lines& lines);
Report read_promtool(const Lines& lines);
Report read_javascript(const Lines& lines);

}  // namespace credence::trust::report
