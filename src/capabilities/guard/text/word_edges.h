// The words of normalised text as in word_spans.h, many at a time: what is done with them then need
// not wait for where the next one ends.
#pragma once

#include <emmintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "capabilities/guard/text/word_spans.h"

namespace credence::guard {

// Not thread-safe. `text` must outlive it.
class WordEdges {
public:
    static constexpr std::size_t kMaxEdges = 128;  // that are told at once

    explicit WordEdges(std::string_view text) : text_(text) {}

    // Where the next words begin and end, in turn: at least one word, none after the last. Good
    // until the next call.
    std::span<const std::size_t> next() {
        // An edge that is left over begins the word that goes on.
        if (count_ % 2 == 1) {
            edges_[0] = edges_[count_ - 1];
        }
        count_ %= 2;
        while (count_ <= kMaxEdges - kBlock && at_ < text_.size()) {
            add_block();
        }
        if (at_ >= text_.size() && count_ % 2 == 1) {
            edges_[count_++] = text_.size();
        }
        return std::span(edges_).first(count_ - count_ % 2);
    }

private:
    static constexpr std::size_t kBlock = 64;

    void add_block() {
        std::array<char, kBlock> last;
        const char* bytes = text_.data() + at_;
        if (at_ + kBlock > text_.size()) {
            last.fill(' ');
            std::memcpy(last.data(), bytes, text_.size() - at_);
            bytes = last.data();
        }
        const std::uint64_t words = word_bits(bytes);
        const std::uint64_t before = (words << 1U) | (in_word_ ? 1U : 0U);
        in_word_ = (words >> (kBlock - 1)) != 0;
        // At most kBlock of them, and next() left room for so many.
        std::size_t* edge = edges_.data() + count_;
        for (std::uint64_t edges = words ^ before; edges != 0; edges &= edges - 1) {
            *edge++ = at_ + static_cast<unsigned>(std::countr_zero(edges));
        }
        count_ = static_cast<std::size_t>(edge - edges_.data());
        at_ += kBlock;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool in_word_ = false;
    std::size_t count_ = 0;
    std::array<std::size_t, kMaxEdges + 1> edges_;
};

}  // namespace credence::guard
