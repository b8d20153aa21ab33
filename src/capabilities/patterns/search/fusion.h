// One order out of two: BM25 and cosine.
#pragma once

#include <vector>

#include "capabilities/patterns/search/search.h"

namespace credence::patterns {

// The share of the words; the rest is the vectors'. Chosen on the tuning third of
// tests/quality/pattern_retrieval.jsonl (pattern_quality --tune).
inline constexpr double kWordShare = 0.4;

struct FusionOptions {
    bool use_text = true;
    bool use_vectors = true;
    double word_share = kWordShare;
};

// Fills relevance and sorts, best first, ties by id. A convex combination of BM25 divided by the
// best of this answer and of the cosine, likewise and not below 0; with one side unused, the other
// alone.
void fuse(std::vector<Hit>& hits, const FusionOptions& options);

}  // namespace credence::patterns
