#include "capabilities/guard/media/pixels.h"

#include <array>
#include <cstdlib>
#include <optional>

#include "capabilities/guard/media/bytes.h"
#include "capabilities/guard/media/inflate.h"

namespace credence::guard {
namespace {

constexpr std::size_t kMaxFactor = 64;

struct PngHeader {
    std::size_t width;
    std::size_t height;
    unsigned depth;
    unsigned kind;  // 0 grey, 2 colour, 3 palette, 4 grey and alpha, 6 colour and alpha
    bool interlaced;

    std::size_t channels() const { return kind == 2 ? 3 : kind == 4 ? 2 : kind == 6 ? 4 : 1; }
    std::size_t row_bytes(std::size_t columns) const {
        return (columns * channels() * depth + 7) / 8;
    }
};

struct Pass {
    std::size_t x;
    std::size_t y;
    std::size_t step_x;
    std::size_t step_y;
};
constexpr std::array<Pass, 7> kInterlaced = {{{0, 0, 8, 8},
                                              {4, 0, 8, 8},
                                              {0, 4, 4, 8},
                                              {2, 0, 4, 4},
                                              {0, 2, 2, 4},
                                              {1, 0, 2, 2},
                                              {0, 1, 1, 2}}};
constexpr std::array<Pass, 1> kStraight = {{{0, 0, 1, 1}}};

unsigned paeth(unsigned left, unsigned up, unsigned corner) {
    const int guess = static_cast<int>(left + up) - static_cast<int>(corner);
    const int by_left = std::abs(guess - static_cast<int>(left));
    const int by_up = std::abs(guess - static_cast<int>(up));
    const int by_corner = std::abs(guess - static_cast<int>(corner));
    return by_left <= by_up && by_left <= by_corner ? left : by_up <= by_corner ? up : corner;
}

void undo_filter(unsigned filter, std::vector<std::uint8_t>& row,
                 const std::vector<std::uint8_t>& above, std::size_t pixel) {
    if (filter == 0) {
        return;
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
        const unsigned left = i >= pixel ? row[i - pixel] : 0U;
        const unsigned up = above[i];
        const unsigned corner = i >= pixel ? above[i - pixel] : 0U;
        const unsigned add = filter == 1   ? left
                             : filter == 2 ? up
                             : filter == 3 ? (left + up) / 2
                             : filter == 4 ? paeth(left, up, corner)
                                           : 0U;
        row[i] = static_cast<std::uint8_t>(row[i] + add);
    }
}

class PngPixels {
public:
    PngPixels(const PngHeader& header, std::string_view palette, std::string_view alpha)
        : header_(header) {
        for (std::size_t i = 0; i < 256; ++i) {
            const unsigned opacity = i < alpha.size() ? byte_at(alpha, i) : 255U;
            palette_.at(i) = grey_of(byte_at(palette, i * 3), byte_at(palette, i * 3 + 1),
                                     byte_at(palette, i * 3 + 2), opacity);
        }
    }

    std::uint8_t at(const std::vector<std::uint8_t>& row, std::size_t column) const {
        if (header_.depth < 8) {
            const std::size_t bit = column * header_.depth;
            const unsigned max = (1U << header_.depth) - 1U;
            const unsigned value =
                row[bit / 8] >> (8 - header_.depth - static_cast<unsigned>(bit % 8)) & max;
            return header_.kind == 3 ? palette_.at(value)
                                     : static_cast<std::uint8_t>(value * 255 / max);
        }
        const std::size_t size = header_.depth / 8;
        const std::size_t place = column * header_.channels() * size;
        const auto channel = [&](std::size_t i) { return unsigned{row[place + i * size]}; };
        switch (header_.kind) {
            case 2:
                return grey_of(channel(0), channel(1), channel(2));
            case 3:
                return palette_.at(channel(0));
            case 4:
                return grey_of(channel(0), channel(0), channel(0), channel(1));
            case 6:
                return grey_of(channel(0), channel(1), channel(2), channel(3));
            default:
                return static_cast<std::uint8_t>(channel(0));
        }
    }

private:
    PngHeader header_;
    std::array<std::uint8_t, 256> palette_{};
};

GreyPicture unpack_rows(const PngHeader& header, const PngPixels& pixels, std::string_view data) {
    Shrinker out(header.width, header.height);
    std::size_t at = 0;
    const auto read_pass = [&](const Pass& pass) {
        if (pass.x >= header.width || pass.y >= header.height) {
            return;
        }
        const std::size_t columns = (header.width - pass.x + pass.step_x - 1) / pass.step_x;
        const std::size_t size = header.row_bytes(columns);
        const std::size_t pixel = std::max<std::size_t>(1, header.channels() * header.depth / 8);
        std::vector<std::uint8_t> above(size);
        std::vector<std::uint8_t> row(size);
        for (std::size_t y = pass.y; y < header.height; y += pass.step_y) {
            if (at + 1 + size > data.size()) {
                return;
            }
            std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(at + 1), size, row.begin());
            undo_filter(byte_at(data, at), row, above, pixel);
            at += 1 + size;
            for (std::size_t i = 0; i < columns; ++i) {
                out.put(pass.x + i * pass.step_x, y, pixels.at(row, i));
            }
            row.swap(above);
        }
    };
    if (header.interlaced) {
        std::for_each(kInterlaced.begin(), kInterlaced.end(), read_pass);
    } else {
        std::for_each(kStraight.begin(), kStraight.end(), read_pass);
    }
    return out.finish();
}

bool is_known(const PngHeader& header) {
    const bool small = header.depth == 1 || header.depth == 2 || header.depth == 4;
    return header.kind == 0   ? small || header.depth == 8 || header.depth == 16
           : header.kind == 3 ? small || header.depth == 8
                              : (header.kind == 2 || header.kind == 4 || header.kind == 6) &&
                                    (header.depth == 8 || header.depth == 16);
}

}  // namespace

std::uint8_t grey_of(unsigned red, unsigned green, unsigned blue, unsigned alpha) {
    const unsigned grey = (red * 77 + green * 150 + blue * 29) >> 8U;
    return static_cast<std::uint8_t>((grey * alpha + 255 * (255 - alpha)) / 255);
}

Shrinker::Shrinker(std::size_t width, std::size_t height) {
    while (factor_ < kMaxFactor && (width / factor_) * (height / factor_) > kMaxGreyPixels) {
        ++factor_;
    }
    out_.width = (width + factor_ - 1) / factor_;
    out_.height = (height + factor_ - 1) / factor_;
    out_.pixels.assign(out_.width * out_.height, 255);
    if (factor_ > 1) {
        for (std::size_t x = 0; x < width; ++x) {
            columns_.push_back(static_cast<std::uint32_t>(x / factor_));
        }
        sums_.assign(out_.pixels.size(), 0);
        counts_.assign(out_.pixels.size(), 0);
    }
}

void Shrinker::put(std::size_t x, std::size_t y, std::uint8_t grey) {
    if (factor_ == 1) {
        out_.pixels[y * out_.width + x] = grey;
        return;
    }
    if (y != last_y_) {
        last_y_ = y;
        row_ = y / factor_ * out_.width;
    }
    const std::size_t at = row_ + columns_[x];
    sums_[at] += grey;
    ++counts_[at];
}

GreyPicture Shrinker::finish() {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        if (counts_[i] > 0) {
            out_.pixels[i] = static_cast<std::uint8_t>(sums_[i] / counts_[i]);
        }
    }
    return std::move(out_);
}

Result<GreyPicture> decode_png(std::string_view file) {
    const PngHeader header{big32(file, 16), big32(file, 20), byte_at(file, 24), byte_at(file, 25),
                           byte_at(file, 28) == 1};
    if (slice(file, 12, 4) != "IHDR" || !is_known(header) || header.width == 0 ||
        header.height == 0) {
        return fail(Code::unsupported, "a PNG without a proper header");
    }
    const std::size_t row = header.row_bytes(header.width) + 8;
    if (header.width > kMaxPixelBytes || header.height > kMaxPixelBytes / row) {
        return fail(Code::too_large, "a PNG with too many pixels");
    }
    std::string packed;
    std::string_view palette;
    std::string_view alpha;
    for (std::size_t at = 8; at + 12 <= file.size();) {
        const std::size_t size = big32(file, at);
        const std::string_view type = file.substr(at + 4, 4);
        const std::string_view body = slice(file, at + 8, size);
        if (type == "IDAT") {
            packed += body;
        } else if (type == "PLTE") {
            palette = body;
        } else if (type == "tRNS" && header.kind == 3) {
            alpha = body;
        } else if (type == "IEND") {
            break;
        }
        at += 12 + size;
    }
    const Unpacked data = inflate_bytes(packed, Packing::zlib, kMaxPixelBytes);
    return unpack_rows(header, PngPixels(header, palette, alpha), data.bytes);
}

}  // namespace credence::guard
