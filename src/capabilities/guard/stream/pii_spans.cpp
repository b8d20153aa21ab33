#include "capabilities/guard/stream/pii_spans.h"

#include <algorithm>

namespace credence::guard {

namespace {

constexpr std::string_view kKeyEnd = "-----END ";

}  // namespace

std::vector<StreamSpan> pii_spans(std::string_view text, PiiOptions options) {
    options.max_found = std::max(options.max_found, kMaxPiiFound);
    std::vector<Detected> found;
    find_pii(text, options, found);
    std::vector<StreamSpan> spans;
    spans.reserve(found.size());
    for (const Detected& item : found) {
        StreamSpan span{
            item.span, StreamAction::mask, static_cast<std::uint32_t>(item.detector), {}, {}};
        if (const PiiKind* kind = pii_kind(item.detector)) {
            span.label = kind->mask.substr(1, kind->mask.size() - 2);
        }
        if (item.detector == Detector::private_key) {
            span.until_line_with = kKeyEnd;
        }
        spans.push_back(span);
    }
    return spans;
}

}  // namespace credence::guard
