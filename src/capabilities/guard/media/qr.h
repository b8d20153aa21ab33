// QR codes in grey pixels, by the zbar library.
//
// The library is loaded when the first picture comes and is optional: it depends on libraries for
// screens and cameras, which a server need not have. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/media/pixels.h"

namespace credence::guard {

inline constexpr std::size_t kMaxCodes = 16;  // of one picture
// Zbar compares the corners that it finds with each other, all with all: a picture that is full of
// them is refused.
inline constexpr std::size_t kMaxCornerLines = 6000;

// The text of each code. Code::unavailable without zbar, too_large for a picture full of corners.
Result<std::vector<std::string>> read_qr_codes(const GreyPicture& picture);

}  // namespace credence::guard
