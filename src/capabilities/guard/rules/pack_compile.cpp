#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <set>
#include <tuple>

#include "base/text.h"
#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/pack_database.h"
#include "capabilities/guard/rules/pack_words.h"
#include "capabilities/guard/text/fold_table.h"
#include "capabilities/guard/text/normalise.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxExpansions = 4096;
constexpr std::size_t kMaxPatterns = 60'000;
constexpr std::size_t kMaxParts = 8;  // of one sequence

bool is_ascii_word(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// Whether the letter parts words by blanks; Chinese, Japanese, Thai and others do not.
bool has_edge(std::string_view letter) {
    const CodePoint point = decode_utf8(letter, 0);
    if (point.value < 0x80) {
        return is_ascii_word(static_cast<unsigned char>(letter[0]));
    }
    return FoldTable::embedded()[point.value].script != Script::spaceless;
}

// Whether letters outside ASCII continue its words. Beside scripts without blanks any letter may
// stand.
bool needs_wide_edges(std::string_view text) {
    bool wide = false;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode_utf8(text, at);
        at += point.bytes;
        if (point.value >= 0x80 && FoldTable::embedded()[point.value].script == Script::spaceless) {
            return false;
        }
        wide = wide || point.value >= 0x80;
    }
    return wide;
}

std::string_view last_letter(std::string_view text) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) {
        --at;
    }
    return text.substr(at);
}

// A regular expression for exactly these bytes.
std::string expression_of(std::string_view text) {
    std::string expression;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        expression +=
            is_ascii_word(byte) || c == ' ' ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
    }
    return expression;
}

struct Source {
    std::string expression;
    std::string literal;  // empty: the expression is no plain text
    Pattern pattern;
    std::vector<Slot> slots;
};

class Compiler {
public:
    explicit Compiler(const Packs& packs) : packs_(packs) {}

    Result<CompiledRules> run() {
        name_features();
        for (const PackRule& rule : packs_.rules) {
            TRY(add_rule(rule));
        }
        for (std::size_t mark = 0; mark < kMarks; ++mark) {
            for (const Phrase& phrase : packs_.marks[mark]) {
                for (Source* source : TRY(sources_of(phrase, "marks"))) {
                    source->pattern.marks |= static_cast<std::uint8_t>(1U << mark);
                }
            }
        }
        TRY(build());
        out_.digest = digest();
        return std::move(out_);
    }

private:
    static std::string feature_of(const Rule& rule) {
        return rule.signal ? "signal." + rule.id.substr(rule.pack.size() + 1)
                           : "technique." + rule.technique;
    }

    // From the shipped packs alone, switched off or not: a learned model counts on the names.
    void name_features() {
        std::set<std::string> names;
        for (const std::string_view mark : kMarkNames) {
            names.insert("mark." + std::string(mark));
        }
        for (const PackRule& rule : packs_.rules) {
            if (rule.rule.origin == PackOrigin::shipped) {
                names.insert(feature_of(rule.rule));
            }
        }
        out_.signal_names.assign(names.begin(), names.end());
    }

    Result<void> add_rule(const PackRule& rule) {
        const auto index = static_cast<std::uint16_t>(out_.rules.size());
        Rule& added = out_.rules.emplace_back(rule.rule);
        if (added.origin == PackOrigin::shipped) {
            const auto& names = out_.signal_names;
            added.feature = static_cast<std::uint16_t>(
                std::lower_bound(names.begin(), names.end(), feature_of(added)) - names.begin());
        }
        if (rule.patterns.empty() && rule.sequences.empty() && added.detector == Detector::none) {
            return error(rule, "needs sequences, patterns or a detector");
        }
        if (!added.enabled) {
            return {};
        }
        std::set<std::string> languages;
        for (const Phrase& phrase : rule.patterns) {
            if (!speaks(rule, phrase)) {
                continue;
            }
            languages.insert(phrase.language);
            const Slot slot{out_.states++, index, 0, 0, 1, 0, 0};
            for (Source* source : TRY(sources_of(phrase, rule.where))) {
                source->slots.push_back(slot);
            }
        }
        for (std::vector<std::string> sequence : rule.sequences) {
            if (rule.any_order) {
                std::sort(sequence.begin(), sequence.end());
            }
            do {
                TRY(add_sequence(rule, index, sequence, languages));
            } while (rule.any_order && std::next_permutation(sequence.begin(), sequence.end()));
        }
        languages.erase("");
        out_.rules.back().languages = fmt::format("{}", fmt::join(languages, ","));
        return {};
    }

    static std::unexpected<Error> error(const PackRule& rule, const std::string& what) {
        return fail(Code::invalid, fmt::format("{}: {}: {}", rule.where, rule.rule.id, what));
    }

    static bool speaks(const PackRule& rule, const Phrase& phrase) {
        return rule.languages.empty() || phrase.language.empty() ||
               rule.languages.contains(phrase.language);
    }

    Result<void> add_sequence(const PackRule& rule, std::uint16_t index,
                              const std::vector<std::string>& sequence,
                              std::set<std::string>& languages) {
        if (sequence.empty() || sequence.size() > kMaxParts) {
            return error(rule, "a sequence has 1 to 8 parts");
        }
        for (std::size_t part = 0; part < sequence.size(); ++part) {
            const std::string_view reference = sequence[part];
            const std::size_t colon = reference.find(':');
            const auto group = packs_.groups.find(std::string(reference.substr(0, colon)));
            if (group == packs_.groups.end()) {
                return error(rule, fmt::format("no group '{}'", reference));
            }
            // "override:ja,ko" takes those languages of the group only.
            const auto wanted = colon == std::string_view::npos
                                    ? std::vector<std::string_view>{}
                                    : split(reference.substr(colon + 1), ',');
            const Slot slot{out_.states++,
                            index,
                            static_cast<std::uint16_t>(rule.within),
                            static_cast<std::uint8_t>(part),
                            static_cast<std::uint8_t>(part + 1 == sequence.size() ? 1 : 0),
                            static_cast<std::uint8_t>(rule.across_sentences ? 1 : 0),
                            0};
            for (const Phrase& phrase : group->second) {
                if (!speaks(rule, phrase) ||
                    (!wanted.empty() &&
                     std::find(wanted.begin(), wanted.end(), phrase.language) == wanted.end())) {
                    continue;
                }
                languages.insert(phrase.language);
                for (Source* source : TRY(sources_of(phrase, rule.where))) {
                    source->slots.push_back(slot);
                }
            }
        }
        return {};
    }

    // Everything that decides what is found, and not how the library spells it.
    std::string digest() const {
        CompiledRules bare = out_;
        bare.text_database.clear();
        bare.span_database.clear();
        std::string all = write_blob(bare);
        for (const auto& source : sources_) {
            all += source->expression + "\n";
        }
        return sha256_hex(all);
    }

    // The patterns a phrase stands for; each distinct one exists once.
    Result<std::vector<Source*>> sources_of(const Phrase& phrase, const std::string& owner) {
        std::vector<Source*> found;
        if (phrase.text.starts_with("re:")) {
            found.push_back(&source(phrase.text.substr(3), Pattern{}));
            return found;
        }
        for (std::string text : TRY(expand_braces(phrase.text))) {
            const bool prefix = text.ends_with('*');
            text = normalised_text(prefix ? text.substr(0, text.size() - 1) : text);
            if (text.size() < 2 || text.size() > Literals::kMaxBytes) {
                return fail(Code::invalid, fmt::format("{}: '{}' is too {}", owner, phrase.text,
                                                       text.size() < 2 ? "short" : "long"));
            }
            Pattern pattern;
            const bool wide = needs_wide_edges(text);
            pattern.flags = static_cast<std::uint8_t>(
                (has_edge(text) ? Pattern::kLeftEdge : 0) |
                (!prefix && has_edge(last_letter(text)) ? Pattern::kRightEdge : 0) |
                (wide ? Pattern::kWide : 0));
            Source& literal = source(expression_of(text), pattern);
            literal.literal = std::move(text);
            found.push_back(&literal);
        }
        return found;
    }

    Source& source(const std::string& expression, const Pattern& pattern) {
        const std::string key = fmt::format("{}\n{}", expression, pattern.flags);
        const auto [known, added] = known_.emplace(key, sources_.size());
        if (added) {
            sources_.push_back(std::make_unique<Source>(Source{expression, {}, pattern, {}}));
        }
        return *sources_[known->second];
    }

    Result<void> build() {
        if (sources_.size() > kMaxPatterns) {
            return fail(Code::invalid, "too many patterns");
        }
        // Literals first, as Literals wants them.
        std::sort(sources_.begin(), sources_.end(), [](const auto& a, const auto& b) {
            return std::tuple(a->literal.empty(), std::string_view(a->literal),
                              std::string_view(a->expression), a->pattern.flags) <
                   std::tuple(b->literal.empty(), std::string_view(b->literal),
                              std::string_view(b->expression), b->pattern.flags);
        });
        std::vector<unsigned> loose;
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            Source& source = *sources_[i];
            TRY(measure(source));
            Pattern& pattern = source.pattern;
            std::sort(source.slots.begin(), source.slots.end(),
                      [](const Slot& a, const Slot& b) { return a.part > b.part; });
            pattern.first_slot = static_cast<std::uint32_t>(out_.slots.size());
            if (source.slots.size() > 0xFFFF) {
                return fail(Code::invalid, "one phrase serves too many sequences");
            }
            pattern.slots = static_cast<std::uint16_t>(source.slots.size());
            out_.slots.insert(out_.slots.end(), source.slots.begin(), source.slots.end());
            out_.patterns.push_back(pattern);
            if (pattern.min_width != pattern.max_width) {
                loose.push_back(static_cast<unsigned>(i));
            }
        }
        TRY(build_text_database());
        if (!loose.empty()) {
            std::vector<std::string> expressions;
            for (const unsigned pattern : loose) {
                expressions.push_back(sources_[pattern]->expression);
            }
            out_.span_database = TRY(compile_database(expressions, loose, Reports::start_and_end));
        }
        return {};
    }

    // One expression for each head, then those that are no plain text; none at all where every
    // pattern is plain text.
    Result<void> build_text_database() {
        std::vector<std::string_view> literals;
        for (std::size_t i = 0; i < sources_.size() && !sources_[i]->literal.empty(); ++i) {
            literals.push_back(sources_[i]->literal);
        }
        out_.literals = Literals::of(literals);
        if (literals.size() == sources_.size()) {
            return {};
        }
        std::vector<std::string> expressions;
        for (const Literals::Head& head : out_.literals.heads) {
            expressions.push_back(expression_of(Literals::head_of(literals[head.first])));
        }
        for (std::size_t i = literals.size(); i < sources_.size(); ++i) {
            expressions.push_back(sources_[i]->expression);
        }
        std::vector<unsigned> ids(expressions.size());
        std::iota(ids.begin(), ids.end(), 0U);
        out_.text_database = TRY(compile_database(expressions, ids, Reports::end));
        return {};
    }

    static Result<void> measure(Source& source) {
        const ExpressionWidth width = TRY(width_of(source.expression));
        source.pattern.min_width = width.least;
        source.pattern.max_width = width.most;
        if (width.least == 0) {
            return fail(Code::invalid,
                        fmt::format("'{}' matches nothing at all", source.expression));
        }
        return {};
    }

    const Packs& packs_;
    CompiledRules out_;
    std::vector<std::unique_ptr<Source>> sources_;
    std::map<std::string, std::size_t> known_;
};

}  // namespace

Result<std::vector<std::string>> expand_braces(std::string_view phrase) {
    std::vector<std::string> out = {""};
    while (!phrase.empty()) {
        const std::size_t open = phrase.find('{');
        for (std::string& text : out) {
            text += phrase.substr(0, open);
        }
        if (open == std::string_view::npos) {
            break;
        }
        const std::size_t close = phrase.find('}', open);
        if (close == std::string_view::npos) {
            return fail(Code::invalid, fmt::format("'{}' lacks a closing brace", phrase));
        }
        std::string_view choices = phrase.substr(open + 1, close - open - 1);
        std::vector<std::string> next;
        for (bool more = true; more;) {
            const std::size_t bar = choices.find('|');
            for (const std::string& text : out) {
                next.push_back(text + std::string(choices.substr(0, bar)));
            }
            more = bar != std::string_view::npos;
            choices.remove_prefix(more ? bar + 1 : choices.size());
        }
        out = std::move(next);
        if (out.size() > kMaxExpansions) {
            return fail(Code::invalid, "a phrase stands for too many");
        }
        phrase.remove_prefix(close + 1);
    }
    return out;
}

Result<CompiledRules> compile_packs(const Packs& packs) {
    return Compiler(packs).run();
}

}  // namespace credence::guard
