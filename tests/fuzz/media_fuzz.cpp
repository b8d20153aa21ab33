// The parsers of attached files on arbitrary bytes: nothing out of bounds, every span inside the
// file, valid UTF-8, and the limits kept.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "capabilities/guard/media/media.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace credence::guard;
    const std::string_view file(reinterpret_cast<const char*>(data), size);
    const auto report = read_media(file, nullptr);
    if (!report) {
        return size > kMaxMediaBytes ? 0 : -1;
    }
    if (report->parts.size() > kMaxMediaParts) {
        std::abort();
    }
    std::size_t bytes = 0;
    for (const MediaPart& part : report->parts) {
        bytes += part.text.size();
        if (part.span.start > part.span.end || part.span.end > size ||
            !credence::is_valid_utf8(part.text)) {
            std::abort();
        }
    }
    for (const MediaNote& note : report->notes) {
        if (note.span.start > note.span.end || note.span.end > size) {
            std::abort();
        }
    }
    if (bytes > kMaxMediaTextBytes) {
        std::abort();
    }
    return 0;
}
