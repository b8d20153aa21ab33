// The pixels of GIF's first frame and of uncompressed BMP.
#include <array>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/pixels.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxLzwCodes = 4096;

struct Frame {
    std::size_t width = 0;
    std::size_t height = 0;
    bool interlaced = false;
    std::string_view palette;
    unsigned minimum_bits = 0;
    std::string data;
};

// Everything up to and with the first frame.
bool find_frame(std::string_view file, Frame& frame) {
    const auto table = [&](std::size_t flags_at) -> std::size_t {
        const unsigned flags = byte_at(file, flags_at);
        return (flags & 0x80U) != 0 ? std::size_t{3} << ((flags & 7U) + 1U) : 0;
    };
    std::size_t at = 13 + table(10);
    frame.palette = slice(file, 13, table(10));
    const auto blocks = [&](std::string* into) {
        while (at < file.size()) {
            const std::size_t size = byte_at(file, at);
            if (into != nullptr) {
                *into += slice(file, at + 1, size);
            }
            at += 1 + size;
            if (size == 0) {
                return;
            }
        }
    };
    while (at < file.size()) {
        const unsigned kind = byte_at(file, at++);
        if (kind == 0x21) {
            ++at;
            blocks(nullptr);
        } else if (kind == 0x2c) {
            frame.width = little16(file, at + 4);
            frame.height = little16(file, at + 6);
            frame.interlaced = (byte_at(file, at + 8) & 0x40U) != 0;
            const std::size_t own = table(at + 8);
            if (own > 0) {
                frame.palette = slice(file, at + 9, own);
            }
            at += 9 + own;
            frame.minimum_bits = byte_at(file, at++);
            blocks(&frame.data);
            return true;
        } else {
            return false;
        }
    }
    return false;
}

// LZW of GIF: at most max_pixels colour numbers.
std::string unpack_codes(const Frame& frame, std::size_t max_pixels) {
    std::array<std::uint16_t, kMaxLzwCodes> before{};
    std::array<std::uint8_t, kMaxLzwCodes> last{};
    std::array<std::uint16_t, kMaxLzwCodes> length{};
    const std::size_t clear = std::size_t{1} << frame.minimum_bits;
    for (std::size_t i = 0; i < clear; ++i) {
        last.at(i) = static_cast<std::uint8_t>(i);
        length.at(i) = 1;
    }
    std::string out;
    std::size_t next = clear + 2;
    unsigned bits = frame.minimum_bits + 1;
    std::size_t previous = kMaxLzwCodes;
    std::size_t window = 0;
    unsigned held = 0;
    for (std::size_t at = 0; at < frame.data.size() && out.size() < max_pixels;) {
        while (held < bits && at < frame.data.size()) {
            window |= std::size_t{byte_at(frame.data, at++)} << held;
            held += 8;
        }
        if (held < bits) {
            break;
        }
        const std::size_t code = window & ((std::size_t{1} << bits) - 1);
        window >>= bits;
        held -= bits;
        if (code == clear) {
            next = clear + 2;
            bits = frame.minimum_bits + 1;
            previous = kMaxLzwCodes;
            continue;
        }
        if (code == clear + 1 || code > next || (code == next && previous == kMaxLzwCodes) ||
            (previous == kMaxLzwCodes && code >= clear)) {
            break;
        }
        const std::size_t known = code < next ? code : previous;
        const std::size_t start = out.size();
        const std::size_t count = length.at(known) + (code < next ? 0U : 1U);
        out.resize(start + count);
        std::size_t step = known;
        for (std::size_t i = length.at(known); i-- > 0; step = before.at(step)) {
            out[start + i] = static_cast<char>(last.at(step));
        }
        if (code >= next) {
            out[start + count - 1] = out[start];
        }
        if (previous != kMaxLzwCodes && next < kMaxLzwCodes) {
            before.at(next) = static_cast<std::uint16_t>(previous);
            last.at(next) = byte_at(out, start);
            length.at(next) = static_cast<std::uint16_t>(length.at(previous) + 1);
            ++next;
            if (next == (std::size_t{1} << bits) && bits < 12) {
                ++bits;
            }
        }
        previous = code;
    }
    return out;
}

}  // namespace

Result<GreyPicture> decode_gif(std::string_view file) {
    Frame frame;
    if (!find_frame(file, frame) || frame.minimum_bits < 1 || frame.minimum_bits > 8) {
        return fail(Code::unsupported, "a GIF without a frame");
    }
    const std::size_t pixels = frame.width * frame.height;
    if (pixels == 0 || pixels > kMaxPixelBytes) {
        return fail(Code::too_large, "a GIF with too many pixels");
    }
    const std::string codes = unpack_codes(frame, pixels);
    std::vector<std::size_t> rows;
    constexpr std::array<std::array<std::size_t, 2>, 4> kPasses = {
        {{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    if (frame.interlaced) {
        for (const auto& pass : kPasses) {
            for (std::size_t y = pass[0]; y < frame.height; y += pass[1]) {
                rows.push_back(y);
            }
        }
    }
    Shrinker out(frame.width, frame.height);
    for (std::size_t i = 0; i < std::min(codes.size(), pixels); ++i) {
        const std::size_t row = i / frame.width;
        const std::size_t colour = std::size_t{byte_at(codes, i)} * 3;
        out.put(i % frame.width, frame.interlaced ? rows[row] : row,
                grey_of(byte_at(frame.palette, colour), byte_at(frame.palette, colour + 1),
                        byte_at(frame.palette, colour + 2)));
    }
    return out.finish();
}

Result<GreyPicture> decode_bmp(std::string_view file) {
    const std::size_t width = little32(file, 18);
    const std::size_t said = little32(file, 22);
    const bool upside_down = said < 0x80000000U;
    const std::size_t height = upside_down ? said : 0x100000000U - said;
    const std::size_t bits = little16(file, 28);
    const std::size_t start = little32(file, 10);
    if (little32(file, 14) < 40 || little32(file, 30) != 0 ||
        (bits != 1 && bits != 4 && bits != 8 && bits != 24 && bits != 32)) {
        return fail(Code::unsupported, "a BMP that is compressed or of an old kind");
    }
    if (width == 0 || height == 0 || width > kMaxPixelBytes || height > kMaxPixelBytes / width) {
        return fail(Code::too_large, "a BMP with too many pixels");
    }
    const std::size_t row_bytes = (width * bits + 31) / 32 * 4;
    const std::size_t palette = 14 + little32(file, 14);
    Shrinker out(width, height);
    for (std::size_t y = 0; y < height && start + y * row_bytes < file.size(); ++y) {
        for (std::size_t x = 0; x < width; ++x) {
            const std::size_t bit = x * bits;
            std::size_t at = start + y * row_bytes + bit / 8;
            if (bits <= 8) {
                const unsigned shift = static_cast<unsigned>(8 - bits - bit % 8);
                const std::size_t index = byte_at(file, at) >> shift & ((1U << bits) - 1U);
                at = palette + index * 4;
            }
            out.put(x, upside_down ? height - 1 - y : y,
                    grey_of(byte_at(file, at + 2), byte_at(file, at + 1), byte_at(file, at)));
        }
    }
    return out.finish();
}

}  // namespace credence::guard
