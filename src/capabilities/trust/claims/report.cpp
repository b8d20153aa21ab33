// What the readers share, and which reader reads what.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "capabilities/trust/claims/report_readers.h"

namespace credence::trust {
namespace report {
namespace {

constexpr char kEscape = '\x1b';

bool is_final(char c) {
    return c >= '@' && c <= '~';
}

// The place after the escape sequence that begins at `at`.
std::size_t skip_escape(std::string_view text, std::size_t at) {
    ++at;
    if (at >= text.size()) {
        return at;
    }
    const char form = text[at++];
    if (form == '[') {
        while (at < text.size() && !is_final(text[at]) && text[at] != '\n') {
            ++at;
        }
        return at < text.size() && text[at] != '\n' ? at + 1 : at;
    }
    if (form == ']') {  // a title or link: up to BEL or ESC backslash
        while (at < text.size() && text[at] != '\a' && text[at] != kEscape && text[at] != '\n') {
            ++at;
        }
        return at < text.size() && text[at] == '\a' ? at + 1 : at;
    }
    return form == '\n' ? at - 1 : at;
}

}  // namespace

Report missing(std::string problem) {
    Report report;
    report.problem = std::move(problem);
    return report;
}

Report found(std::map<std::string, double> metrics) {
    Report report;
    report.found = true;
    report.metrics = std::move(metrics);
    return report;
}

std::string without_escapes(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == kEscape) {
            at = skip_escape(text, at);
        } else {
            out += text[at++];
        }
    }
    return out;
}

Lines lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        if (line.size() <= kMaxLineBytes) {
            lines.push_back(line);
        }
    }
    return lines;
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
        !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

std::optional<std::map<std::string, double>> counts(std::string_view list) {
    std::map<std::string, double> out;
    for (const std::string_view part : split(list, ',')) {
        const std::string_view item = trim(part);
        const std::size_t space = item.find(' ');
        const auto count = parse_integer(item.substr(0, space));
        if (space == std::string_view::npos || !count || *count < 0) {
            return std::nullopt;
        }
        if (!out.emplace(item.substr(space + 1), static_cast<double>(*count)).second) {
            return std::nullopt;
        }
    }
    return out;
}

void OneSummary::add(std::map<std::string, double> metrics) {
    contradicted_ = contradicted_ || (metrics_ && *metrics_ != metrics);
    metrics_ = std::move(metrics);
}

Report OneSummary::result(std::string_view what) const {
    if (contradicted_) {
        return missing("there are several summaries of " + std::string(what) +
                       " that contradict each other");
    }
    if (!metrics_) {
        return missing("there is no summary of " + std::string(what));
    }
    return found(*metrics_);
}

namespace {

// pytest writes its counts twice; the code under test would have to forge both alike.
Report cross_checked(Report summary, const Report& junit) {
    if (!summary.found) {
        return summary;
    }
    if (!junit.found) {
        return missing("the report file of pytest is not usable: " + junit.problem);
    }
    for (const char* name : {"failed", "errors"}) {
        if (summary.metrics.at(name) != junit.metrics.at(name)) {
            return missing("the summary of pytest and its report file contradict each other");
        }
    }
    const double passed = summary.metrics.at("passed") + summary.metrics.at("xpassed");
    if (summary.metrics.at("errors") == 0 && passed != junit.metrics.at("passed")) {
        return missing("the summary of pytest and its report file contradict each other");
    }
    return summary;
}

Report read_lines(ReportFormat format, const Lines& lines) {
    switch (format) {
        case ReportFormat::tap:
            return read_tap(lines);
        case ReportFormat::pytest:
            return read_pytest(lines);
        case ReportFormat::ctest:
            return read_ctest(lines);
        case ReportFormat::cargo:
            return read_cargo(lines);
        case ReportFormat::go:
            return read_go(lines);
        case ReportFormat::mypy:
            return read_mypy(lines);
        case ReportFormat::ruff:
            return read_ruff(lines);
        case ReportFormat::promtool:
            return read_promtool(lines);
        case ReportFormat::javascript:
            return read_javascript(lines);
        case ReportFormat::none:
        case ReportFormat::json:
        case ReportFormat::junit:
            break;
    }
    return missing("the recipe promises no report");
}

}  // namespace
}  // namespace report

Report read_report(ReportFormat format, const sandbox::Finished& finished) {
    if (format == ReportFormat::none) {
        return report::missing("the recipe promises no report");
    }
    const bool both = format == ReportFormat::pytest && finished.report.has_value();
    const sandbox::Stream& source = finished.report && !both ? *finished.report : finished.output;
    if (source.truncated || (both && finished.report->truncated)) {
        return report::missing("the output was longer than is kept, its end is missing");
    }
    if (format == ReportFormat::json) {
        return report::read_json(source.text);
    }
    if (format == ReportFormat::junit) {
        return report::read_junit(source.text);
    }
    std::string text = report::without_escapes(source.text);
    // promtool tells of failures on standard error.
    if (format == ReportFormat::promtool && !finished.report) {
        text += "\n" + report::without_escapes(finished.error.text);
    }
    const Report read = report::read_lines(format, report::lines_of(text));
    return both ? report::cross_checked(read, report::read_junit(finished.report->text)) : read;
}

}  // namespace credence::trust
