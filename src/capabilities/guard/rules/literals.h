// Patterns that are plain text, found by their first bytes (head), which those that begin alike
// share; what follows tells them apart. HeadIndex finds the heads; where there are expressions
// beside the literals, each head is one expression of the same database.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace credence::guard {

// Immutable once made; thread-safe.
struct Literals {
    static constexpr std::size_t kHeadBytes = 8;  // the matcher compares as many without a detour

    // Literals that begin with the same kHeadBytes, or are shorter and the same.
    struct Head {
        std::uint32_t first = 0;  // of its literals
        std::uint32_t count = 0;
        std::uint32_t at = 0;  // in `bytes`
        std::uint32_t size = 0;
    };
    // What follows the head.
    struct Tail {
        std::uint32_t at = 0;  // in `bytes`
        std::uint16_t size = 0;
        // So many places before it stands the longest literal that it begins with; 0: none.
        std::uint16_t shorter = 0;
    };

    // Of texts in ascending order (which may repeat), none longer than kMaxBytes.
    static constexpr std::size_t kMaxBytes = 4096;
    static Literals of(std::span<const std::string_view> texts);
    static std::string_view head_of(std::string_view text) { return text.substr(0, kHeadBytes); }
    std::string_view head(std::size_t index) const {
        return std::string_view(bytes).substr(heads[index].at, heads[index].size);
    }
    // Whether every index lies where it must.
    bool sound() const;

    // Calls found(literal, end) for every literal that stands in `text` with this head, which ends
    // at `end`; the longest first. Logarithmic in the literals of the head.
    template <class Found>
    void each(std::size_t head, std::string_view text, std::size_t end, const Found& found) const {
        const std::string_view rest = text.substr(end);
        // Most heads are those of one literal.
        std::uint32_t literal =
            heads[head].count == 1 ? heads[head].first : last_not_after(heads[head], rest);
        while (literal != kNone && !begins(rest, tail(literal))) {
            literal = shorter(literal);
        }
        for (; literal != kNone; literal = shorter(literal)) {
            found(literal, end + tails[literal].size);
        }
    }

    std::vector<Head> heads;
    std::vector<Tail> tails;  // by literal
    std::string bytes;

private:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    // As starts_with(), but mostly decided by the first byte.
    static bool begins(std::string_view text, std::string_view with) {
        return with.empty() || (text.size() >= with.size() && text.front() == with.front() &&
                                text.starts_with(with));
    }
    std::string_view tail(std::uint32_t literal) const {
        return std::string_view(bytes).substr(tails[literal].at, tails[literal].size);
    }
    std::uint32_t shorter(std::uint32_t literal) const {
        return tails[literal].shorter == 0 ? kNone : literal - tails[literal].shorter;
    }
    // The last literal of the head whose tail is not after `rest`; kNone: all are. Whatever begins
    // `rest` is that literal or a beginning of it.
    std::uint32_t last_not_after(const Head& head, std::string_view rest) const;
};

}  // namespace credence::guard
