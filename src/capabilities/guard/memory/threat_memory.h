// Known threats, found again when they come back changed: a store of texts as vectors.
//
// Vectors come from a deterministic embedder (hashed words and character n-grams, so that a variant
// in case, spacing, spelling or order lands near), or from outside with a feed. Search is exact
// while that is fast, and by a hierarchical navigable small world graph above (Malkov and Yashunin
// 2018).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/kinds.h"

namespace credence::guard {

// A direction in `dimension` components, quantised to int8. Thread-safe.
class ThreatEmbedder {
public:
    static constexpr int kVersion = 1;
    static constexpr std::size_t kDefaultDimension = 768;
    static constexpr std::size_t kMaxEmbeddedBytes = 16 * 1024;
    // 256 to 4,096, a multiple of 64.
    static constexpr bool is_dimension(std::size_t dimension) {
        return dimension >= 256 && dimension <= 4096 && dimension % 64 == 0;
    }

    // CHECKs is_dimension.
    explicit ThreatEmbedder(std::size_t dimension = kDefaultDimension);
    std::size_t dimension() const { return dimension_; }
    // Names the algorithm and dimension; vectors of different names do not compare.
    std::string name() const;
    // Of normalised text. All components 0: the text says nothing. Linear; at most
    // kMaxEmbeddedBytes are read. The same on every machine: integers only.
    std::vector<std::int8_t> embed(std::string_view normalised) const;

private:
    std::size_t dimension_;
};

struct ThreatMatch {
    std::string threat_id;
    double similarity = 0;  // cosine, [-1, 1]
    Category category = Category::prompt_injection;
    Severity severity = Severity::high;
    std::string technique;
    std::string source;  // the feed, or empty
};

// What a search may return.
struct ThreatFilter {
    std::optional<Category> category;
    std::optional<Severity> least_severity;
    std::optional<std::string> source;
    double least_similarity = -1;
};

// How an index has fared.
struct ThreatIndexState {
    std::size_t size = 0;      // that can be found
    std::size_t dead = 0;      // tombstones
    std::size_t in_graph = 0;  // rows that the graph covers, dead ones too; 0: no graph
    std::int64_t rebuilds = 0;
};

// The vectors of one tenant and name space, in memory. Thread-safe: searches run together, a change
// waits for them. Rows are appended; a removed one is a tombstone until maintain().
class ThreatIndex {
public:
    // Above so many rows search() asks the graph. Chosen with memory_bench.cpp.
    static constexpr std::size_t kMaxExact = 6'000;
    static constexpr std::size_t kMaxRows = 1'000'000;  // living and dead
    static constexpr std::size_t kMaxCount = 1'000;     // of one search

    explicit ThreatIndex(std::size_t dimension, std::size_t max_exact = kMaxExact);
    ~ThreatIndex();
    ThreatIndex(const ThreatIndex&) = delete;
    ThreatIndex& operator=(const ThreatIndex&) = delete;

    // Replaces the threat of that id. Code::invalid for another dimension, Code::exhausted above
    // kMaxRows.
    Result<void> add(const ThreatMatch& threat, std::span<const std::int8_t> vector);
    bool remove(std::string_view threat_id);

    // The nearest `count` that pass the filter, best first, ties by id. Exact up to max_exact rows
    // or while the graph is not built; beyond, nearly (memory_bench.cpp prints the recall).
    // Code::invalid for another dimension or a count above kMaxCount.
    Result<std::vector<ThreatMatch>> search(std::span<const std::int8_t> vector, std::size_t count,
                                            const ThreatFilter& filter) const;
    // The same, always by comparison with each.
    Result<std::vector<ThreatMatch>> search_exact(std::span<const std::int8_t> vector,
                                                  std::size_t count,
                                                  const ThreatFilter& filter) const;
    // The nearest of at least that similarity. Sketches are compared first, and exactly only those
    // within three standard deviations of what that similarity leads to expect: of threats just at
    // the bound some in a thousand are missed, above it fewer.
    std::optional<ThreatMatch> nearest(std::span<const std::int8_t> vector,
                                       double least_similarity) const;

    // Drops tombstones when they are more than a fifth, and builds the graph when there are more
    // than max_exact rows and it lacks more than a tenth of them. Takes 0.3 ms a row; searches go
    // on meanwhile. For a schedule: one call at a time.
    void maintain();

    std::size_t size() const;
    std::size_t dimension() const;
    ThreatIndexState state() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::guard
