#include "capabilities/guard/rules/analysis.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "capabilities/guard/code/code.h"
#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/text/decode.h"
#include "capabilities/guard/pii/pii.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxQuoteBytes = 400;  // between two quotation marks
constexpr std::size_t kMaxTokenBytes = 512;  // of a secret
constexpr std::uint32_t kManyHidden = 12;    // hidden characters that no flag emoji explains
constexpr double kRandomBits = 3.0;          // entropy of a token that was not typed by hand

bool is_token(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '+' ||
           c == '/' || c == '=';
}

// The token that begins at `at`.
std::string_view token_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && end - at < kMaxTokenBytes && is_token(text[end])) {
        ++end;
    }
    return text.substr(at, end - at);
}

bool looks_random(std::string_view token) {
    bool digit = false;
    bool letter = false;
    for (const char c : token) {
        digit = digit || (c >= '0' && c <= '9');
        letter = letter || std::isalpha(static_cast<unsigned char>(c)) != 0;
    }
    return token.size() >= 16 && digit && letter && entropy_bits(token) >= kRandomBits;
}

// A value such as in `api_key = "…"`, that is no placeholder, path or sentence.
bool assigned_value(std::string_view text, std::size_t after) {
    while (after < text.size() &&
           std::string_view(" \t=:\"'`>").find(text[after]) != std::string_view::npos) {
        ++after;
    }
    const std::string_view token = token_at(text, after);
    return token.find('/') == std::string_view::npos && looks_random(token);
}

bool json_web_token(std::string_view token) {
    return decode_base64_text(token).value_or("").starts_with("{\"");
}

// Only markup and blanks stand between the start of the line and `at`.
bool starts_line(std::string_view text, std::size_t at) {
    while (at > 0 &&
           std::string_view(" \t#>*[<-\"'").find(text[at - 1]) != std::string_view::npos) {
        --at;
    }
    return at == 0 || text[at - 1] == '\n';
}

// Whether the check of the rule holds for the raw bytes found.
bool passes(Check check, std::string_view raw, ByteSpan span) {
    const std::string_view found = raw.substr(span.start, span.end - span.start);
    switch (check) {
        case Check::none:
            return true;
        case Check::random_token:
            return looks_random(token_at(raw, span.start));
        case Check::assigned_value:
            return assigned_value(raw, span.end);
        case Check::json_web_token:
            return json_web_token(found.substr(0, found.find('.')));
        case Check::line_start:
            return starts_line(raw, span.start);
    }
    return false;
}

bool is_quote(char c) {
    return c == '"' || c == '`';
}

// Inside a pair of quotation marks that both stand within reach, with an even count before.
bool is_quoted(std::string_view text, ByteSpan span) {
    const std::size_t from = span.start - std::min(span.start, kMaxQuoteBytes);
    const std::size_t to = std::min(text.size(), span.end + kMaxQuoteBytes);
    bool before = false;
    for (std::size_t i = from; i < span.start; ++i) {
        before = is_quote(text[i]) ? !before : before;
    }
    if (!before) {
        return false;
    }
    return std::any_of(text.begin() + static_cast<std::ptrdiff_t>(span.end),
                       text.begin() + static_cast<std::ptrdiff_t>(to), is_quote);
}

void add_detected(const RuleSet& rules, const Views& views, std::size_t view, std::string_view text,
                  std::vector<Finding>& findings) {
    std::vector<Detected> detected;
    find_pii(text, detected);
    find_code(text, detected);
    for (const Detected& item : detected) {
        const int rule = rules.rule_of(item.detector);
        if (rule >= 0) {
            const ByteSpan whole = view == 0 ? item.span : views.to_original(view, {0, 1});
            findings.push_back({static_cast<std::uint32_t>(rule), static_cast<std::uint32_t>(view),
                                whole, item.span, 0, false});
        }
    }
}

void add_hidden(const RuleSet& rules, const Views& views, std::vector<Finding>& findings) {
    const int rule = rules.rule_of(Detector::hidden_text);
    for (std::size_t i = 1; i < views.all().size() && rule >= 0; ++i) {
        const View& view = views.all()[i];
        const bool hidden =
            view.kind == ViewKind::tag_characters || view.kind == ViewKind::variation_selectors;
        if (hidden && view.raw.size() >= kManyHidden) {
            const ByteSpan all{0, view.normalised.text.size()};
            findings.push_back({static_cast<std::uint32_t>(rule), static_cast<std::uint32_t>(i),
                                views.to_original(i, all), all, 0, false});
        }
    }
}

}  // namespace

Result<Analysis> analyse(const RuleSet& rules, std::string_view text, const ViewLimits& limits) {
    Analysis analysis{Views(text, limits), {}, false};
    Matcher matcher(rules);
    std::vector<Hit> hits;
    const auto& views = analysis.views.all();
    for (std::size_t i = 0; i < views.size(); ++i) {
        const View& view = views[i];
        TRY(matcher.match(view.normalised, hits));
        const std::string_view raw = i == 0 ? text : std::string_view(view.raw);
        for (const Hit& hit : hits) {
            const Rule& rule = rules.rules()[hit.rule];
            const ByteSpan span{hit.start, hit.end};
            const ByteSpan written = view.normalised.map.to_source(span);
            if (rule.check != Check::none && !passes(rule.check, raw, written)) {
                continue;
            }
            analysis.findings.push_back({hit.rule, static_cast<std::uint32_t>(i),
                                         i == 0 ? written : analysis.views.to_original(i, span),
                                         span, hit.marks_near,
                                         is_quoted(view.normalised.text, span)});
        }
        const bool decoded = view.mapping == View::Mapping::whole;
        if (i == 0 || decoded) {
            add_detected(rules, analysis.views, i, raw, analysis.findings);
        }
    }
    add_hidden(rules, analysis.views, analysis.findings);
    analysis.truncated = analysis.views.truncated();
    return analysis;
}

}  // namespace credence::guard
