// How good ranked lists were, judged by what people chose afterwards.
//
//   recall@k = |first k of the list and relevant| / min(k, |relevant|)
//   NDCG@k   = sum over hits at place r <= k of 1 / log2(r + 1), by the same sum of an ideal list
//              (K. Jarvelin and J. Kekalainen, "Cumulated gain-based evaluation of IR techniques",
//              ACM Transactions on Information Systems 20 (2002), 422-446)
//   coverage = distinct items in all first k / items of the catalogue
// Means over cases (one a user). A mean of numbers in [0, 1] varies at most as much as a share, so
// Wilson's interval (intervals.h) with the mean in place of the share holds it, on the wide side;
// method "bounded_mean_wilson_95". Pure and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stats/estimate.h"

namespace credence::stats {

struct RankedCase {
    std::vector<std::uint32_t> ranked;  // best first, without repetition
    std::vector<std::uint32_t>
        relevant;  // in any order, without repetition; empty: case is skipped
};

struct RankingQuality {
    std::size_t k = 0;
    Estimate recall;
    Estimate ndcg;
    double coverage = 0;
    std::int64_t items_shown = 0;  // the distinct items behind coverage
};

// k and catalogue at least 1 (CHECK). Without cases the estimates are [0, 1] with n = 0, value 0.
RankingQuality ranking_quality(std::span<const RankedCase> cases, std::size_t k,
                               std::size_t catalogue);

}  // namespace credence::stats
