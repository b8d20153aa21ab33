// Pictures as grey pixels, as far as codes and letters need them. Bounded; large ones are shrunk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::guard {

inline constexpr std::size_t kMaxGreyPixels = std::size_t{3} << 19;        // kept: 1.5 million
inline constexpr std::size_t kMaxPixelBytes = std::size_t{9} << 20;        // of a PNG, unpacked
inline constexpr std::size_t kMaxPicturePixels = std::size_t{25'000'000};  // of a JPEG
inline constexpr std::size_t kMaxScanPixels = std::size_t{40'000'000};     // pixels times its scans

struct GreyPicture {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<std::uint8_t> pixels;  // row by row, 255: white; what is transparent is white
};

// Code::unsupported or too_large with the reason; damage leaves the rest of the picture white.
Result<GreyPicture> decode_png(std::string_view file);
Result<GreyPicture> decode_jpeg(std::string_view file);
Result<GreyPicture> decode_gif(std::string_view file);  // the first frame
Result<GreyPicture> decode_bmp(std::string_view file);

// Gathers pixels of a picture of any size into one of at most kMaxGreyPixels, by their mean.
class Shrinker {
public:
    Shrinker(std::size_t width, std::size_t height);
    void put(std::size_t x, std::size_t y, std::uint8_t grey);
    GreyPicture finish();

private:
    std::size_t factor_ = 1;
    std::vector<std::uint32_t> columns_;  // of out_, by column of the picture
    std::size_t last_y_ = 0;
    std::size_t row_ = 0;  // where the row of last_y_ begins in out_
    GreyPicture out_;
    std::vector<std::uint32_t> sums_;  // only when factor_ > 1
    std::vector<std::uint16_t> counts_;
};

// 0..255 of a colour over white.
std::uint8_t grey_of(unsigned red, unsigned green, unsigned blue, unsigned alpha = 255);

}  // namespace credence::guard
