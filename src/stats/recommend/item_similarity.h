// Which items are used successfully by the same people.
//
//   w(u,i)   = ln(1 + n) * (f + (1 - f) * (successes + 1) / (n + 2)) * 2^(-(now - last) /
//   half_life) v(u,i)   = w(u,i) * ln(1 + items / items_of(u))         (who tries everything says
//   little) sim(i,j) = sum_u v(u,i) v(u,j) / (|v(.,i)| |v(.,j)|) * s / (s + k),  s = users of both
// Implicit feedback as a weight: Y. Hu, Y. Koren and C. Volinsky, "Collaborative filtering for
// implicit feedback datasets", ICDM (2008), 263-272. Item by item: B. Sarwar and others,
// "Item-based collaborative filtering recommendation algorithms", WWW (2001), 285-295. Inverse user
// frequency: J. S. Breese, D. Heckerman and C. Kadie, UAI (1998), 43-52. s / (s + k): Y. Koren, KDD
// (2008). Immutable once built, so thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace credence::stats {

// What a user did with an item. Users and items are small numbers given out densely from 0.
struct Feedback {
    std::uint32_t user = 0;
    std::uint32_t item = 0;
    std::int64_t successes = 0;
    std::int64_t n = 0;  // uses, at least successes (CHECK)
    std::int64_t last_at_us = 0;
};

struct FeedbackOptions {
    std::int64_t now_us = 0;
    std::int64_t half_life_us = 90LL * 24 * 3600 * 1'000'000;
    double failure_weight = 0.25;  // f: what a use that fails always is worth, in [0, 1]
};

// w(u,i): 0 without uses; a last use after now counts as now.
double feedback_weight(const Feedback& feedback, const FeedbackOptions& options);

struct SimilarityOptions {
    double shrinkage = 10;                 // k, in users; at least 0
    std::size_t neighbours = 50;           // kept for each item
    std::size_t max_items_per_user = 200;  // heaviest first; the others are left out
};

struct ItemNeighbour {
    std::uint32_t item = 0;
    double similarity = 0;   // in (0, 1]
    std::int64_t users = 0;  // who have both
};

class ItemSimilarity {
public:
    // Rows of one user and item add up by weight. Items are 0 to `items` - 1 (CHECK). Cost: the sum
    // over users of their items squared, and memory of the neighbours and the rows.
    ItemSimilarity(std::span<const Feedback> rows, std::size_t items,
                   const FeedbackOptions& feedback, const SimilarityOptions& options = {});

    // Most similar first, then the smaller number; empty for an unknown item.
    std::span<const ItemNeighbour> neighbours(std::uint32_t item) const;
    std::size_t items() const { return neighbours_.size(); }

private:
    std::vector<std::vector<ItemNeighbour>> neighbours_;
};

}  // namespace credence::stats
