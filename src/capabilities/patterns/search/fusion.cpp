#include "capabilities/patterns/search/fusion.h"

#include <algorithm>

namespace credence::patterns {

void fuse(std::vector<Hit>& hits, const FusionOptions& options) {
    double best_bm25 = 0;
    double best_similarity = 0;
    for (const Hit& hit : hits) {
        best_bm25 = std::max(best_bm25, hit.bm25);
        best_similarity = std::max(best_similarity, hit.similarity);
    }
    const bool words = options.use_text && best_bm25 > 0;
    const bool vectors = options.use_vectors && best_similarity > 0;
    const double share = words && vectors ? options.word_share : words ? 1.0 : 0.0;
    for (Hit& hit : hits) {
        const double by_words = words ? hit.bm25 / best_bm25 : 0.0;
        const double by_vectors =
            vectors ? std::max(hit.similarity, 0.0) / (words ? best_similarity : 1.0) : 0.0;
        hit.relevance = std::clamp(share * by_words + (1 - share) * by_vectors, 0.0, 1.0);
    }
    std::ranges::sort(hits, [](const Hit& a, const Hit& b) {
        return a.relevance != b.relevance ? a.relevance > b.relevance : a.id < b.id;
    });
}

}  // namespace credence::patterns
