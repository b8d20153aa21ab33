// Vectors and their sketches in blocks that never move, so that appending copies nothing. Rows are
// reused; a row's version tells whether it still is what somebody remembers. Not thread-safe;
// searches alone may run together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "capabilities/guard/memory/sketch_graph.h"
#include "engine/vectors/large_array.h"
#include "engine/vectors/vector_kernels.h"

namespace credence::guard {

// A query made ready: without -128, and its sketch.
struct RowQuery {
    vectors::LargeArray<std::int8_t> values;
    double inverse_length = 0;
    Sketch sketch;
};

struct RowMatch {
    std::uint32_t row = 0;
    float score = 0;  // of the product over the row's length; cosine with the query's
};

class VectorRows {
public:
    static constexpr std::size_t kBlockRows = 1024;

    explicit VectorRows(std::size_t dimension);

    std::size_t dimension() const { return dimension_; }
    std::size_t size() const { return versions_.size(); }  // rows, living or free
    bool living(std::uint32_t row) const { return living_[row] != 0; }
    std::uint32_t version(std::uint32_t row) const { return versions_[row]; }

    // A free row or a new one, filled. The values must have the dimension and not be all 0.
    std::uint32_t add(std::span<const std::int8_t> values);
    void remove(std::uint32_t row);

    RowQuery prepare(std::span<const std::int8_t> values) const;
    Sketch sketch_at(std::uint32_t row) const;
    float score(const RowQuery& query, std::uint32_t row) const;
    void fetch_ahead(std::uint32_t row) const;
    // Calls visit(row, score) for each living row.
    template <class Visit>
    void scan(const RowQuery& query, const Visit& visit) const {
        std::int32_t products[kBlockRows];
        for (std::size_t from = 0; from < size(); from += kBlockRows) {
            const Block& block = *blocks_[from / kBlockRows];
            const std::size_t count = std::min(kBlockRows, size() - from);
            kernels_.dot_within_127(query.values.data(), block.values.data(), count, dimension_,
                                    products);
            for (std::size_t i = 0; i < count; ++i) {
                if (living_[from + i] != 0) {
                    visit(static_cast<std::uint32_t>(from + i),
                          static_cast<float>(products[i]) * block.inverse_lengths[i]);
                }
            }
        }
    }
    // How many bits may differ: of the first 256, and of all 512.
    struct Reach {
        int first = 0;
        int both = 0;
    };
    // Calls visit(row) for each living row within reach.
    template <class Visit>
    void scan_sketches(const RowQuery& query, const Reach& reach, const Visit& visit) const {
        std::uint16_t differing[kBlockRows];
        for (std::size_t from = 0; from < size(); from += kBlockRows) {
            const Block& block = *blocks_[from / kBlockRows];
            const std::size_t count = std::min(kBlockRows, size() - from);
            kernels_.differing_bits(query.sketch.words, block.first.data(), count, kHalfWords,
                                    differing);
            for (std::size_t i = 0; i < count; ++i) {
                if (differing[i] > reach.first || living_[from + i] == 0) {
                    continue;
                }
                std::uint16_t second = 0;
                kernels_.differing_bits(query.sketch.words + kHalfWords,
                                        block.second.data() + i * kHalfWords, 1, kHalfWords,
                                        &second);
                if (differing[i] + second <= reach.both) {
                    visit(static_cast<std::uint32_t>(from + i));
                }
            }
        }
    }

private:
    static constexpr std::size_t kHalfWords = Sketch::kWords / 2;
    static constexpr std::size_t kTurned = 64 * kHalfWords;

    struct Block {
        explicit Block(std::size_t dimension)
            : values(kBlockRows * dimension),
              first(kBlockRows * kHalfWords),
              second(kBlockRows * kHalfWords),
              inverse_lengths(kBlockRows) {}
        vectors::LargeArray<std::int8_t> values;
        vectors::LargeArray<std::uint64_t> first;   // bits of the first rotation
        vectors::LargeArray<std::uint64_t> second;  // of the second
        vectors::LargeArray<float> inverse_lengths;
    };

    Sketch sketch_of(std::span<const std::int8_t> values) const;

    std::size_t dimension_;
    int shift_;  // of folded values, so that they fit into eight bits
    const vectors::Kernels& kernels_;
    std::vector<std::int8_t> signs_;  // of both rotations, dimension_ each
    std::vector<std::unique_ptr<Block>> blocks_;
    std::vector<std::uint32_t> versions_;
    std::vector<std::uint8_t> living_;
    std::vector<std::uint32_t> free_;
};

}  // namespace credence::guard
