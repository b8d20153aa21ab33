#include "capabilities/guard/text/look.h"

#include <emmintrin.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "capabilities/guard/text/byte_set.h"

namespace credence::guard {

namespace {

constexpr std::size_t kBlock = 64;

// One bit a byte.
using Bits = std::uint64_t;

class Block {
public:
    explicit Block(const char* bytes) {
        for (std::size_t i = 0; i < 4; ++i) {
            parts_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + i * 16));
        }
    }
    Bits equal(char wanted) const {
        const __m128i value = _mm_set1_epi8(wanted);
        return each([&](__m128i part) { return _mm_cmpeq_epi8(part, value); });
    }
    // low <= byte <= high, both ASCII.
    Bits between(char low, char high) const {
        const __m128i below = _mm_set1_epi8(static_cast<char>(low - 1));
        const __m128i above = _mm_set1_epi8(static_cast<char>(high + 1));
        return each([&](__m128i part) {
            return _mm_and_si128(_mm_cmpgt_epi8(part, below), _mm_cmplt_epi8(part, above));
        });
    }
    Bits high() const {
        return each([](__m128i part) { return part; });
    }

private:
    template <typename Compare>
    Bits each(Compare compare) const {
        Bits bits = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            bits |=
                static_cast<Bits>(static_cast<std::uint32_t>(_mm_movemask_epi8(compare(parts_[i]))))
                << (16 * i);
        }
        return bits;
    }

    __m128i parts_[4];
};

// What the block before leaves to the next one.
struct Carry {
    Bits letters = 0;
    Bits lower = 0;
    Bits separators = ~Bits{0};  // the text begins as if after a blank
    Bits alone = 0;
    Bits dashes = 0;
    Bits underscores = 0;
    Bits capital_u = 0;
    Bits figures = 0;
};

Bits after(Bits bits, Bits before, unsigned by) {
    return (bits << by) | (before >> (64U - by));
}

std::size_t count(Bits bits) {
    // Mostly none; and plain x86-64 has no instruction for it.
    return bits == 0 ? 0 : static_cast<std::size_t>(std::popcount(bits));
}

void look_at_block(const Block& block, Carry& carry, Look& look) {
    const Bits lower = block.between('a', 'z');
    const Bits upper = block.between('A', 'Z');
    const Bits letters = lower | upper;
    const Bits digits = block.between('0', '9');
    const Bits blanks = block.equal(' ');
    const Bits signs = ~(letters | digits | blanks);
    look.digits += count(digits);
    look.case_turns += count(upper & after(lower | digits, carry.lower, 1));
    Bits separators = blanks;
    Bits dashes = 0;
    Bits underscores = 0;
    Bits figures = digits;
    const Bits dots = signs == 0 ? 0 : block.equal('.');
    const Bits commas = signs == 0 ? 0 : block.equal(',');
    // Prose has hardly any other signs.
    if ((signs & ~(dots | commas)) == 0) {
        dashes = dots;
        separators |= dots | commas;
        look.dots_and_dashes += count(dashes & after(dashes, carry.dashes, 1));
    } else {
        figures |= block.equal('@') | block.equal('$') | block.equal('!') | block.equal('|');
        const Bits stars = block.equal('*') | block.equal('~');
        underscores = block.equal('_');
        dashes = dots | block.equal('-') | underscores;
        separators |= block.between('*', '/') | block.between(':', ';') | underscores | stars |
                      block.equal('|') | block.equal('\n');
        look.percents += count(block.equal('%'));
        look.ampersands += count(block.equal('&'));
        look.backslashes += count(block.equal('\\'));
        look.code_points += count(block.equal('+') & after(block.equal('U'), carry.capital_u, 1));
        look.dots_and_dashes += count(dashes & after(dashes, carry.dashes, 1));
        const Bits after_letter = after(letters, carry.letters, 1);
        look.tags_in_words += count(block.equal('<') & after_letter);
        look.marks_in_words += count(((stars | block.equal('`')) & after_letter) |
                                     (underscores & after(underscores, carry.underscores, 1)));
        look.high = look.high || block.high() != 0;
    }
    look.figures_in_words += count((figures & after(letters, carry.letters, 1)) |
                                   (letters & after(figures, carry.figures, 1)));
    const Bits alone =
        separators & after(letters, carry.letters, 1) & after(separators, carry.separators, 2);
    look.separated = look.separated ||
                     (alone & after(alone, carry.alone, 2) & after(alone, carry.alone, 4)) != 0;
    carry = {letters, lower | digits, separators,       alone,
             dashes,  underscores,    block.equal('U'), figures};
}

bool is_blank_or_sign(char c) {
    static constexpr auto kBytes = byte_set(" .-_*|/~+,;:\n");
    return kBytes[static_cast<unsigned char>(c)];
}

// Three letters that are not ASCII, each alone between separators.
bool wide_letters_apart(std::string_view text) {
    std::size_t found = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<unsigned char>(text[at]);
        if (lead < 0xC0) {
            ++at;
            continue;
        }
        const std::size_t next = at + (lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U);
        const bool alone = (at == 0 || is_blank_or_sign(text[at - 1])) &&
                           (next >= text.size() || is_blank_or_sign(text[next]));
        found = alone ? found + 1 : 0;
        if (found >= 3) {
            return true;
        }
        at = next;
    }
    return false;
}

}  // namespace

Look look_at(std::string_view text) {
    Look look;
    Carry carry;
    std::size_t at = 0;
    for (; at + kBlock <= text.size(); at += kBlock) {
        look_at_block(Block(text.data() + at), carry, look);
    }
    std::array<char, kBlock> rest;
    rest.fill(' ');
    std::memcpy(rest.data(), text.data() + at, text.size() - at);
    look_at_block(Block(rest.data()), carry, look);
    look.separated = look.separated || (look.high && wide_letters_apart(text));
    return look;
}

}  // namespace credence::guard
