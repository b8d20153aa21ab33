// Text that hides in attached files: what a model, or a person, would read out of an image, a
// sound, a document, and what was appended behind its end.
//
// Pure and bounded: a parser reads each byte a bounded number of times, refuses what is damaged
// with a note instead of an error, and never follows a link. What cannot be looked into is said
// (MediaReport::unread), never taken for clean. Linear in the input plus the limits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/text/offset_map.h"

namespace credence::guard {

inline constexpr std::size_t kMaxMediaBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMaxMediaParts = 256;                       // of one file
inline constexpr std::size_t kMaxMediaTextBytes = std::size_t{1} << 20;  // of all parts together

// One text found in a file.
struct MediaPart {
    std::string where;  // "exif.ImageDescription", "png.tEXt.Comment", "pdf.page.3", "qr", "ocr"
    std::string text;   // UTF-8
    ByteSpan span;      // bytes of the file that it was read from; empty when it has no one place
};

// Something about the container that a reader should know. Not a verdict.
struct MediaNote {
    std::string what;  // "appended_data", "damaged", "two_formats", "hidden_text", "script", …
    std::string detail;
    ByteSpan span;
};

struct MediaReport {
    std::string format;  // "image/png", as its bytes say; empty: unknown
    std::vector<MediaPart> parts;
    std::vector<MediaNote> notes;
    // What was not looked into, and why: "ocr: tesseract is not installed", "pdf: encrypted".
    std::vector<std::string> unread;
    bool truncated = false;  // a limit was reached
};

// Reads text in pictures; optional at run time.
class OpticalReader {
public:
    virtual ~OpticalReader() = default;
    // Text in a picture given as a file's bytes; Code::unavailable when no reader is installed.
    virtual Result<std::string> read(std::string_view file, std::string_view format) const = 0;
};

// Code::too_large above kMaxMediaBytes. Thread-safe. `reader` may be null.
Result<MediaReport> read_media(std::string_view file, const OpticalReader* reader);

}  // namespace credence::guard
