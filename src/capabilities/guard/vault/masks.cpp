#include "capabilities/guard/vault/masks.h"

#include <algorithm>
#include <array>

#include "capabilities/guard/pii/pii_kinds.h"

namespace credence::guard {

namespace {

constexpr std::string_view kSecret = "SECRET";
constexpr std::string_view kValue = "VALUE";
constexpr std::array<std::string_view, kCategories> kRemoved = {"[REMOVED_PROMPT_INJECTION]",
                                                                "[REMOVED_JAILBREAK]",
                                                                "[REMOVED_PROMPT_LEAK]",
                                                                "[REMOVED_TOOL_POISONING]",
                                                                "[REMOVED_CODE_EXECUTION]",
                                                                "[REMOVED_SECRETS]",
                                                                "[REMOVED_PII]"};

// "[EMAIL]" -> "EMAIL".
std::string_view bare(std::string_view mask) {
    return mask.substr(1, mask.size() - 2);
}

const std::vector<std::string_view>& labels() {
    static const std::vector<std::string_view> all = [] {
        std::vector<std::string_view> list = {kSecret, kValue};
        for (const PiiKind& kind : pii_kinds()) {
            list.push_back(bare(kind.mask));
        }
        std::sort(list.begin(), list.end());
        list.erase(std::unique(list.begin(), list.end()), list.end());
        return list;
    }();
    return all;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
}
bool same(std::string_view text, std::string_view word) {
    return text.size() == word.size() &&
           std::equal(text.begin(), text.end(), word.begin(),
                      [](char a, char b) { return upper(a) == upper(b); });
}

bool is_tag_letter(char c) {
    return upper(c) >= 'A' && upper(c) <= 'P';
}

bool is_number(std::string_view tail) {
    return !tail.empty() && tail.size() <= 6 && tail.front() != '0' &&
           std::all_of(tail.begin(), tail.end(), is_digit);
}

bool is_tag(std::string_view tail) {
    return tail.size() == kMaskTagLetters && std::all_of(tail.begin(), tail.end(), is_tag_letter);
}

// "EMAIL_1" -> "[EMAIL_1]"; nothing unless the label is known and the tail is a number or a tag.
std::optional<std::string> mask_of_body(std::string_view body) {
    const std::size_t cut = body.rfind('_');
    if (cut == std::string_view::npos || !is_mask_label(body.substr(0, cut))) {
        return std::nullopt;
    }
    std::string tail(body.substr(cut + 1));
    if (is_number(tail)) {
        return "[" + std::string(body.substr(0, cut + 1)) + tail + "]";
    }
    if (!is_tag(tail)) {
        return std::nullopt;
    }
    std::transform(tail.begin(), tail.end(), tail.begin(),
                   [](char c) { return static_cast<char>(upper(c) | 0x20); });
    return "[" + std::string(body.substr(0, cut + 1)) + tail + "]";
}

// Whether more letters could make a mask of it.
bool may_grow(std::string_view body) {
    return std::any_of(labels().begin(), labels().end(), [&](std::string_view label) {
        if (body.size() <= label.size()) {
            return label.starts_with(body);
        }
        if (!body.starts_with(label) || body[label.size()] != '_') {
            return false;
        }
        const std::string_view tail = body.substr(label.size() + 1);
        return tail.empty() || is_number(tail) ||
               (tail.size() <= kMaskTagLetters &&
                std::all_of(tail.begin(), tail.end(), is_tag_letter));
    });
}

struct Bracket {
    std::string_view open;
    std::string_view close;
    MaskSpelling spelling;
};
constexpr std::array<Bracket, 9> kBrackets = {{
    {"[", "]", MaskSpelling::plain},
    {"\\[", "\\]", MaskSpelling::plain},
    {"\\\\[", "\\\\]", MaskSpelling::plain},
    {"%5B", "%5D", MaskSpelling::percent},
    {"\\u005b", "\\u005d", MaskSpelling::json_escape},
    {"&#91;", "&#93;", MaskSpelling::entity},
    {"&lsqb;", "&rsqb;", MaskSpelling::entity},
    {"&lbrack;", "&rbrack;", MaskSpelling::entity},
    {"\xEF\xBC\xBB", "\xEF\xBC\xBD", MaskSpelling::plain},
}};

// Reads one mask between one kind of brackets.
class Reader {
public:
    Reader(std::string_view text, bool more)
        : text_(text.substr(0, kMaxMaskBytes)), more_(more && text.size() < kMaxMaskBytes) {}

    ReadMask read(const Bracket& bracket) {
        at_ = 0;
        if (!take(bracket.open)) {
            return unfinished(bracket.open, "");
        }
        std::string body;
        bool ending = false;  // emphasis or a blank came: only those and the bracket may follow
        while (at_ < text_.size()) {
            if (take(bracket.close)) {
                const auto mask = mask_of_body(body);
                return mask ? ReadMask{ReadMask::State::whole, at_, *mask, bracket.spelling}
                            : ReadMask{};
            }
            const char c = upper(text_[at_]);
            const bool filler = c == '*' || c == '`' || c == ' ';
            if (!ending && (is_upper(c) || is_digit(c))) {
                body.push_back(c);
                ++at_;
            } else if (!ending && separator(body)) {
                body.push_back('_');
            } else if (filler) {
                ending = !body.empty();
                ++at_;
            } else {
                return unfinished(bracket.close, body);
            }
        }
        return more_ && may_grow(body) ? ReadMask{ReadMask::State::partial, 0, {}, {}} : ReadMask{};
    }

private:
    bool take(std::string_view word) {
        if (!same(text_.substr(at_, word.size()), word)) {
            return false;
        }
        at_ += word.size();
        return true;
    }

    // An underscore, or a hyphen or blank for one, between letters.
    bool separator(std::string_view body) {
        if (body.empty() || body.back() == '_') {
            return false;
        }
        for (const std::string_view spelled : {"_", "-", "\\_", "\\\\_", "%5F"}) {
            if (take(spelled)) {
                return true;
            }
        }
        const char next = at_ + 1 < text_.size() ? upper(text_[at_ + 1]) : '\0';
        return text_[at_] == ' ' && (is_upper(next) || is_digit(next)) && take(" ");
    }

    // The text ends inside a bracket, or inside an escaped underscore.
    ReadMask unfinished(std::string_view bracket, std::string_view body) const {
        const std::string_view rest = text_.substr(at_);
        const bool begun =
            rest.size() < bracket.size() && same(rest, bracket.substr(0, rest.size()));
        const bool escape = rest == "\\" || rest == "\\\\" || rest == "%" || same(rest, "%5");
        return more_ && (begun || (escape && !body.empty())) && may_grow(body)
                   ? ReadMask{ReadMask::State::partial, 0, {}, {}}
                   : ReadMask{};
    }

    std::string_view text_;
    bool more_;
    std::size_t at_ = 0;
};

// Exactly as masks are written.
std::size_t strict_mask_bytes(std::string_view text) {
    const std::size_t close = text.substr(0, kMaxMaskBytes).find(']');
    if (close == std::string_view::npos || close < 2) {
        return 0;
    }
    const std::string_view whole = text.substr(0, close + 1);
    if (is_mask_label(bare(whole)) ||
        std::find(kRemoved.begin(), kRemoved.end(), whole) != kRemoved.end()) {
        return whole.size();
    }
    const auto mask = mask_of_body(bare(whole));
    return mask && *mask == whole ? whole.size() : 0;
}

}  // namespace

std::string_view mask_label(Detector detector) {
    const PiiKind* kind = pii_kind(detector);
    return kind == nullptr ? kSecret : bare(kind->mask);
}

bool is_mask_label(std::string_view label) {
    return std::binary_search(labels().begin(), labels().end(), label);
}

std::string number_mask(std::string_view label, std::int64_t number) {
    return "[" + std::string(label) + "_" + std::to_string(number) + "]";
}

std::string hash_mask(std::string_view label, std::span<const std::uint8_t> tag) {
    std::string mask = "[" + std::string(label) + "_";
    for (const std::uint8_t byte : tag) {
        mask.push_back(static_cast<char>('a' + (byte >> 4U)));
        mask.push_back(static_cast<char>('a' + (byte & 15U)));
    }
    return mask + "]";
}

std::string redact_mask(std::string_view label) {
    return "[" + std::string(label) + "]";
}

std::string removed_mask(Category category) {
    return std::string(kRemoved[static_cast<std::size_t>(category)]);
}

std::vector<ByteSpan> find_masks(std::string_view text) {
    std::vector<ByteSpan> found;
    std::size_t at = text.find('[');
    while (at != std::string_view::npos) {
        const std::size_t bytes = strict_mask_bytes(text.substr(at));
        if (bytes > 0) {
            found.push_back({at, at + bytes});
        }
        at = text.find('[', at + std::max<std::size_t>(bytes, 1));
    }
    return found;
}

bool may_begin_mask(char c) {
    return c == '[' || c == '\\' || c == '%' || c == '&' || c == '\xEF';
}

ReadMask read_mask(std::string_view text, bool more) {
    ReadMask partial;
    if (text.empty() || !may_begin_mask(text.front())) {
        return partial;
    }
    Reader reader(text, more);
    for (const Bracket& bracket : kBrackets) {
        if (bracket.open.front() != text.front()) {
            continue;
        }
        ReadMask read = reader.read(bracket);
        if (read.state == ReadMask::State::whole) {
            return read;
        }
        if (read.state == ReadMask::State::partial) {
            partial = std::move(read);
        }
    }
    return partial;
}

std::vector<std::string> masks_in(std::string_view text, std::size_t limit) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text.size();) {
        ReadMask read = read_mask(text.substr(at), false);
        at += read.state == ReadMask::State::whole ? read.bytes : 1;
        if (read.state == ReadMask::State::whole) {
            found.push_back(std::move(read.mask));
        }
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    found.resize(std::min(found.size(), limit));
    return found;
}

}  // namespace credence::guard
