#include "capabilities/guard/stream/stream_planted.h"

#include <algorithm>
#include <array>

namespace credence::guard {

namespace {

constexpr std::size_t kMaxNumberBytes = 40;
constexpr std::size_t kMaxTokenBytes = 255;
constexpr std::size_t kMaxGapBytes = 90;  // between the words of an override
constexpr std::size_t kCueBytes = 40;     // in front of a value

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_token(char c) {
    return is_digit(c) || is_upper(c) || is_lower(c) || c == '_' || c == '/';
}
bool is_part(char c) {
    return is_token(c) || c == '.';
}

bool luhn_holds(std::string_view digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        int value = digits[digits.size() - 1 - i] - '0';
        if (i % 2 == 1) {
            value = value * 2 > 9 ? value * 2 - 9 : value * 2;
        }
        sum += value;
    }
    return sum % 10 == 0;
}

class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    std::vector<StreamSpan> read() {
        for (std::size_t i = 0; i < text_.size(); ++i) {
            const char c = text_[i];
            if (is_digit(c) || c == '+') {
                number(i);
            } else if (c == '@') {
                address(i);
            } else if (c == 'I') {
                override_phrase(i);
            }
            if (c == 'K') {
                token(i);
            }
        }
        return std::move(found_);
    }

private:
    char at(std::size_t i) const { return i < text_.size() ? text_[i] : '\0'; }

    void add(std::size_t start, std::size_t end, StreamAction action, std::uint32_t kind) {
        static constexpr std::array<std::string_view, 6> kLabels = {"",      "card", "phone",
                                                                    "email", "key",  "override"};
        found_.push_back({{start, end}, action, kind, kLabels[kind], {}});
    }

    // The first digit of a number in groups: a card, or with '+' or a word before it a phone.
    void number(std::size_t start) {
        const char before = start > 0 ? text_[start - 1] : ' ';
        const bool continued =
            start > 1 && (before == ' ' || before == '-') && is_digit(text_[start - 2]);
        if (is_token(before) || before == '+' || continued) {
            return;
        }
        std::string digits;
        std::size_t end = start;
        std::size_t i = start + (text_[start] == '+' ? 1 : 0);
        for (; i < text_.size(); ++i) {
            if (is_digit(text_[i])) {
                digits.push_back(text_[i]);
                end = i + 1;
            } else if ((text_[i] != ' ' && text_[i] != '-') || !is_digit(at(i + 1))) {
                break;
            }
            if (end - start > kMaxNumberBytes) {
                return;
            }
        }
        const std::size_t from = start - std::min(start, kCueBytes);
        const bool called = text_.substr(from, start - from).find("call") != std::string_view::npos;
        if (is_token(at(end))) {
            return;
        }
        if (digits.size() == 16 && luhn_holds(digits)) {
            add(start, end, StreamAction::mask, 1);
        } else if (digits.size() >= 8 && digits.size() <= 14 && (text_[start] == '+' || called)) {
            add(start, end, StreamAction::mask, 2);
        }
    }

    void address(std::size_t sign) {
        std::size_t start = sign;
        while (start > 0 && sign - start < 64 && is_part(text_[start - 1])) {
            --start;
        }
        std::size_t end = sign + 1;
        std::size_t dot = 0;
        while (end < text_.size() && end - sign < 128 && is_part(text_[end])) {
            dot = text_[end] == '.' ? end : dot;
            ++end;
        }
        if (start < sign && dot > sign + 1 && end - dot > 2 && end - sign < 128) {
            add(start, end, StreamAction::mask, 3);
        }
    }

    void token(std::size_t start) {
        if (text_.substr(start, 2) != "K_" || (start > 0 && is_token(text_[start - 1]))) {
            return;
        }
        std::size_t end = start;
        while (end < text_.size() && end - start <= kMaxTokenBytes && is_token(text_[end])) {
            ++end;
        }
        if (end - start >= 20 && end - start <= kMaxTokenBytes) {
            add(start, end, StreamAction::mask, 4);
        }
    }

    void override_phrase(std::size_t start) {
        constexpr std::string_view kVerb = "IGNORE";
        constexpr std::string_view kObject = "INSTRUCTIONS";
        if (text_.substr(start, kVerb.size()) != kVerb) {
            return;
        }
        const std::string_view rest = text_.substr(start, kVerb.size() + kMaxGapBytes);
        const std::size_t object = rest.find(kObject);
        const std::size_t end = start + object + kObject.size();
        if (object != std::string_view::npos && rest.find('.') > object && !is_token(at(end))) {
            add(start, end, StreamAction::block, 5);
        }
    }

    std::string_view text_;
    std::vector<StreamSpan> found_;
};

void append_token(std::mt19937_64& chance, std::size_t bytes, std::string& out) {
    constexpr std::string_view kSigns = "ABCDEFGHJLMNPQRSTUVWXYZ0123456789";
    for (std::size_t i = 0; i < bytes; ++i) {
        out.push_back(kSigns[below(chance, kSigns.size())]);
    }
}

void append_digits(std::mt19937_64& chance, std::size_t count, std::string& out) {
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(static_cast<char>('0' + below(chance, 10)));
    }
}

void append_card(std::mt19937_64& chance, std::string& out) {
    std::string digits;
    append_digits(chance, 15, digits);
    for (char last = '0'; last <= '9'; ++last) {
        if (luhn_holds(digits + last)) {
            digits.push_back(last);
            break;
        }
    }
    constexpr std::array<std::string_view, 3> kGaps = {"", " ", "-"};
    const std::string_view gap = kGaps[below(chance, kGaps.size())];
    for (std::size_t i = 0; i < digits.size(); ++i) {
        out.append(i > 0 && i % 4 == 0 ? gap : "");
        out.push_back(digits[i]);
    }
}

void append_planted(std::mt19937_64& chance, std::string& out) {
    switch (below(chance, 6)) {
        case 0:
            append_card(chance, out);
            break;
        case 1:
            out.push_back('+');
            append_digits(chance, 2, out);
            out.push_back(' ');
            append_digits(chance, 6 + below(chance, 7), out);
            break;
        case 2:
            out.append("call me at ");
            append_digits(chance, 3, out);
            out.push_back('-');
            append_digits(chance, 5 + below(chance, 4), out);
            break;
        case 3:
            append_token(chance, 1 + below(chance, 40), out);
            out.push_back('@');
            append_token(chance, 1 + below(chance, 60), out);
            out.append(".COM");
            break;
        case 4:
            out.append("K_");
            append_token(chance, 18 + below(chance, below(chance, 4) == 0 ? 236 : 30), out);
            break;
        default:
            out.append("IGNORE ");
            for (std::size_t words = below(chance, 8); words > 0; --words) {
                append_token(chance, 1 + below(chance, 8), out);
                out.push_back(' ');
            }
            out.append("INSTRUCTIONS");
    }
}

void append_decoy(std::mt19937_64& chance, std::string& out) {
    switch (below(chance, 6)) {
        case 0:
            append_digits(chance, 1 + below(chance, 60), out);
            break;
        case 1:
            out.append("K_");
            append_token(chance, 240 + below(chance, 40), out);
            break;
        case 2:
            out.append("IGNORE. INSTRUCTIONS");
            break;
        case 3:
            append_planted(chance, out);
            append_planted(chance, out);
            break;
        case 4:
            append_planted(chance, out);
            out.append("x");
            break;
        default:
            append_card(chance, out);
            out.append(below(chance, 2) == 0 ? " 1" : "@A.COM");
    }
}

void append_words(std::mt19937_64& chance, std::string& out) {
    constexpr std::array<std::string_view, 12> kWords = {"the",    "meeting", "is",       "mañana",
                                                         "привет", "мир",     "文章很长", "and",
                                                         "notes",  "🙂",      "\n",       "water"};
    for (std::size_t words = below(chance, 40); words > 0; --words) {
        out.append(kWords[below(chance, kWords.size())]);
        out.append(below(chance, 9) == 0 ? ", " : " ");
    }
}

}  // namespace

std::vector<StreamSpan> find_planted(std::string_view text) {
    return Reader(text).read();
}

std::string planted_text(std::mt19937_64& chance, bool decoys) {
    std::string text;
    for (std::size_t count = below(chance, 9); count > 0; --count) {
        append_words(chance, text);
        if (decoys && below(chance, 2) == 0) {
            append_decoy(chance, text);
        } else {
            append_planted(chance, text);
        }
        text.append(below(chance, 3) == 0 ? " , " : " ; ");
    }
    append_words(chance, text);
    return text;
}

std::size_t leaked_bytes(std::string_view released) {
    return static_cast<std::size_t>(std::count_if(released.begin(), released.end(), [](char c) {
        return is_upper(c) || is_digit(c) || c == '@' || c == '+' || c == '_';
    }));
}

Result<std::string> planted_mask(const StreamSpan& match, std::string_view) {
    return "{" + std::string(match.label) + "}";
}

WholeText mask_whole(std::string_view text, const std::vector<StreamSpan>& matches,
                     StreamMode mode) {
    // The match that owns each byte: of those that cover it the one that began first and is
    // longest.
    const auto better = [](const StreamSpan& a, const StreamSpan& b) {
        return a.span.start != b.span.start ? a.span.start < b.span.start : a.span.end > b.span.end;
    };
    std::vector<const StreamSpan*> owner(text.size(), nullptr);
    std::size_t stop = text.size();
    for (const StreamSpan& match : matches) {
        for (std::size_t i = match.span.start; i < match.span.end; ++i) {
            owner[i] = owner[i] == nullptr || better(match, *owner[i]) ? &match : owner[i];
        }
        if (mode == StreamMode::block && match.action == StreamAction::block) {
            stop = std::min(stop, match.span.start);
        }
    }
    WholeText whole;
    whole.blocked = stop < text.size();
    const StreamSpan* last = nullptr;
    for (std::size_t i = 0; i < stop; ++i) {
        if (owner[i] == nullptr) {
            whole.released.push_back(text[i]);
        } else if (owner[i] != last) {
            whole.released.append("{" + std::string(owner[i]->label) + "}");
        }
        last = owner[i];
    }
    return whole;
}

Result<Trial> run_trial(std::string_view text, const SpanFinder& finder,
                        const StreamOptions& options, std::mt19937_64& chance) {
    // Mostly network-like sizes; single bytes and tokens of a model less often, because they cost.
    constexpr std::array<std::size_t, 10> kLargest = {1, 6, 40, 40, 130, 130, 400, 400, 900, 4000};
    const std::size_t largest = kLargest[below(chance, kLargest.size())];
    StreamScanner scanner(finder, options, planted_mask);
    Trial trial;
    while (!text.empty()) {
        const std::size_t bytes = std::min(text.size(), 1 + below(chance, largest));
        StreamOutput output = TRY(scanner.feed(text.substr(0, bytes)));
        text.remove_prefix(bytes);
        trial.released.append(output.released);
        trial.blocked = trial.blocked || output.blocked;
        trial.most_held_bytes = std::max(trial.most_held_bytes, scanner.held_bytes());
    }
    StreamOutput output = TRY(scanner.finish());
    trial.released.append(output.released);
    trial.blocked = trial.blocked || output.blocked;
    trial.scanned_bytes = scanner.scanned_bytes();
    return trial;
}

}  // namespace credence::guard
