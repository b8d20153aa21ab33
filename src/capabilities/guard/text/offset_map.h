// Maps positions in a derived text back to byte spans of the text it was derived from.
//
// Built left to right with add(): "from derived position D on, the source is at S". Between two
// breakpoints a stretch of equal length maps byte by byte; a stretch whose lengths differ (a
// character that was expanded, folded or decoded) maps as a whole. Lookups are O(log n).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace credence::guard {

// Half open, in bytes.
struct ByteSpan {
    std::size_t start = 0;
    std::size_t end = 0;
    bool operator==(const ByteSpan&) const = default;
};

class OffsetMap {
public:
    void clear() { points_.clear(); }
    // Positions must not decrease. The first call must be add(0, …).
    void add(std::size_t derived, std::size_t source);
    // Ends the map: the whole derived text has this length, the source ends there.
    void finish(std::size_t derived_size, std::size_t source_end);
    // The source bytes behind [start, end) of the derived text; an empty span maps to a point.
    ByteSpan to_source(ByteSpan derived) const;
    std::size_t breakpoints() const { return points_.size(); }

private:
    struct Point {
        std::uint32_t derived;
        std::uint32_t source;
    };
    std::size_t segment_of(std::size_t derived) const;

    std::vector<Point> points_;
};

}  // namespace credence::guard
