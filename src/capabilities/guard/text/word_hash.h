// The hash of a word, by at most 32 of its bytes. Fixed: the list of words counts on it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

// A namespace of its own, since such names are common.
namespace credence::guard::listed {

inline constexpr std::uint64_t kHashMix = 0x9E3779B97F4A7C15ULL;

inline std::uint64_t load_eight(const char* bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

inline std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * kHashMix;
    return hash ^ (hash >> 32U);
}

inline constexpr std::size_t kHashed = 16;  // bytes hashed at once

// Masks for the first and the second eight bytes of a word, by its size.
struct HashMasks {
    std::uint64_t head;
    std::uint64_t tail;
};
inline constexpr auto kHashMasks = [] {
    std::array<HashMasks, kHashed + 1> masks{};
    for (std::size_t size = 0; size <= kHashed; ++size) {
        const auto low = [](std::size_t bytes) {
            return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (bytes * 8)) - 1;
        };
        masks[size] = {low(size), low(size > 8 ? size - 8 : 0)};
    }
    return masks;
}();

// Of `size` bytes, `readable` of which may be read: where those are at least kHashed, no branch
// depends on the size of a word that is not a long one.
[[gnu::always_inline]] inline std::uint64_t word_hash(const char* bytes, std::size_t size,
                                                      std::size_t readable) {
    std::array<char, kHashed> copy{};
    std::uint64_t hash = size;
    HashMasks masks = kHashMasks[std::min(size, kHashed)];
    if (size > kHashed) [[unlikely]] {
        // The bytes between the two ends; size is at most twice kHashed.
        hash = mixed(mixed(hash, load_eight(bytes + size - 8)), load_eight(bytes + size - 16));
    } else if (readable < kHashed) [[unlikely]] {
        std::memcpy(copy.data(), bytes, size);
        bytes = copy.data();
    }
    const std::uint64_t head = load_eight(bytes) & masks.head;
    const std::uint64_t tail = load_eight(bytes + 8) & masks.tail;
    return mixed(hash + std::rotl(tail * kHashMix, 29), head) * kHashMix;
}

}  // namespace credence::guard::listed
