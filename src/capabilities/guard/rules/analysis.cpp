#include "capabilities/guard/rules/analysis.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "capabilities/guard/code/code.h"
#include "capabilities/guard/code/code_scorer.h"
#include "capabilities/guard/pii/checksums.h"
#include "capabilities/guard/pii/pii.h"
#include "capabilities/guard/text/decode.h"

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

// An apostrophe stands between letters; a single quotation mark has a letter on its inner side
// only.
bool opens_single(std::string_view text, std::size_t at) {
    const bool before = at > 0 && is_token(text[at - 1]);
    return text[at] == '\'' && !before && at + 1 < text.size() && text[at + 1] != ' ';
}

bool closes_single(std::string_view text, std::size_t at) {
    const bool after = at + 1 < text.size() && is_token(text[at + 1]);
    return text[at] == '\'' && !after && at > 0 && text[at - 1] != ' ';
}

// Inside a pair of quotation marks that both stand within reach, with an even count before.
bool is_quoted(std::string_view text, ByteSpan span) {
    const std::size_t from = span.start - std::min(span.start, kMaxQuoteBytes);
    const std::size_t to = std::min(text.size(), span.end + kMaxQuoteBytes);
    bool within = false;
    bool within_single = false;
    for (std::size_t i = from; i < span.start; ++i) {
        within = is_quote(text[i]) ? !within : within;
        within_single = opens_single(text, i) || (within_single && !closes_single(text, i));
    }
    for (std::size_t i = span.end; i < to && (within || within_single); ++i) {
        if ((within && is_quote(text[i])) || (within_single && closes_single(text, i))) {
            return true;
        }
    }
    return false;
}

// One call of analyse().
struct Reading {
    const RuleSet& rules;
    std::string_view text;
    std::optional<SourceKind> channel;
    Analysis& analysis;
    std::vector<Hit> hits;
    std::vector<std::uint16_t> counts;  // of each signal in one view

    bool counts_here(const Rule& rule) const { return !channel || rule.counts_in(*channel); }
};

void add_hits(Reading& reading, std::size_t index, const Matcher& matcher) {
    const View& view = reading.analysis.views.all()[index];
    const std::string_view raw = index == 0 ? reading.text : std::string_view(view.raw);
    reading.counts.assign(matcher.counts().begin(), matcher.counts().end());
    for (const Hit& hit : reading.hits) {
        const Rule& rule = reading.rules.rules()[hit.rule];
        const ByteSpan span{hit.start, hit.end};
        const ByteSpan written = view.normalised.map.to_source(span);
        if (!reading.counts_here(rule) ||
            (rule.check != Check::none && !passes(rule.check, raw, written))) {
            continue;
        }
        if (rule.feature != Rule::kNoFeature) {
            ++reading.counts[rule.feature];  // at most Matcher::kMaxHits times
        }
        reading.analysis.findings.push_back(
            {hit.rule, static_cast<std::uint32_t>(index),
             index == 0 ? written : reading.analysis.views.to_original(index, span), span,
             hit.marks_near, is_quoted(view.normalised.text, span), 1});
    }
}

void add_signals(Reading& reading, std::size_t index, const Matcher& matcher) {
    Analysis& analysis = reading.analysis;
    if (index == 0) {
        analysis.signal_counts.swap(reading.counts);
    }
    for (std::size_t i = 0; i < reading.counts.size() && index > 0; ++i) {
        analysis.signal_counts[i] = std::max(analysis.signal_counts[i], reading.counts[i]);
    }
    for (const Trait& trait : matcher.traits()) {
        if (analysis.signals.size() >= Analysis::kMaxSignals) {
            return;
        }
        analysis.signals.push_back(
            {trait.end, static_cast<std::uint16_t>(trait.rule), static_cast<std::uint16_t>(index)});
    }
}

void add_detected(Reading& reading, std::size_t index, std::string_view text) {
    std::vector<Detected> detected;
    const bool all_numbers = find_pii(text, detected);
    const bool all_code = find_code(text, detected);
    reading.analysis.truncated = reading.analysis.truncated || !all_numbers || !all_code;
    for (const Detected& item : detected) {
        const int rule = reading.rules.rule_of(item.detector);
        if (rule < 0 ||
            !reading.counts_here(reading.rules.rules()[static_cast<std::size_t>(rule)])) {
            continue;
        }
        const ByteSpan whole =
            index == 0 ? item.span : reading.analysis.views.to_original(index, {0, 1});
        reading.analysis.findings.push_back({static_cast<std::uint32_t>(rule),
                                             static_cast<std::uint32_t>(index), whole, item.span, 0,
                                             false, item.confidence});
    }
}

void add_hidden(Reading& reading) {
    const Views& views = reading.analysis.views;
    const int rule = reading.rules.rule_of(Detector::hidden_text);
    if (rule < 0 || !reading.counts_here(reading.rules.rules()[static_cast<std::size_t>(rule)])) {
        return;
    }
    for (std::size_t i = 1; i < views.all().size(); ++i) {
        const View& view = views.all()[i];
        const bool hidden =
            view.kind == ViewKind::tag_characters || view.kind == ViewKind::variation_selectors;
        if (hidden && view.raw.size() >= kManyHidden) {
            const ByteSpan all{0, view.normalised.text.size()};
            reading.analysis.findings.push_back({static_cast<std::uint32_t>(rule),
                                                 static_cast<std::uint32_t>(i),
                                                 views.to_original(i, all), all, 0, false, 1});
        }
    }
}

}  // namespace

bool is_doubt(const Rule& rule, const Finding& finding) {
    return rule.detector == Detector::code_structure && finding.confidence <= kMostDoubtConfidence;
}

Result<Analysis> analyse(const RuleSet& rules, std::string_view text, const ViewLimits& limits,
                         std::optional<SourceKind> channel) {
    Analysis analysis{Views(text, limits), {}, {}, {}, false};
    Reading reading{rules, text, channel, analysis, {}, {}};
    Matcher matcher(rules);
    const std::size_t views = analysis.views.all().size();
    for (std::size_t i = 0; i < views; ++i) {
        TRY(matcher.match(analysis.views.all()[i].normalised, reading.hits));
        add_hits(reading, i, matcher);
        add_signals(reading, i, matcher);
        const View& view = analysis.views.all()[i];
        if (i == 0 || view.mapping == View::Mapping::whole) {
            add_detected(reading, i, i == 0 ? text : std::string_view(view.raw));
        }
    }
    add_hidden(reading);
    analysis.truncated = analysis.truncated || analysis.views.truncated() || matcher.truncated();
    return analysis;
}

}  // namespace credence::guard
