#include "capabilities/guard/code/code_learning.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "capabilities/guard/code/code_features.h"

namespace credence::guard {

namespace {

// One coordinate each of FTRL-proximal.
struct Ftrl {
    std::vector<double> z;
    std::vector<double> n;

    explicit Ftrl(std::size_t size) : z(size), n(size) {}

    double weight(std::size_t i, double rate, double l1, double l2) const {
        if (std::abs(z[i]) <= l1) {
            return 0;
        }
        const double sign = z[i] < 0 ? -1 : 1;
        return -(z[i] - sign * l1) / ((1 + std::sqrt(n[i])) / rate + l2);
    }

    void learn(std::size_t i, double gradient, double weight, double rate) {
        const double sigma = (std::sqrt(n[i] + gradient * gradient) - std::sqrt(n[i])) / rate;
        z[i] += gradient - sigma * weight;
        n[i] += gradient * gradient;
    }
};

// Weights of the rows with mean 1.
std::vector<double> row_weights(const std::vector<const CodeRow*>& rows, double own_weight) {
    std::map<std::pair<bool, std::string>, double> sizes;
    for (const CodeRow* row : rows) {
        sizes[{row->harmful, row->source}] += 1;
    }
    double sums[2] = {0, 0};
    std::vector<double> weights;
    weights.reserve(rows.size());
    for (const CodeRow* row : rows) {
        const double size = sizes[{row->harmful, row->source}];
        weights.push_back((row->own ? own_weight : 1) / std::sqrt(size));
        sums[row->harmful ? 1 : 0] += weights.back();
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        weights[i] *= static_cast<double>(rows.size()) / 2 / sums[rows[i]->harmful ? 1 : 0];
    }
    return weights;
}

std::uint64_t next_random(std::uint64_t& state) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return state;
}

double value_of(const CodeRow& row) {
    return 1 / std::sqrt(static_cast<double>(std::max<std::size_t>(row.features.size(), 1)));
}

// The least threshold that at most the share of these (odds, weight) reach.
double threshold_for(std::vector<std::pair<double, double>> ordinary, double share) {
    std::sort(ordinary.rbegin(), ordinary.rend());
    double total = 0;
    for (const auto& [odds, weight] : ordinary) {
        total += weight;
    }
    double sum = 0;
    for (const auto& [odds, weight] : ordinary) {
        sum += weight;
        if (sum > share * total) {
            return odds + 1e-6;
        }
    }
    return -1e9;
}

TrainedCode rounded(const CodeFit& fit) {
    TrainedCode trained;
    double largest = 0;
    for (const double weight : fit.weights) {
        largest = std::max(largest, std::abs(weight));
    }
    trained.scale = largest == 0 ? 1 : largest / 127;
    trained.bias = fit.bias;
    for (const double weight : fit.weights) {
        trained.weights.push_back(static_cast<std::int8_t>(std::lround(weight / trained.scale)));
    }
    return trained;
}

}  // namespace

double log_odds(const CodeFit& fit, const CodeRow& row) {
    double sum = 0;
    for (const std::uint16_t bucket : row.features) {
        sum += fit.weights[bucket];
    }
    return fit.bias + sum * value_of(row);
}

CodeFit fit_code(const std::vector<const CodeRow*>& rows, const CodeLearning& how) {
    const std::vector<double> importance = row_weights(rows, how.own_weight);
    const double total = static_cast<double>(rows.size()) * how.passes;
    const double l1 = how.l1 * total;
    const double l2 = how.l2 * total;
    Ftrl state(kFeatureBuckets + 1);
    std::vector<std::size_t> order(rows.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::uint64_t random = 0x9E3779B97F4A7C15ULL;
    std::vector<double> weights;
    for (int pass = 0; pass < how.passes; ++pass) {
        for (std::size_t i = order.size(); i > 1; --i) {
            std::swap(order[i - 1], order[next_random(random) % i]);
        }
        for (const std::size_t index : order) {
            const CodeRow& row = *rows[index];
            const double value = value_of(row);
            weights.clear();
            double odds = state.weight(kFeatureBuckets, how.rate, 0, 0);
            const double bias = odds;
            for (const std::uint16_t bucket : row.features) {
                weights.push_back(state.weight(bucket, how.rate, l1, l2));
                odds += weights.back() * value;
            }
            const double error =
                importance[index] * (1 / (1 + std::exp(-odds)) - (row.harmful ? 1 : 0));
            for (std::size_t k = 0; k < row.features.size(); ++k) {
                state.learn(row.features[k], error * value, weights[k], how.rate);
            }
            state.learn(kFeatureBuckets, error, bias, how.rate);
        }
    }
    CodeFit fit;
    for (std::size_t i = 0; i < kFeatureBuckets; ++i) {
        fit.weights.push_back(state.weight(i, how.rate, l1, l2));
    }
    fit.bias = state.weight(kFeatureBuckets, how.rate, 0, 0);
    return fit;
}

TrainedCode train_code(const std::vector<const CodeRow*>& rows, const CodeLearning& how) {
    std::vector<std::pair<double, double>> ordinary[2];  // own last
    const auto folds = static_cast<std::uint64_t>(how.folds);
    for (std::uint64_t fold = 0; fold < folds; ++fold) {
        std::vector<const CodeRow*> kept;
        for (const CodeRow* row : rows) {
            if (row->fold % folds != fold) {
                kept.push_back(row);
            }
        }
        const CodeFit fit = fit_code(kept, how);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (rows[i]->fold % folds == fold && !rows[i]->harmful) {
                // Prose is never scored, so it does not count.
                ordinary[rows[i]->own ? 1 : 0].emplace_back(
                    rows[i]->silent ? log_odds(fit, *rows[i]) : -1e9, rows[i]->code ? 1 : 0);
            }
        }
    }
    TrainedCode trained = rounded(fit_code(rows, how));
    trained.doubt = threshold_for(ordinary[0], how.doubt_share);
    trained.threshold = std::max(threshold_for(std::move(ordinary[0]), how.ordinary_share),
                                 threshold_for(std::move(ordinary[1]), how.own_share));
    trained.doubt = std::min(trained.doubt, trained.threshold);
    return trained;
}

}  // namespace credence::guard
