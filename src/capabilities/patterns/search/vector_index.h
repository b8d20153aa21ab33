// The vectors of one tenant in memory: an exact int8 scan while that is fast, above it a scan of
// one bit per dimension, whose nearest are compared by a second bit, and the nearest of those
// exactly (docs/decisions/0004). Not thread-safe; searches alone may run together.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/id.h"
#include "capabilities/patterns/search/embedder.h"
#include "engine/vectors/large_array.h"
#include "engine/vectors/vector_kernels.h"

namespace credence::patterns {

using vectors::available_kernels;
using vectors::best_kernels;
using vectors::Kernels;
using vectors::kVectorAlignment;
using vectors::LargeArray;
using vectors::scalar_kernels;

// Texts met again and again (categories, visibilities) as numbers.
class Interner {
public:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
    // The text's number and whether it is new.
    std::pair<std::uint32_t, bool> intern(const std::string& text);
    std::uint32_t find(const std::string& text) const;  // kNone when never met
    std::size_t size() const { return numbers_.size(); }

private:
    std::unordered_map<std::string, std::uint32_t> numbers_;
};

struct IndexEntry {
    std::uint32_t number = 0;  // the pattern's, unique within the tenant, small
    UuidBytes id{};
    std::uint32_t visibility = 0;  // interned
    std::uint32_t category = 0;    // interned
};

struct Neighbour {
    std::uint32_t slot = 0;
    double similarity = 0;  // cosine
};

struct NeighbourQuery {
    const Vector& vector;
    std::size_t limit = 10;
    // Asked for promising entries only; must answer the same for the same entry.
    std::function<bool(const IndexEntry&)> admits;
};

class VectorIndex {
public:
    static constexpr std::uint32_t kNoSlot = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::size_t kDefaultExactUpTo = 200'000;
    // What the first bits leave to the second, and those to the exact comparison: one in so many
    // of all, and at least kLeastCandidates.
    static constexpr std::size_t kFirstFraction = 20;
    static constexpr std::size_t kSecondFraction = 100;
    static constexpr std::size_t kLeastCandidates = 2'000;
    // So many that may be seen are all compared exactly, where few may be.
    static constexpr std::size_t kFewAdmitted = 40'000;

    // Vectors of `dimension` values. At most `exact_up_to` are always compared exactly.
    explicit VectorIndex(std::size_t dimension, std::size_t exact_up_to = kDefaultExactUpTo,
                         const Kernels& kernels = best_kernels());

    void reserve(std::size_t count);
    // Replaces the entry of the same number. An empty vector: found by words only.
    void put(const IndexEntry& entry, const Vector& vector);
    void remove(std::uint32_t number);

    std::size_t size() const { return entries_.size(); }
    std::uint32_t slot_of(std::uint32_t number) const;  // kNoSlot when absent
    const IndexEntry& at(std::uint32_t slot) const { return entries_[slot]; }
    double similarity_at(std::uint32_t slot, const Vector& query) const;

    // The admitted entries nearest to the query, nearest first, ties by number. Exact up to
    // exact_up_to entries; beyond, nearly (search_bench prints the recall).
    std::vector<Neighbour> nearest(const NeighbourQuery& query) const;
    std::vector<Neighbour> nearest_exact(const NeighbourQuery& query) const;
    std::vector<Neighbour> nearest_by_bits(const NeighbourQuery& query) const;

private:
    // The bits of one vector, words_ of either rotation.
    struct Sketch {
        std::uint64_t* first;
        std::uint64_t* second;
    };
    // A query made ready: padded, and its bits.
    struct Prepared;

    void set_vector(std::uint32_t slot, const Vector& vector);
    void sketch(const std::int8_t* values, const Sketch& out) const;
    std::vector<std::int8_t> padded(const Vector& vector) const;
    LargeArray<std::uint16_t> first_distances(const Prepared& prepared) const;
    void narrow_by_both(const Prepared& prepared, const LargeArray<std::uint16_t>& distances,
                        std::size_t target, std::vector<std::uint32_t>& slots) const;
    std::vector<Neighbour> compare(const NeighbourQuery& query, const Prepared& prepared,
                                   const std::vector<std::uint32_t>& slots,
                                   std::size_t& admitted) const;

    std::size_t dimension_;
    std::size_t stride_;  // dimension_ rounded up to kVectorAlignment
    std::size_t words_;   // of the bits of one rotation
    std::size_t exact_up_to_;
    const Kernels* kernels_;
    std::vector<std::int8_t> signs_;  // of both rotations
    LargeArray<IndexEntry> entries_;
    LargeArray<float> inverse_lengths_;
    LargeArray<std::int8_t> values_;         // stride_ a slot
    LargeArray<std::uint64_t> first_bits_;   // words_ a slot
    LargeArray<std::uint64_t> second_bits_;  // words_ a slot
    std::vector<std::uint32_t> slots_;       // by number
};

}  // namespace credence::patterns
