// Bounded unpacking of deflate streams (zlib).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace credence::guard {

enum class Packing : std::uint8_t { raw, zlib, gzip };

struct Unpacked {
    std::string bytes;
    std::size_t consumed = 0;  // of the packed bytes
    bool complete = false;     // the stream's own end was reached
    bool limited = false;      // there was more than max_bytes
};

// What came out before damage, the end of the input or the limit.
Unpacked inflate_bytes(std::string_view packed, Packing packing, std::size_t max_bytes);

std::uint32_t checksum32(std::string_view bytes);  // CRC-32 as PNG and ZIP use it

}  // namespace credence::guard
