#include "base/hash_chain.h"

#include <cstdint>

#include "base/text.h"

namespace credence {
namespace {

constexpr unsigned kByteBits = 8;

void append_text(std::string& out, std::string_view text) {
    for (unsigned shift = 64; shift > 0; shift -= kByteBits) {
        out += static_cast<char>((std::uint64_t{text.size()} >> (shift - kByteBits)) & 0xffU);
    }
    out += text;
}

}  // namespace

std::string chain_hash(std::string_view label, std::span<const std::string_view> fields) {
    std::string bytes;
    append_text(bytes, label);
    for (const std::string_view field : fields) {
        append_text(bytes, field);
    }
    return sha256_hex(bytes);
}

std::string chain_start() {
    return std::string(kHashDigits, '0');
}

}  // namespace credence
