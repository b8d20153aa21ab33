// The normaliser on arbitrary bytes: nothing out of bounds, spans in order and inside the input,
// the text no more than a small multiple of it, valid UTF-8, without blanks in a row.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/text.h"
#include "capabilities/guard/text/normalise.h"

namespace {

constexpr std::size_t kGrowth = 12;  // U+FDFA becomes eighteen letters

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace credence::guard;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    Normalised out;
    normalise(text, out);
    require(out.text.size() <= kGrowth * size);
    require(credence::is_valid_utf8(out.text));
    require(out.text.find("  ") == std::string::npos);
    std::size_t last = 0;
    const std::size_t step = out.text.size() / 256 + 1;
    for (std::size_t at = 0; at < out.text.size(); at += step) {
        const ByteSpan span = out.map.to_source({at, at + 1});
        require(span.start >= last && span.start <= span.end && span.end <= size);
        last = span.start;
    }
    for (std::size_t i = 1; i < out.breaks.size(); ++i) {
        require(out.breaks[i] > out.breaks[i - 1] && out.breaks[i] <= out.text.size() + 1);
    }
    return 0;
}
