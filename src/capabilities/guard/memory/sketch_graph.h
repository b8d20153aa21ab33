// A hierarchical navigable small world graph over bit sketches: a node is one cache line of bits,
// so that a walk over it costs a cache miss a neighbour and no more. What it finds is compared
// exactly by the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/vectors/large_array.h"

namespace credence::guard {

struct Sketch {
    static constexpr std::size_t kWords = 8;
    static constexpr std::size_t kBits = 64 * kWords;
    alignas(64) std::uint64_t words[kWords] = {};
};

// Number of bits in which they differ; fast where the processor counts bits.
int differing_bits(const Sketch& a, const Sketch& b);

// Built by hnswlib, walked by a loop of its own: distances are small integers, so its queues are
// arrays of lists, and what comes next is fetched ahead. Immutable; searches are thread-safe.
class SketchGraph {
public:
    static constexpr std::size_t kLinks = 16;  // a node and layer; twice as many at the base
    static constexpr std::size_t kBuildBreadth = 160;  // candidates looked at to link a node

    // Node i is sketches[i]. nullptr when memory does not suffice. 0.2 to 0.4 ms a node.
    static std::unique_ptr<SketchGraph> build(std::vector<Sketch> sketches);

    std::size_t size() const { return sketches_.size(); }
    // About `breadth` nodes near the query, nearest first.
    std::vector<std::uint32_t> near(const Sketch& query, std::size_t breadth) const;

private:
    static constexpr std::uint32_t kNone = 0xffffffff;
    using Layer = std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>;

    SketchGraph() = default;
    std::uint32_t descend(const Sketch& query) const;

    std::vector<Sketch> sketches_;
    vectors::LargeArray<std::uint32_t> base_;  // 2 * kLinks a node, kNone behind the last
    std::vector<Layer> upper_;                 // the highest last
    std::uint32_t entry_ = kNone;
};

}  // namespace credence::guard
