// A set of bytes as a table: one look a byte, where a search would walk the set.
#pragma once

#include <array>
#include <string_view>

namespace credence::guard {

// consteval so that no table is ever built at run time.
consteval std::array<bool, 256> byte_set(std::string_view bytes) {
    std::array<bool, 256> set{};
    for (const char c : bytes) {
        set[static_cast<unsigned char>(c)] = true;
    }
    return set;
}

}  // namespace credence::guard
