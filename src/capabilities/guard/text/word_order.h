// Do the words of a text stand in the opposite order?
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "capabilities/guard/text/words.h"

namespace credence::guard {

// Evidence for words in the opposite order: "the to" and "rules the" against "the rules".
class OrderLook {
public:
    void note(Words::Role role) {
        const unsigned step =
            kSteps[(static_cast<std::size_t>(before_) * kRoles + static_cast<std::size_t>(role)) %
                   (kRoles * kRoles)];
        forward_ += step & 1U;
        backward_ += step >> 1U;
        before_ = role;
    }
    bool backwards() const {
        // No sentence ends with "the" or "from".
        const bool odd = before_ == Words::Role::determiner || before_ == Words::Role::linker;
        const std::size_t backward = backward_ + (odd ? 1 : 0);
        return backward >= 3 && backward > forward_ * 2;
    }

private:
    // For two roles in a row: 1 for the order as it is, or twice the evidence against it.
    static constexpr std::size_t kRoles = 8;
    static constexpr auto kSteps = [] {
        using Role = Words::Role;
        std::array<std::uint8_t, kRoles * kRoles> steps{};
        for (std::size_t before = 0; before < kRoles; ++before) {
            for (std::size_t after = 0; after < kRoles; ++after) {
                const auto role = static_cast<Role>(after);
                std::uint8_t& step = steps[before * kRoles + after];
                if (static_cast<Role>(before) == Role::determiner) {
                    step = role == Role::linker || role == Role::verb ? 4 : 1;
                } else if (static_cast<Role>(before) == Role::noun) {
                    step = role == Role::determiner ? 2 : 0;
                }
            }
        }
        return steps;
    }();

    Words::Role before_ = Words::Role::other;
    std::size_t forward_ = 0;
    std::size_t backward_ = 0;
};

}  // namespace credence::guard
