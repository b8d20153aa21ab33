#include "capabilities/trust/claims/claim.h"

#include <fmt/format.h>
#include <re2/re2.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <set>

#include "base/text.h"
#include "capabilities/trust/claims/claim_regex.h"
#include "capabilities/trust/claims/names.h"

namespace credence::trust {
namespace {

namespace dom = simdjson::dom;

constexpr std::string_view kRoot = "claim_content";
constexpr std::size_t kMaxClaimBytes = std::size_t{1} << 18;
constexpr std::size_t kMaxClaimDepth = 8;
constexpr std::size_t kMaxTexts = 32;
constexpr std::size_t kMaxTextBytesOfClaim = 4096;
constexpr std::size_t kMaxMetrics = 64;
constexpr std::size_t kMaxNameBytes = 128;
constexpr std::int64_t kMaxExitStatus = 255;

// What a kind must assert: any of these is enough.
struct KindRule {
    bool return_code = true;
    bool output = true;
    bool metrics = true;
    std::string_view message;
};

constexpr std::string_view kAnyAssertion =
    "asserts nothing: give return_code, output_contains, output_matches or metrics";

// By the enumerators of ClaimKind.
constexpr std::array<KindRule, 6> kKindRules = {{
    {true, true, true, kAnyAssertion},  // test_result
    {false, false, true, "a performance_metric needs at least one of metrics"},
    {true, true, true, kAnyAssertion},  // code_quality
    {true, true, true, kAnyAssertion},  // security_finding
    {true, true, true, kAnyAssertion},  // deployment_status
    {true, true, true, kAnyAssertion},  // custom
}};

// Calls on_member(key, value, path) for each member; keys must be known and come once.
template <class Function>
Result<void> each_member(dom::element in, const std::string& path,
                         const std::vector<std::string_view>& known, Function&& on_member) {
    if (!in.is_object()) {
        return invalid(path, "must be an object");
    }
    std::set<std::string_view> seen;
    for (const auto& member : dom::object(in.get_object().value_unsafe())) {
        const std::string here = path + "." + show_name(member.key);
        if (!known.empty() && std::ranges::find(known, member.key) == known.end()) {
            return invalid(here, "is not a known field" + suggest(member.key, known));
        }
        if (!seen.insert(member.key).second) {
            return invalid(here, "is given twice");
        }
        TRY(on_member(member.key, member.value, here));
    }
    return {};
}

Result<std::string> read_text(dom::element in, const std::string& path, std::size_t max_bytes) {
    if (!in.is_string()) {
        return invalid(path, "must be a text");
    }
    const std::string_view text = in.get_string().value_unsafe();
    if (text.empty()) {
        return invalid(path, "must not be empty: it would hold always");
    }
    if (text.size() > max_bytes) {
        return fail(Code::too_large, fmt::format("must have at most {} bytes", max_bytes), path);
    }
    return std::string(text);
}

Result<double> read_number(dom::element in, const std::string& path) {
    double value = 0;
    if (in.get_double().get(value) != simdjson::SUCCESS) {
        return invalid(path, "must be a number; texts are claimed with output_contains");
    }
    if (!std::isfinite(value)) {
        return invalid(path, "must be a finite number");
    }
    return value;
}

Result<Comparison> read_comparison(dom::element in, const std::string& path) {
    struct Spelling {
        std::string_view text;
        Comparison op;
    };
    constexpr std::array<Spelling, 7> kSpellings = {{{"eq", Comparison::eq},
                                                     {"==", Comparison::eq},
                                                     {"le", Comparison::le},
                                                     {"<=", Comparison::le},
                                                     {"ge", Comparison::ge},
                                                     {">=", Comparison::ge},
                                                     {"range", Comparison::range}}};
    const std::string text = TRY(read_text(in, path, kMaxNameBytes));
    const auto* found = std::ranges::find(kSpellings, text, &Spelling::text);
    if (found == kSpellings.end()) {
        return invalid(path, "must be one of eq (==), le (<=), ge (>=), range");
    }
    return found->op;
}

Result<void> check_tolerance(const std::optional<double>& tolerance, const std::string& path) {
    if (tolerance && *tolerance < 0) {
        return invalid(path, "must not be negative");
    }
    return {};
}

Result<void> check_metric(const MetricClaim& metric, const std::string& path) {
    const bool ranged = metric.op == Comparison::range;
    if (ranged && metric.value) {
        return invalid(path + ".value", "a range has low and high instead");
    }
    if (ranged && (!metric.low || !metric.high)) {
        return invalid(path + (metric.low ? ".high" : ".low"), "is required of a range");
    }
    if (ranged && *metric.low > *metric.high) {
        return invalid(path + ".low", "must not be above high");
    }
    if (!ranged && (metric.low || metric.high)) {
        return invalid(path + (metric.low ? ".low" : ".high"), "only op range has it");
    }
    if (!ranged && !metric.value) {
        return invalid(path + ".value", "is required");
    }
    if (metric.op != Comparison::eq && (metric.absolute_tolerance || metric.relative_tolerance)) {
        return invalid(
            path + (metric.absolute_tolerance ? ".absolute_tolerance" : ".relative_tolerance"),
            "only op eq has a tolerance");
    }
    TRY(check_tolerance(metric.absolute_tolerance, path + ".absolute_tolerance"));
    return check_tolerance(metric.relative_tolerance, path + ".relative_tolerance");
}

Result<MetricClaim> read_metric(dom::element in, const std::string& path) {
    MetricClaim metric;
    if (!in.is_object()) {
        metric.value = TRY(read_number(in, path));
        return metric;
    }
    bool op_given = false;
    TRY(each_member(
        in, path, {"op", "value", "low", "high", "absolute_tolerance", "relative_tolerance"},
        [&](std::string_view key, dom::element value, const std::string& here) -> Result<void> {
            if (key == "op") {
                metric.op = TRY(read_comparison(value, here));
                op_given = true;
                return {};
            }
            std::optional<double>& target = key == "value"  ? metric.value
                                            : key == "low"  ? metric.low
                                            : key == "high" ? metric.high
                                            : key == "absolute_tolerance"
                                                ? metric.absolute_tolerance
                                                : metric.relative_tolerance;
            target = TRY(read_number(value, here));
            return {};
        }));
    if (!op_given && (metric.low || metric.high)) {
        metric.op = Comparison::range;
    }
    TRY(check_metric(metric, path));
    return metric;
}

Result<void> read_metrics(dom::element in, const std::string& path, ClaimContent& claim) {
    TRY(each_member(
        in, path, {},
        [&](std::string_view name, dom::element value, const std::string& here) -> Result<void> {
            if (name.empty() || name.size() > kMaxNameBytes || has_control(name)) {
                return invalid(here, "a metric's name has 1 to 128 bytes, no control characters");
            }
            if (claim.metrics.size() >= kMaxMetrics) {
                return fail(Code::too_large, fmt::format("must have at most {}", kMaxMetrics),
                            path);
            }
            claim.metrics.emplace(name, TRY(read_metric(value, here)));
            return {};
        }));
    if (claim.metrics.empty()) {
        return invalid(path, "must not be empty: it would hold always");
    }
    return {};
}

Result<void> read_contains(dom::element in, const std::string& path, ClaimContent& claim) {
    if (!in.is_array()) {
        claim.output_contains.push_back(TRY(read_text(in, path, kMaxTextBytesOfClaim)));
        return {};
    }
    for (const dom::element item : dom::array(in.get_array().value_unsafe())) {
        const std::string here = path + "[" + std::to_string(claim.output_contains.size()) + "]";
        if (claim.output_contains.size() >= kMaxTexts) {
            return fail(Code::too_large, fmt::format("must have at most {} texts", kMaxTexts),
                        path);
        }
        claim.output_contains.push_back(TRY(read_text(item, here, kMaxTextBytesOfClaim)));
    }
    if (claim.output_contains.empty()) {
        return invalid(path, "must not be empty: it would hold always");
    }
    return {};
}

Result<void> read_regex(dom::element in, const std::string& path, ClaimContent& claim) {
    claim.output_matches = TRY(read_text(in, path, kMaxRegexBytes));
    const re2::RE2 regex(*claim.output_matches, regex_options());
    if (!regex.ok()) {
        return invalid(path, "is not a regular expression: " + show_name(regex.error()));
    }
    if (regex.ProgramSize() > kMaxRegexProgram) {
        return fail(Code::too_large, "is too complex", path);
    }
    if (re2::RE2::PartialMatch("", regex)) {
        return invalid(path, "matches an empty output: it would hold always");
    }
    return {};
}

Result<void> read_return_code(dom::element in, const std::string& path, ClaimContent& claim) {
    std::int64_t status = 0;
    if (in.get_int64().get(status) != simdjson::SUCCESS || status < 0 || status > kMaxExitStatus) {
        return invalid(path, "must be an integer from 0 to 255");
    }
    claim.return_code = status;
    return {};
}

Result<void> read_member(std::string_view key, dom::element value, const std::string& here,
                         ClaimContent& claim) {
    if (key == "return_code") {
        return read_return_code(value, here, claim);
    }
    if (key == "output_contains") {
        return read_contains(value, here, claim);
    }
    if (key == "output_matches") {
        return read_regex(value, here, claim);
    }
    if (key == "metrics") {
        return read_metrics(value, here, claim);
    }
    claim.pattern_id = TRY(read_text(value, here, kMaxNameBytes));
    return {};
}

Result<void> check_kind(ClaimKind kind, const ClaimContent& claim) {
    const KindRule& rule = kKindRules[static_cast<std::size_t>(kind)];
    const bool output = !claim.output_contains.empty() || claim.output_matches.has_value();
    const bool enough = (rule.return_code && claim.return_code.has_value()) ||
                        (rule.output && output) || (rule.metrics && !claim.metrics.empty());
    if (!enough) {
        return invalid(std::string(kRoot), std::string(rule.message));
    }
    return {};
}

std::string parse_problem(simdjson::error_code code) {
    switch (code) {
        case simdjson::NUMBER_ERROR:
            return "holds a malformed or too large number";
        case simdjson::UTF8_ERROR:
            return "is not valid UTF-8";
        case simdjson::DEPTH_ERROR:
            return "is nested too deeply";
        default:
            return "is not valid JSON";
    }
}

}  // namespace

re2::RE2::Options regex_options() {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kRegexMemoryBytes);
    options.set_never_capture(true);
    return options;
}

Result<ClaimContent> read_claim(ClaimKind kind, const RawJson& content) {
    const std::string root(kRoot);
    if (content.text.size() > kMaxClaimBytes) {
        return fail(Code::too_large, fmt::format("must have at most {} bytes", kMaxClaimBytes),
                    root);
    }
    dom::parser parser;
    if (parser.allocate(std::bit_ceil(std::max<std::size_t>(content.text.size(), 4096)),
                        kMaxClaimDepth) != simdjson::SUCCESS) {
        return fail(Code::too_large, "is too large", root);
    }
    dom::element document;
    const auto error = parser.parse(content.text.data(), content.text.size(), true).get(document);
    if (error != simdjson::SUCCESS) {
        return invalid(root, parse_problem(error));
    }
    ClaimContent claim;
    TRY(each_member(document, root,
                    {"return_code", "output_contains", "output_matches", "metrics", "pattern_id"},
                    [&](std::string_view key, dom::element value, const std::string& here) {
                        return read_member(key, value, here, claim);
                    }));
    TRY(check_kind(kind, claim));
    return claim;
}

Result<void> check_tolerances(const ClaimContent& claim, const TolerancePolicy& policy) {
    for (const auto& [name, metric] : claim.metrics) {
        const std::string path = std::string(kRoot) + ".metrics." + show_name(name);
        if (metric.absolute_tolerance && !(*metric.absolute_tolerance <= policy.max_absolute)) {
            return invalid(path + ".absolute_tolerance",
                           fmt::format("is above the policy's {}", policy.max_absolute));
        }
        if (metric.relative_tolerance && !(*metric.relative_tolerance <= policy.max_relative)) {
            return invalid(path + ".relative_tolerance",
                           fmt::format("is above the policy's {}", policy.max_relative));
        }
    }
    return {};
}

}  // namespace credence::trust
