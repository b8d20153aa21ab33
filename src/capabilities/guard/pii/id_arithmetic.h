// Sums over digits that check-digit formulas share. Inputs are digits unless said otherwise. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "capabilities/guard/pii/bytes.h"

namespace credence::guard {

inline int digit_at(std::string_view id, std::size_t at) {
    return id[at] - '0';
}

// Two digits as a number.
inline int pair_at(std::string_view id, std::size_t at) {
    return digit_at(id, at) * 10 + digit_at(id, at + 1);
}

inline bool are_digits(std::string_view id, std::size_t from, std::size_t count) {
    if (id.size() < from + count) {
        return false;
    }
    for (std::size_t i = from; i < from + count; ++i) {
        if (!is_digit(id[i])) {
            return false;
        }
    }
    return true;
}

inline bool are_digits(std::string_view id, std::size_t count) {
    return id.size() == count && are_digits(id, 0, count);
}

inline bool same_digit(std::string_view id) {
    return id.empty() || id.find_first_not_of(id[0]) == std::string_view::npos;
}

// Sum of weights[i] * digit i.
inline int weighted(std::string_view id, std::span<const int> weights) {
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        sum += weights[i] * digit_at(id, i);
    }
    return sum;
}

// The digits as a number modulo `modulus`.
inline int remainder_of(std::string_view digits, int modulus) {
    int value = 0;
    for (const char c : digits) {
        value = (value * 10 + (c - '0')) % modulus;
    }
    return value;
}

}  // namespace credence::guard
