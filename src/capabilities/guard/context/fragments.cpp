#include "capabilities/guard/context/fragments.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "capabilities/guard/text/normalise.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxVariableBytes = 32;
constexpr std::size_t kMaxJoiner = 12;
constexpr std::size_t kMaxBareValue = 80;
constexpr std::size_t kRefusalBytes = 300;

bool is_name_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

using Variables = std::map<std::string, std::string, std::less<>>;

// Reads terms (names that are known, literals) and what joins them.
class Assembler {
public:
    explicit Assembler(std::string_view text) : text_(text) {}

    std::string run() {
        while (at_ < text_.size() && out_.size() < kMaxAssembledBytes) {
            if (const auto literal = read_literal()) {
                add_term(*literal, literal_joined_);
            } else if (is_name_byte(text_[at_])) {
                read_name();
            } else {
                read_joiner();
            }
        }
        flush();
        return std::move(out_);
    }

private:
    // Without its quotes; names in braces or behind $ are replaced by their values.
    std::optional<std::string> read_literal() {
        const char quote = text_[at_];
        if (quote != '"' && quote != '\'' && quote != '`') {
            return std::nullopt;
        }
        // An apostrophe inside a word opens nothing.
        if (at_ > 0 && quote == '\'' && is_name_byte(text_[at_ - 1])) {
            return std::nullopt;
        }
        const std::size_t end = text_.substr(0, at_ + 1 + kMaxVariableBytes).find(quote, at_ + 1);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        std::string value = interpolated(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return value;
    }

    std::string interpolated(std::string_view literal) {
        literal_joined_ = false;
        std::string value;
        for (std::size_t i = 0; i < literal.size();) {
            std::size_t name = i;
            while (name < literal.size() && (literal[name] == '$' || literal[name] == '{')) {
                ++name;
            }
            std::size_t end = name;
            while (end < literal.size() && is_name_byte(literal[end])) {
                ++end;
            }
            const auto known = variables_.find(literal.substr(name, end - name));
            if (name > i && end > name && known != variables_.end()) {
                value += known->second;
                i = end + (end < literal.size() && literal[end] == '}' ? 1 : 0);
                literal_joined_ = true;
            } else {
                value += literal[i++];
            }
        }
        value.resize(std::min(value.size(), kMaxVariableBytes));
        return value;
    }

    void read_name() {
        const std::size_t start = at_;
        while (at_ < text_.size() && is_name_byte(text_[at_])) {
            ++at_;
        }
        const std::string_view name = text_.substr(start, at_ - start);
        if (name.size() <= kMaxVariableBytes && read_assignment(name)) {
            return;
        }
        if (const auto known = variables_.find(name); known != variables_.end()) {
            add_term(known->second, false);
        } else if (name != "and" && name != "then") {
            flush();
            target_.clear();
        }
    }

    // "= value" and the like behind a name. What stands to the right is read as terms, which the
    // name gets when they end.
    bool read_assignment(std::string_view name) {
        std::size_t next = at_;
        while (next < text_.size() && is_blank(text_[next])) {
            ++next;
        }
        const std::string_view rest = text_.substr(next);
        std::size_t sign = 0;
        bool bare = false;
        if (rest.starts_with(":=")) {
            sign = 2;
            bare = true;
        } else if (rest.starts_with("=") && !rest.starts_with("==")) {
            sign = 1;
            bare = true;
        } else if (rest.starts_with("is ") || rest.starts_with("be ")) {
            sign = 2;
        } else if (rest.starts_with(":")) {
            sign = 1;
        } else {
            return false;
        }
        next += sign;
        while (next < text_.size() && is_blank(text_[next])) {
            ++next;
        }
        const bool literal = next < text_.size() &&
                             (text_[next] == '"' || text_[next] == '\'' || text_[next] == '`');
        if (!literal && !bare) {
            return false;
        }
        flush();
        at_ = next;
        target_ = name;
        if (!literal) {
            read_bare_value();
        }
        return true;
    }

    // "a = ign" up to the end of the line, unless it is an expression.
    void read_bare_value() {
        const std::size_t most = std::min(text_.size(), at_ + kMaxBareValue);
        std::size_t end = at_;
        while (end < most && text_[end] != '\n' && text_[end] != ';' && text_[end] != ',') {
            ++end;
        }
        std::string_view value = text_.substr(at_, end - at_);
        if (value.find_first_of("+(\"'`{$") != std::string_view::npos) {
            return;
        }
        std::size_t word = 0;
        while (word < value.size() && is_name_byte(value[word])) {
            ++word;
        }
        if (variables_.contains(value.substr(0, word))) {
            return;
        }
        at_ = end;
        while (!value.empty() && is_blank(value.back())) {
            value.remove_suffix(1);
        }
        term_ = value;
        terms_ = 1;
        flush();
    }

    void read_joiner() {
        constexpr std::string_view kJoiners = "+.,&~|()[]{}$";
        const char c = text_[at_++];
        const bool ends = c == '\n' || c == ';' || kJoiners.find(c) == std::string_view::npos;
        if (is_blank(c) || !ends) {
            if (++joiner_ > kMaxJoiner) {
                flush();
            }
            return;
        }
        flush();
        target_.clear();
    }

    void add_term(const std::string& value, bool joined) {
        term_ += value;
        term_.resize(std::min(term_.size(), kMaxVariableBytes));
        terms_ += joined ? 2 : 1;
        joiner_ = 0;
    }

    // Ends an expression.
    void flush() {
        if (terms_ > 0 && !target_.empty() &&
            (variables_.size() < kMaxVariables || variables_.contains(target_))) {
            variables_[target_] = term_;
            target_.clear();
        }
        if (terms_ > 1) {
            out_ += term_;
            out_ += '\n';
        }
        term_.clear();
        terms_ = 0;
        joiner_ = 0;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Variables variables_;
    std::string target_;  // the name that gets the expression
    std::string term_;
    std::size_t terms_ = 0;
    std::size_t joiner_ = 0;
    bool literal_joined_ = false;
    std::string out_;
};

std::int64_t hash_of(std::string_view word) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char c : word) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    }
    return static_cast<std::int64_t>(hash >> 12);
}

// In normalised text. Only what opens an answer counts.
constexpr std::array<std::string_view, 46> kRefusals{"i can't",
                                                     "i cannot",
                                                     "i can not",
                                                     "i won't",
                                                     "i will not",
                                                     "i'm sorry, but",
                                                     "i am sorry, but",
                                                     "i'm unable",
                                                     "i am unable",
                                                     "i'm not able to",
                                                     "i am not able to",
                                                     "as an ai",
                                                     "i must decline",
                                                     "i'm afraid i",
                                                     "cannot assist",
                                                     "can't assist",
                                                     "can't help with",
                                                     "cannot help with",
                                                     "not something i can",
                                                     "against my guidelines",
                                                     "no puedo ayudar",
                                                     "lo siento, pero no",
                                                     "no puedo",
                                                     "je ne peux pas",
                                                     "je suis desole",
                                                     "ich kann dir dabei nicht",
                                                     "ich kann nicht",
                                                     "ich kann das nicht",
                                                     "es tut mir leid",
                                                     "nao posso",
                                                     "sinto muito, mas",
                                                     "non posso",
                                                     "mi dispiace, ma",
                                                     "ik kan je niet",
                                                     "nie moge",
                                                     "не могу",
                                                     "не можу",
                                                     "yapamam",
                                                     "yardimci olamam",
                                                     "لا أستطيع",
                                                     "لا استطيع",
                                                     "我不能",
                                                     "我无法",
                                                     "抱歉",
                                                     "できません",
                                                     "할 수 없"};

}  // namespace

std::string assembled(std::string_view text) {
    return Assembler(text).run();
}

std::vector<std::int64_t> word_sketch(std::string_view normalised) {
    constexpr std::size_t kLeastBytes = 4;
    constexpr std::size_t kPairBytes = 6;  // of characters of three bytes
    constexpr std::size_t kLongWord = 12;
    constexpr std::size_t kMaxHashes = 1024;
    std::vector<std::int64_t> hashes;
    std::size_t at = 0;
    while (at < normalised.size() && hashes.size() < kMaxHashes) {
        const auto is_word = [&](std::size_t i) {
            return is_name_byte(normalised[i]) ||
                   (static_cast<unsigned char>(normalised[i]) & 0x80U) != 0;
        };
        std::size_t end = at;
        while (end < normalised.size() && is_word(end)) {
            ++end;
        }
        const std::string_view word = normalised.substr(at, end - at);
        const bool wide = !word.empty() && static_cast<unsigned char>(word[0]) >= 0xE0;
        if (wide && word.size() >= kLongWord) {
            for (std::size_t i = 0; i + kPairBytes <= word.size(); i += 3) {
                hashes.push_back(hash_of(word.substr(i, kPairBytes)));
            }
        } else if (word.size() >= kLeastBytes) {
            hashes.push_back(hash_of(word));
        }
        at = std::max(end, at + 1);
    }
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    // The smallest hashes of two texts are comparable (Broder 1997).
    hashes.resize(std::min(hashes.size(), kMaxSketch));
    return hashes;
}

double sketch_overlap(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
    constexpr std::size_t kLeastShared = 2;
    std::vector<std::int64_t> shared;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(shared));
    if (shared.size() < kLeastShared) {
        return 0;
    }
    return static_cast<double>(shared.size()) / static_cast<double>(std::min(a.size(), b.size()));
}

bool is_refusal(std::string_view text) {
    std::string_view head = text.substr(0, kRefusalBytes);
    const std::string normalised = normalised_text(head);
    return std::any_of(kRefusals.begin(), kRefusals.end(), [&](std::string_view phrase) {
        return normalised.find(phrase) != std::string::npos;
    });
}

}  // namespace credence::guard
