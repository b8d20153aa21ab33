// Bounded reading of numbers and stretches: nothing here can leave the bytes it is given.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace credence::guard {

enum class Endian : std::uint8_t { little, big };

// The part of [at, at + size) that exists.
inline std::string_view slice(std::string_view bytes, std::size_t at, std::size_t size) {
    return at >= bytes.size() ? std::string_view{} : bytes.substr(at, size);
}

// An unsigned number of up to 8 bytes; missing bytes read as zero.
inline std::uint64_t read_number(std::string_view bytes, std::size_t at, std::size_t size,
                                 Endian endian) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(size, 8); ++i) {
        const std::size_t from = endian == Endian::big ? i : size - 1 - i;
        const std::size_t place = at + from;
        const std::uint64_t byte =
            place >= at && place < bytes.size() ? static_cast<unsigned char>(bytes[place]) : 0U;
        value = value << 8U | byte;
    }
    return value;
}

inline std::size_t big16(std::string_view bytes, std::size_t at) {
    return read_number(bytes, at, 2, Endian::big);
}
inline std::size_t big32(std::string_view bytes, std::size_t at) {
    return read_number(bytes, at, 4, Endian::big);
}
inline std::size_t little16(std::string_view bytes, std::size_t at) {
    return read_number(bytes, at, 2, Endian::little);
}
inline std::size_t little32(std::string_view bytes, std::size_t at) {
    return read_number(bytes, at, 4, Endian::little);
}
inline unsigned char byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

}  // namespace credence::guard
