#include "capabilities/guard/vault/invisible.h"

#include <cstdint>

namespace credence::guard {

namespace {

struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
    bool valid = true;
};

Character character_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const unsigned first = byte(at);
    if (first < 0x80) {
        return {first, 1, true};
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4) {
        return {0xFFFD, 1, false};
    }
    char32_t code = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const unsigned next = byte(at + i);
        if ((next & 0xC0U) != 0x80U) {
            return {0xFFFD, 1, false};
        }
        code = (code << 6U) | (next & 0x3FU);
    }
    return {code, length, true};
}

bool between(char32_t code, char32_t first, char32_t last) {
    return code >= first && code <= last;
}

bool is_control(char32_t code) {
    return (code < 0x20 && code != '\n' && code != '\t' && code != '\r') ||
           between(code, 0x7F, 0x9F);
}

// Never shown and never needed.
bool is_hidden(char32_t code) {
    return is_control(code) || code == 0xAD || code == 0x34F || code == 0x61C || code == 0x115F ||
           code == 0x1160 || code == 0x180E || code == 0x200B || code == 0x200E || code == 0x200F ||
           between(code, 0x202A, 0x202E) || between(code, 0x2060, 0x206F) || code == 0x3164 ||
           code == 0xFEFF || code == 0xFFA0 || between(code, 0xFFF9, 0xFFFB) ||
           between(code, 0x1D173, 0x1D17A) || between(code, 0xE0080, 0xE0FFF) || code == 0xE0000 ||
           code == 0xE0001;
}

bool is_joiner(char32_t code) {
    return code == 0x200C || code == 0x200D;
}
bool is_selector(char32_t code) {
    return between(code, 0xFE00, 0xFE0F) || between(code, 0x180B, 0x180D);
}
bool is_tag(char32_t code) {
    return between(code, 0xE0002, 0xE007F);
}

// What a joiner may stand between: letters of Arabic, Indic and other scripts, and emoji.
bool joins(char32_t code) {
    return code >= 0x590 && !is_joiner(code) && !is_hidden(code) && !is_tag(code);
}
bool selects(char32_t code) {
    return joins(code) && !is_selector(code);
}

class Stripper {
public:
    explicit Stripper(std::string_view text) : text_(text) {}

    std::string strip() {
        out_.reserve(text_.size());
        while (at_ < text_.size()) {
            const Character next = character_at(text_, at_);
            if (next.code == 0x1F3F4 && flag_bytes() > 0) {
                keep(next.code, flag_bytes());
            } else if (kept(next)) {
                keep(next.code, next.bytes);
            } else {
                at_ += next.bytes;
            }
        }
        return std::move(out_);
    }

private:
    bool kept(const Character& next) const {
        if (!next.valid) {
            return true;
        }
        if (is_hidden(next.code) || is_tag(next.code)) {
            return false;
        }
        if (is_joiner(next.code)) {
            return joins(before_) && joins(visible_after(at_ + next.bytes));
        }
        if (is_selector(next.code)) {
            return selects(before_) ||
                   (next.code == 0xFE0F && visible_after(at_ + next.bytes) == 0x20E3);
        }
        return true;
    }

    // The next character that is sure to stay; looks at most a few characters far.
    char32_t visible_after(std::size_t at) const {
        for (int i = 0; i < kLookahead && at < text_.size(); ++i) {
            const Character next = character_at(text_, at);
            if (!is_hidden(next.code) && !is_tag(next.code) && !is_joiner(next.code) &&
                !is_selector(next.code)) {
                return next.valid ? next.code : 0;
            }
            at += next.bytes;
        }
        return 0;
    }

    // A black flag, up to six tag letters, the cancel tag: the flag of a region. 0 when it is none.
    std::size_t flag_bytes() const {
        std::size_t at = at_ + 4;
        for (int i = 0; i < 7; ++i) {
            const Character next = character_at(text_, at);
            at += next.bytes;
            if (next.code == 0xE007F) {
                return i > 2 ? at - at_ : 0;
            }
            if (!between(next.code, 0xE0030, 0xE007A)) {
                return 0;
            }
        }
        return 0;
    }

    void keep(char32_t code, std::size_t bytes) {
        out_.append(text_, at_, bytes);
        at_ += bytes;
        before_ = code;
    }

    static constexpr int kLookahead = 8;
    std::string_view text_;
    std::string out_;
    std::size_t at_ = 0;
    char32_t before_ = 0;  // the latest character kept
};

}  // namespace

std::string without_invisible(std::string_view text) {
    return Stripper(text).strip();
}

}  // namespace credence::guard
