// The views of arbitrary bytes: within their limits, with work in proportion to the text, every
// span inside it, and the same when asked again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "capabilities/guard/text/views.h"

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace credence::guard;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    ViewLimits limits;
    limits.max_derived_bytes = 16 * 1024;
    limits.section_bytes = 2 * 1024;
    const Views views(text, limits);
    const Views again(text, limits);
    require(views.all().size() <= limits.max_views + 1);
    require(views.all().size() == again.all().size());
    require(views.steps() <= 16 * (size + limits.max_derived_bytes));
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < views.all().size(); ++i) {
        const View& view = views.all()[i];
        bytes += view.raw.size();
        require(view.depth <= limits.max_depth && view.parent <= i);
        require(view.normalised.text == again.all()[i].normalised.text);
        require(!views.name(i).empty());
        const std::size_t length = view.normalised.text.size();
        const std::size_t step = length / 64 + 1;
        for (std::size_t at = 0; at < length; at += step) {
            const ByteSpan span = views.to_original(i, {at, std::min(length, at + step)});
            require(span.start <= span.end && span.end <= size);
        }
    }
    require(bytes <= limits.max_derived_bytes);
    return 0;
}
