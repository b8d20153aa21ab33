// Boosted regression trees over traits (Friedman 2001, "Greedy Function Approximation"; histograms
// as in Ke et al. 2017): what rules and structure say together, learned.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::guard {

struct ForestNode {
    std::int32_t trait = -1;  // -1: a leaf
    float threshold = 0;      // at most: to the left
    std::int32_t left = 0;    // index of a node
    std::int32_t right = 0;
    float value = 0;  // of a leaf, shrinkage included
};

struct Forest {
    std::vector<std::int32_t> roots;
    std::vector<ForestNode> nodes;
    float bias = 0;

    // Sum of the leaves. Traits beyond the end of `traits` count as 0.
    double logit(std::span<const float> traits) const;

    std::string write() const;
    // Code::invalid for damaged input: indices out of range, cycles, too many nodes.
    static Result<Forest> read(std::string_view blob);
};

struct ForestOptions {
    int trees = 150;
    int depth = 4;
    double shrinkage = 0.1;
    double row_share = 0.7;  // drawn for each tree (Friedman 2002)
    double trait_share = 0.5;
    double leaf_weight = 20;  // least sum of row weights in a leaf
    double penalty = 5;       // L2 on leaf values
    std::uint64_t seed = 1;
};

struct ForestRow {
    std::span<const float> traits;
    double target = 0;  // (0, 1)
    double weight = 1;
};

// Logistic loss; deterministic. At most 64 histogram bins a trait.
Forest grow_forest(std::span<const ForestRow> rows, const ForestOptions& options);

}  // namespace credence::guard
