#include "stats/anomaly/dispersion.h"

#include <algorithm>
#include <vector>

#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr int kRounds = 50;

void normalise(DispersionWeights& weights) {
    double total = 0;
    for (const double weight : weights) {
        total += weight;
    }
    for (double& weight : weights) {
        weight /= total;
    }
}

DispersionWeights likelihoods(const DispersionLogs& logs) {
    const double best = *std::ranges::max_element(logs);
    DispersionWeights values{};
    for (std::size_t step = 0; step < kDispersionSteps; ++step) {
        values[step] = portable_exp(logs[step] - best);
    }
    return values;
}

DispersionWeights product(const DispersionWeights& prior, const DispersionWeights& likelihood) {
    DispersionWeights weights{};
    for (std::size_t step = 0; step < kDispersionSteps; ++step) {
        weights[step] = prior[step] * likelihood[step];
    }
    normalise(weights);
    return weights;
}

}  // namespace

DispersionWeights cautious_dispersion_prior() {
    constexpr double kScale = 0.02;
    const auto above = [](double x) { return 1 / ((1 + x / kScale) * (1 + x / kScale)); };
    // A step of the grid takes what lies nearest to it.
    const auto middle = [](std::size_t i) { return (kDispersions[i] + kDispersions[i + 1]) / 2; };
    DispersionWeights prior{};
    double from = 1;
    for (std::size_t step = 0; step < kDispersionSteps; ++step) {
        const double to = step + 1 == kDispersionSteps ? 0.0 : above(middle(step));
        prior[step] = from - to;
        from = to;
    }
    return prior;
}

DispersionWeights dispersion_posterior(const DispersionWeights& prior, const DispersionLogs& logs) {
    return product(prior, likelihoods(logs));
}

DispersionWeights learn_dispersion_prior(std::span<const DispersionLogs> family) {
    std::vector<DispersionWeights> values;
    values.reserve(family.size());
    for (const DispersionLogs& logs : family) {
        values.push_back(likelihoods(logs));
    }
    const DispersionWeights cautious = cautious_dispersion_prior();
    DispersionWeights prior = cautious;
    for (int round = 0; round < kRounds; ++round) {
        DispersionWeights next{};
        for (std::size_t step = 0; step < kDispersionSteps; ++step) {
            next[step] = kPriorSkills * cautious[step];
        }
        for (const DispersionWeights& value : values) {
            const DispersionWeights share = product(prior, value);
            for (std::size_t step = 0; step < kDispersionSteps; ++step) {
                next[step] += share[step];
            }
        }
        normalise(next);
        prior = next;
    }
    return prior;
}

}  // namespace credence::stats
