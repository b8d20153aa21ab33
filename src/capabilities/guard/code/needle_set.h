// A fixed set of strings, searched for in one pass: by their first two bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace credence::guard {

template <std::size_t kNeedles>
class NeedleSet {
public:
    consteval explicit NeedleSet(const std::array<std::string_view, kNeedles>& needles)
        : needles_(needles) {
        for (std::size_t i = kNeedles; i > 0; --i) {
            const std::size_t bucket = bucket_of(needles_[i - 1][0], needles_[i - 1][1]);
            next_[i - 1] = heads_[bucket];
            heads_[bucket] = static_cast<std::uint8_t>(i);
            longest_ = needles_[i - 1].size() > longest_ ? needles_[i - 1].size() : longest_;
        }
    }

    std::size_t longest() const { return longest_; }

    // Whether any of them stands in the text, which holds none that begins before `from`.
    bool in(std::string_view text, std::size_t from = 0) const {
        for (std::size_t i = from; i + 1 < text.size(); ++i) {
            for (std::size_t needle = heads_[bucket_of(text[i], text[i + 1])]; needle != 0;
                 needle = next_[needle - 1]) {
                if (text.substr(i).starts_with(needles_[needle - 1])) {
                    return true;
                }
            }
        }
        return false;
    }

private:
    static_assert(kNeedles < 256);
    static constexpr std::size_t kBuckets = 1024;

    static constexpr std::size_t bucket_of(char first, char second) {
        return (static_cast<unsigned char>(first) * 37U + static_cast<unsigned char>(second)) %
               kBuckets;
    }

    std::array<std::string_view, kNeedles> needles_;
    std::array<std::uint8_t, kBuckets> heads_{};
    std::array<std::uint8_t, kNeedles> next_{};
    std::size_t longest_ = 0;
};

}  // namespace credence::guard
