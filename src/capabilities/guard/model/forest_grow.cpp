#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "capabilities/guard/model/forest.h"

namespace credence::guard {

namespace {

constexpr std::size_t kBins = 64;
constexpr int kMostDepth = 10;
constexpr double kLeastGain = 1e-4;    // a split that gains less tells nothing
constexpr double kLeastSlope = 1e-12;  // of a leaf without penalty
constexpr std::int32_t kNowhere = -1;

// One trait of all rows, as bins: bin b holds values up to edges[b], the last bin the rest.
struct Column {
    std::vector<float> edges;
    std::vector<std::uint8_t> bins;  // by row
};

// Between two neighbours; rounding must not reach the upper one.
float between(float low, float high) {
    const float middle = low + (high - low) / 2;
    return middle < high ? middle : low;
}

struct Value {
    float value = 0;
    std::size_t rows = 0;
};

std::vector<Value> distinct_of(std::vector<float> values) {
    std::sort(values.begin(), values.end());
    std::vector<Value> distinct;
    for (const float value : values) {
        if (distinct.empty() || distinct.back().value != value) {
            distinct.push_back({value, 0});
        }
        ++distinct.back().rows;
    }
    return distinct;
}

// A value with many rows has a bin of its own, so that the few rows around it are not lost; the
// others share what is left about equally.
std::vector<float> choose_edges(const std::vector<Value>& distinct) {
    std::size_t rest = 0;  // rows from the open bin on
    for (const Value& value : distinct) {
        rest += value.rows;
    }
    std::vector<float> edges;
    std::size_t in_bin = 0;
    for (std::size_t i = 0; i + 1 < distinct.size() && edges.size() + 1 < kBins; ++i) {
        in_bin += distinct[i].rows;
        const std::size_t bins_left = kBins - edges.size();
        const bool full = in_bin * bins_left >= rest || distinct[i + 1].rows * bins_left >= rest;
        if (distinct.size() <= kBins || full) {
            edges.push_back(between(distinct[i].value, distinct[i + 1].value));
            rest -= in_bin;
            in_bin = 0;
        }
    }
    return edges;
}

std::vector<Column> bin_columns(std::span<const ForestRow> rows) {
    std::size_t traits = 0;
    for (const ForestRow& row : rows) {
        traits = std::max(traits, row.traits.size());
    }
    std::vector<Column> columns(traits);
    std::vector<float> values(rows.size());
    for (std::size_t trait = 0; trait < traits; ++trait) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const float value = trait < rows[i].traits.size() ? rows[i].traits[trait] : 0;
            values[i] = std::isfinite(value) ? value : 0;
        }
        Column& column = columns[trait];
        column.edges = choose_edges(distinct_of(values));
        for (const float value : values) {
            column.bins.push_back(static_cast<std::uint8_t>(
                std::lower_bound(column.edges.begin(), column.edges.end(), value) -
                column.edges.begin()));
        }
    }
    return columns;
}

// SplitSums over rows: slope and curvature of the loss, and row weights.
struct SplitSums {
    double slope = 0;
    double curvature = 0;
    double weight = 0;

    void add(const SplitSums& other) {
        slope += other.slope;
        curvature += other.curvature;
        weight += other.weight;
    }
    SplitSums less(const SplitSums& other) const {
        return {slope - other.slope, curvature - other.curvature, weight - other.weight};
    }
};

struct Split {
    double gain = kLeastGain;
    std::int32_t trait = kNowhere;
    std::size_t bin = 0;
};

// A node whose rows are still being split.
struct Open {
    std::size_t node = 0;
    SplitSums sums;
    Split best;
};

// A drawn row: where it stands in the tree, and its part of the sums.
struct Drawn {
    std::uint32_t row = 0;
    std::int32_t open = 0;  // kNowhere: in a leaf
    SplitSums sums;
};

class Grower {
public:
    Grower(std::span<const ForestRow> rows, const ForestOptions& options)
        : rows_(rows),
          options_(options),
          depth_(std::clamp(options.depth, 1, kMostDepth)),
          random_(options.seed),
          columns_(bin_columns(rows)) {}

    Forest run() {
        forest_.bias = first_guess();
        logits_.assign(rows_.size(), forest_.bias);
        for (int tree = 0; tree < options_.trees && !rows_.empty(); ++tree) {
            grow_tree();
        }
        return std::move(forest_);
    }

private:
    double uniform() { return static_cast<double>(random_.next() >> 11) * 0x1.0p-53; }

    float first_guess() const {
        double attacks = 0;
        double others = 0;
        for (const ForestRow& row : rows_) {
            attacks += row.weight * row.target;
            others += row.weight * (1 - row.target);
        }
        return attacks > 0 && others > 0 ? static_cast<float>(std::log(attacks / others)) : 0.0F;
    }

    void draw_rows() {
        drawn_.clear();
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (uniform() >= options_.row_share) {
                continue;
            }
            const double probability = 1 / (1 + std::exp(-logits_[i]));
            const double weight = rows_[i].weight;
            drawn_.push_back({static_cast<std::uint32_t>(i),
                              0,
                              {weight * (probability - rows_[i].target),
                               weight * probability * (1 - probability), weight}});
        }
    }

    std::vector<std::size_t> draw_traits() {
        std::vector<std::size_t> traits(columns_.size());
        std::iota(traits.begin(), traits.end(), std::size_t{0});
        const double wanted = std::ceil(options_.trait_share * static_cast<double>(traits.size()));
        const std::size_t count = std::min(traits.size(), static_cast<std::size_t>(wanted));
        for (std::size_t i = 0; i < count; ++i) {
            std::swap(traits[i], traits[i + random_.next() % (traits.size() - i)]);
        }
        traits.resize(count);
        std::sort(traits.begin(), traits.end());
        return traits;
    }

    void grow_tree() {
        draw_rows();
        const std::vector<std::size_t> traits = draw_traits();
        first_node_ = forest_.nodes.size();
        split_bins_.clear();
        open_.assign(1, Open{add_node(), {}, {}});
        for (const Drawn& drawn : drawn_) {
            open_[0].sums.add(drawn.sums);
        }
        for (int level = 0; level < depth_ && !open_.empty(); ++level) {
            for (const std::size_t trait : traits) {
                if (!columns_[trait].edges.empty()) {
                    look_for_split(trait);
                }
            }
            descend();
        }
        for (const Open& open : open_) {
            close(open);
        }
        forest_.roots.push_back(static_cast<std::int32_t>(first_node_));
        add_to_logits();
    }

    std::size_t add_node() {
        forest_.nodes.emplace_back();
        split_bins_.push_back(0);
        return forest_.nodes.size() - 1;
    }

    double value_of(const SplitSums& sums) const {
        return -sums.slope / std::max(sums.curvature + options_.penalty, kLeastSlope);
    }
    // Twice what the loss falls by when a leaf holds these rows.
    double merit(const SplitSums& sums) const { return -sums.slope * value_of(sums); }

    void look_for_split(std::size_t trait) {
        const Column& column = columns_[trait];
        const std::size_t bins = column.edges.size() + 1;
        histogram_.assign(open_.size() * bins, SplitSums{});
        for (const Drawn& drawn : drawn_) {
            if (drawn.open != kNowhere) {
                histogram_[static_cast<std::size_t>(drawn.open) * bins + column.bins[drawn.row]]
                    .add(drawn.sums);
            }
        }
        for (std::size_t i = 0; i < open_.size(); ++i) {
            Open& open = open_[i];
            const double whole = merit(open.sums);
            SplitSums left;
            for (std::size_t bin = 0; bin + 1 < bins; ++bin) {
                left.add(histogram_[i * bins + bin]);
                const SplitSums right = open.sums.less(left);
                if (left.weight < options_.leaf_weight || right.weight < options_.leaf_weight) {
                    continue;
                }
                const double gain = merit(left) + merit(right) - whole;
                if (gain > open.best.gain) {
                    open.best = {gain, static_cast<std::int32_t>(trait), bin};
                }
            }
        }
    }

    void close(const Open& open) {
        forest_.nodes[open.node].value =
            static_cast<float>(options_.shrinkage * value_of(open.sums));
    }

    // Makes the splits that were found; what has none becomes a leaf.
    void descend() {
        std::vector<Open> next;
        std::vector<std::int32_t> left_of(open_.size(), kNowhere);
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const Open& open = open_[i];
            if (open.best.trait == kNowhere) {
                close(open);
                continue;
            }
            left_of[i] = static_cast<std::int32_t>(next.size());
            const std::size_t left = add_node();
            const std::size_t right = add_node();
            ForestNode& node = forest_.nodes[open.node];
            node.trait = open.best.trait;
            node.threshold =
                columns_[static_cast<std::size_t>(open.best.trait)].edges[open.best.bin];
            node.left = static_cast<std::int32_t>(left);
            node.right = static_cast<std::int32_t>(right);
            split_bins_[open.node - first_node_] = open.best.bin;
            next.push_back({left, {}, {}});
            next.push_back({right, {}, {}});
        }
        for (Drawn& drawn : drawn_) {
            if (drawn.open == kNowhere) {
                continue;
            }
            const auto from = static_cast<std::size_t>(drawn.open);
            drawn.open = left_of[from];
            if (drawn.open == kNowhere) {
                continue;
            }
            const Split& split = open_[from].best;
            const bool right =
                columns_[static_cast<std::size_t>(split.trait)].bins[drawn.row] > split.bin;
            drawn.open += right ? 1 : 0;
            next[static_cast<std::size_t>(drawn.open)].sums.add(drawn.sums);
        }
        open_ = std::move(next);
    }

    void add_to_logits() {
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            std::size_t at = first_node_;
            while (forest_.nodes[at].trait >= 0) {
                const ForestNode& node = forest_.nodes[at];
                const Column& column = columns_[static_cast<std::size_t>(node.trait)];
                const bool left = column.bins[row] <= split_bins_[at - first_node_];
                at = static_cast<std::size_t>(left ? node.left : node.right);
            }
            logits_[row] += forest_.nodes[at].value;
        }
    }

    std::span<const ForestRow> rows_;
    const ForestOptions& options_;
    int depth_;
    SeededRandom random_;
    std::vector<Column> columns_;
    std::vector<double> logits_;  // by row, of the trees so far
    std::vector<Drawn> drawn_;
    std::vector<Open> open_;
    std::vector<SplitSums> histogram_;     // [open][bin]
    std::size_t first_node_ = 0;           // of the tree that grows
    std::vector<std::size_t> split_bins_;  // by node of that tree
    Forest forest_;
};

}  // namespace

Forest grow_forest(std::span<const ForestRow> rows, const ForestOptions& options) {
    return Grower(rows, options).run();
}

}  // namespace credence::guard
