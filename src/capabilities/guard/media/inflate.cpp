#include "capabilities/guard/media/inflate.h"

#include <zlib.h>

#include <algorithm>

namespace credence::guard {
namespace {

constexpr std::size_t kFirstBytes = 16 * 1024;

int window_bits(Packing packing) {
    switch (packing) {
        case Packing::raw:
            return -MAX_WBITS;
        case Packing::zlib:
            return MAX_WBITS;
        case Packing::gzip:
            return MAX_WBITS + 16;
    }
    return MAX_WBITS;
}

}  // namespace

Unpacked inflate_bytes(std::string_view packed, Packing packing, std::size_t max_bytes) {
    Unpacked out;
    z_stream stream{};
    if (packed.empty() || max_bytes == 0 || inflateInit2(&stream, window_bits(packing)) != Z_OK) {
        return out;
    }
    // zlib does not write through next_in.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(packed.size());
    std::size_t filled = 0;
    int status = Z_OK;
    while (status == Z_OK) {
        if (filled == out.bytes.size()) {
            if (filled == max_bytes) {
                out.limited = true;
                break;
            }
            const std::size_t wanted = std::max({kFirstBytes, packed.size() * 3, filled * 2});
            out.bytes.resize(std::min(wanted, max_bytes));
        }
        stream.next_out = reinterpret_cast<Bytef*>(out.bytes.data()) + filled;
        stream.avail_out = static_cast<uInt>(out.bytes.size() - filled);
        status = inflate(&stream, Z_NO_FLUSH);
        filled = out.bytes.size() - stream.avail_out;
    }
    out.bytes.resize(filled);
    out.consumed = packed.size() - stream.avail_in;
    out.complete = status == Z_STREAM_END;
    inflateEnd(&stream);
    return out;
}

std::uint32_t checksum32(std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace credence::guard
