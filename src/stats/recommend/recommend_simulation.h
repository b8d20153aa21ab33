// Do the recommendations find what people take up next? A seeded community with known tastes.
//
// Each user has one of several tastes and a few habits outside it, each item a success rate. The
// first three quarters of the time teach; what a user then uses for the first time, with success,
// is relevant. Beside ours: popularity alone, and the formula of the old system (neighbours by
// shared rows over the union of rows, candidates by the largest product of a neighbour's likeness
// and that neighbour's own raw rate, so that 1/1 is certain).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stats/recommend/ranking_quality.h"

namespace credence::stats {

struct RecommendSimulationOptions {
    std::uint64_t seed = 1;
    std::size_t users = 1000;
    std::size_t items = 200;
    std::size_t tastes = 8;
    std::size_t uses_per_user = 40;
    std::size_t k = 10;
};

// `recommender`: "item_item" (ours), "item_item_explore_10" (a tenth of the places explored),
// "popularity", "old_max_neighbour".
struct RecommendSimulationRow {
    std::string_view recommender;  // a literal
    RankingQuality quality;
};

// About two seconds at the default size, most of it the old formula's.
std::vector<RecommendSimulationRow> recommend_simulation(const RecommendSimulationOptions& options);

}  // namespace credence::stats
