// The normaliser and the views on arbitrary bytes: nothing out of bounds, and every span inside the
// input.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "capabilities/guard/views.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace credence::guard;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    ViewLimits limits;
    limits.max_derived_bytes = 16 * 1024;
    const Views views(text, limits);
    for (std::size_t view = 0; view < views.all().size(); ++view) {
        const std::size_t length = views.all()[view].normalised.text.size();
        const std::size_t step = length / 64 + 1;
        for (std::size_t at = 0; at < length; at += step) {
            const ByteSpan span = views.to_original(view, {at, std::min(length, at + step)});
            if (span.start > span.end || span.end > size) {
                std::abort();
            }
        }
    }
    return 0;
}
