#include "capabilities/guard/text/offset_map.h"

#include <algorithm>

#include "base/check.h"

namespace credence::guard {

void OffsetMap::add(std::size_t derived, std::size_t source) {
    DCHECK(points_.empty() || derived >= points_.back().derived, "offsets must not go back");
    points_.push_back({static_cast<std::uint32_t>(derived), static_cast<std::uint32_t>(source)});
}

void OffsetMap::finish(std::size_t derived_size, std::size_t source_end) {
    if (points_.empty()) {
        add(0, 0);
    }
    add(derived_size, source_end);
}

std::size_t OffsetMap::segment_of(std::size_t derived) const {
    const auto after = std::upper_bound(
        points_.begin(), points_.end(), derived,
        [](std::size_t position, const Point& point) { return position < point.derived; });
    const auto index = static_cast<std::size_t>(after - points_.begin());
    return index == 0 ? 0 : index - 1;
}

ByteSpan OffsetMap::to_source(ByteSpan derived) const {
    if (points_.size() < 2) {
        return derived;
    }
    const std::size_t last = points_.size() - 2;
    const auto resolve = [&](std::size_t position, bool is_end) -> std::size_t {
        const std::size_t index = std::min(segment_of(position), last);
        const Point& from = points_[index];
        const Point& to = points_[index + 1];
        if (to.derived - from.derived == to.source - from.source) {
            return from.source + (position - from.derived) + (is_end ? 1 : 0);
        }
        return is_end ? to.source : from.source;
    };
    const std::size_t start = resolve(derived.start, false);
    if (derived.end <= derived.start) {
        return {start, start};
    }
    return {start, std::max(start, resolve(derived.end - 1, true))};
}

}  // namespace credence::guard
