#include "capabilities/guard/text/hidden.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "capabilities/guard/text/decode.h"
#include "capabilities/guard/text/fold_table.h"
#include "capabilities/guard/text/language.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxLevel = 8;  // overrides inside each other
constexpr std::size_t kMinBits = 40;  // five letters
constexpr std::size_t kMaxRunBytes = 16 * 1024;

template <typename Byte>
Rewritten reveal(std::string_view raw, Byte byte_of) {
    Rewriter out(raw);
    for (std::size_t at = 0; at < raw.size();) {
        const CodePoint point = decode_utf8(raw, at);
        const int byte = point.bytes > 2 ? byte_of(point.value) : -1;
        if (byte >= 0) {
            const char c = static_cast<char>(byte);
            out.skip_to(at);
            out.replace(std::string_view(&c, 1), at + point.bytes);
        }
        at += point.bytes;
    }
    return out.finish_here();
}

// 0 to 4 for the zero-width characters bits are written with, else -1.
int zero_width(char32_t c) {
    constexpr std::array<char32_t, 5> kZeroWidth = {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF};
    const auto found = std::find(kZeroWidth.begin(), kZeroWidth.end(), c);
    return found == kZeroWidth.end() ? -1 : static_cast<int>(found - kZeroWidth.begin());
}

enum class Control : std::uint8_t { none, turn, straight, neutral, pop };

Control control_of(char32_t c) {
    switch (c) {
        case 0x202E:
            return Control::turn;
        case 0x202D:
            return Control::straight;
        case 0x202A:
        case 0x202B:
        case 0x2066:
        case 0x2067:
        case 0x2068:
            return Control::neutral;
        case 0x202C:
        case 0x2069:
            return Control::pop;
        default:
            return Control::none;
    }
}

// Reads one outermost override and what is inside; the text as displayed.
class Override {
public:
    Override(std::string_view raw, std::size_t at) : raw_(raw), at_(at) {}

    std::string read() {
        const std::size_t limit = std::min(raw_.size(), at_ + kMaxRunBytes);
        while (at_ < limit && raw_[at_] != '\n') {
            const CodePoint point = decode_utf8(raw_, at_);
            const Control control = control_of(point.value);
            if (control == Control::none) {
                units_.push_back({at_, point.bytes, level()});
            }
            at_ += point.bytes;
            if (control == Control::pop && pop()) {
                break;
            }
            if (control != Control::none && control != Control::pop) {
                push(control);
            }
        }
        return reorder();
    }
    std::size_t end() const { return at_; }

private:
    struct Unit {
        std::size_t at;
        std::uint8_t bytes;
        std::size_t level;
    };

    std::size_t level() const { return levels_.empty() ? 0 : levels_.back(); }

    void push(Control control) {
        if (levels_.size() >= kMaxLevel) {
            ++too_deep_;
            return;
        }
        // An override from right to left takes the next odd level, everything else the next even.
        const std::size_t now = level();
        levels_.push_back(control == Control::turn ? (now + 1) | 1U : (now + 2) & ~std::size_t{1});
    }

    // True when the outermost one ends.
    bool pop() {
        if (too_deep_ > 0) {
            --too_deep_;
            return false;
        }
        levels_.pop_back();
        return levels_.empty();
    }

    std::string reorder() {
        for (std::size_t turn = 2 * kMaxLevel + 1; turn > 0; --turn) {
            for (std::size_t from = 0; from < units_.size();) {
                std::size_t to = from;
                while (to < units_.size() && units_[to].level >= turn) {
                    ++to;
                }
                std::reverse(units_.begin() + static_cast<std::ptrdiff_t>(from),
                             units_.begin() + static_cast<std::ptrdiff_t>(to));
                from = to + 1;
            }
        }
        std::string text;
        for (const Unit& unit : units_) {
            text.append(raw_.substr(unit.at, unit.bytes));
        }
        return text;
    }

    std::string_view raw_;
    std::size_t at_;
    std::vector<Unit> units_;
    std::vector<std::size_t> levels_;
    std::size_t too_deep_ = 0;
};

// What the letter looks like when the page is turned; 0: nothing special.
char upside_down(char32_t c) {
    constexpr std::array<std::pair<char32_t, char>, 30> kTurned = {
        {{0x0183, 'g'}, {0x0186, 'c'}, {0x018E, 'e'}, {0x01DD, 'e'}, {0x0250, 'a'}, {0x0253, 'g'},
         {0x0254, 'c'}, {0x0256, 'p'}, {0x025F, 'f'}, {0x0265, 'h'}, {0x0279, 'r'}, {0x027E, 'j'},
         {0x0287, 't'}, {0x028C, 'v'}, {0x028D, 'w'}, {0x028E, 'y'}, {0x029E, 'k'}, {0x026F, 'm'},
         {0x0131, 'i'}, {0x1D09, 'i'}, {0x1D19, 'r'}, {0x05DF, 'l'}, {0x02D9, '.'}, {0x0283, 'l'},
         {0x2C6F, 'a'}, {0x2132, 'f'}, {0x2141, 'g'}, {0x2142, 'l'}, {0x2144, 'y'}, {0x0245, 'v'}}};
    for (const auto& [shown, letter] : kTurned) {
        if (shown == c) {
            return letter;
        }
    }
    return 0;
}

// Ordinary letters that are others upside down.
char upside_down_ascii(char c) {
    constexpr std::string_view kFrom = "bdpqnu6M9W'";
    constexpr std::string_view kTo = "qpdbun9W6M,";
    const std::size_t at = kFrom.find(c);
    return at == std::string_view::npos ? c : kTo[at];
}

}  // namespace

Rewritten reveal_tags(std::string_view raw) {
    return reveal(raw, [](char32_t c) {
        return c >= 0xE0020 && c <= 0xE007E ? static_cast<int>(c - 0xE0000) : -1;
    });
}

Rewritten reveal_selectors(std::string_view raw) {
    return reveal(raw, [](char32_t c) {
        if (c >= 0xFE00 && c <= 0xFE0F) {
            return static_cast<int>(c - 0xFE00);
        }
        return c >= 0xE0100 && c <= 0xE01EF ? static_cast<int>(c - 0xE0100 + 16) : -1;
    });
}

Rewritten reveal_zero_width(std::string_view raw) {
    std::vector<std::uint8_t> kinds;
    std::array<std::size_t, 5> counts{};
    std::size_t first = raw.size();
    std::size_t last = 0;
    for (std::size_t at = 0; at < raw.size();) {
        const CodePoint point = decode_utf8(raw, at);
        const int kind = zero_width(point.value);
        if (kind >= 0) {
            kinds.push_back(static_cast<std::uint8_t>(kind));
            ++counts[static_cast<std::size_t>(kind)];
            first = std::min(first, at);
            last = at + point.bytes;
        }
        at += point.bytes;
    }
    if (kinds.size() < kMinBits) {
        return {};
    }
    const auto most =
        static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
    counts[most] = 0;
    const auto second =
        static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin());
    for (const std::size_t one : {most, second}) {
        std::string bytes;
        unsigned value = 0;
        unsigned bits = 0;
        for (const std::uint8_t kind : kinds) {
            if (kind != most && kind != second) {
                continue;
            }
            value = (value << 1U) | (kind == one ? 1U : 0U);
            if (++bits == 8) {
                bytes.push_back(static_cast<char>(value & 0xFFU));
                bits = 0;
            }
        }
        if (is_readable(bytes) && reads_like_text(bytes)) {
            Rewriter out(raw);
            out.skip_to(first);
            out.replace(bytes, last);
            return out.finish_here();
        }
    }
    return {};
}

Rewritten displayed_order(std::string_view raw) {
    Rewriter out(raw);
    for (std::size_t at = 0; (at = raw.find("\xE2\x80", at)) != std::string_view::npos;) {
        const bool override =
            at + 2 < raw.size() && (raw[at + 2] == '\xAE' || raw[at + 2] == '\xAD');
        if (!override) {
            at += 2;
            continue;
        }
        Override run(raw, at);
        const std::string text = run.read();
        out.copy_to(at);
        out.replace(text, run.end());
        at = run.end();
    }
    return out.finish();
}

Rewritten turn_upside_down(std::string_view raw) {
    Rewriter out(raw);
    for (std::size_t at = 0; at < raw.size();) {
        const CodePoint point = decode_utf8(raw, at);
        const char turned =
            point.value < 0x80 ? upside_down_ascii(raw[at]) : upside_down(point.value);
        if (turned != 0 && (point.value >= 0x80 || turned != raw[at])) {
            out.copy_to(at);
            if (point.value >= 0x80) {
                out.replace(std::string_view(&turned, 1), at + point.bytes);
            } else {
                out.skip_to(at + 1, std::string_view(&turned, 1));
            }
        }
        at += point.bytes;
    }
    return out.finish();
}

}  // namespace credence::guard
