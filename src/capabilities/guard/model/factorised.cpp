#include <algorithm>
#include <array>
#include <cmath>

#include "capabilities/guard/model/family.h"
#include "capabilities/guard/model/hashed_features.h"

namespace credence::guard {

namespace {

constexpr std::size_t kFactors = 16;
constexpr std::size_t kFactorRows = std::size_t{1} << 18;  // buckets share them
constexpr int kFactorEpochs = 4;
constexpr double kWeightRate = 0.5;
constexpr double kFactorRate = 0.05;
constexpr double kFactorStart = 0.1;  // greatest magnitude
constexpr double kWeightPenalty = 1e-5;
constexpr double kFactorPenalty = 1e-4;
constexpr double kLeastSquare = 1e-6;  // under the root of a rate

using Factors = std::array<float, kFactors>;
using FactorSums = std::array<double, kFactors>;

// logit = bias + sum w_i x_i + sum over pairs <v_i, v_j> x_i x_j, where the last is
// 1/2 sum over factors of ((sum v_i x_i)^2 - sum (v_i x_i)^2)   (Rendle 2010, lemma 3.1).
struct FactorisedWeights {
    double bias = 0;
    std::vector<float> weights = std::vector<float>(kBuckets);
    std::vector<Factors> factors = std::vector<Factors>(kFactorRows);

    static std::size_t row_of(const HashedFeature& feature) { return feature.bucket % kFactorRows; }

    // *sums: of v_i x_i, by factor.
    double logit(const HashedText& features, FactorSums& sums) const {
        double logit = bias;
        double squares = 0;
        sums.fill(0);
        for (const HashedFeature& feature : features) {
            const auto value = static_cast<double>(feature.value);
            const Factors& row = factors[row_of(feature)];
            logit += static_cast<double>(weights[feature.bucket]) * value;
            for (std::size_t f = 0; f < kFactors; ++f) {
                const double part = static_cast<double>(row[f]) * value;
                sums[f] += part;
                squares += part * part;
            }
        }
        double whole = 0;
        for (const double sum : sums) {
            whole += sum * sum;
        }
        return logit + (whole - squares) / 2;
    }
};

// Adagrad (Duchi et al. 2011), of factors by row.
class FactorisedTrainer {
public:
    explicit FactorisedTrainer(SeededRandom& random) {
        for (Factors& row : weights_.factors) {
            for (float& value : row) {
                const double uniform = static_cast<double>(random.next() >> 11) * 0x1.0p-53;
                value = static_cast<float>(kFactorStart * (2 * uniform - 1));
            }
        }
    }

    void learn(const Lesson& lesson) {
        FactorSums sums{};
        const WorstReading shown = worst_reading(
            *lesson.sample, first_lesson(*lesson.sample), true,
            [&](const HashedText& features) { return weights_.logit(features, sums); });
        weights_.logit(shown.features, sums);
        const double slope = lesson.weight * (1 / (1 + std::exp(-shown.logit)) - lesson.target);
        bias_square_ += slope * slope;
        weights_.bias -= kWeightRate * slope / std::sqrt(bias_square_ + kLeastSquare);
        for (const HashedFeature& feature : shown.features) {
            step_weight(feature, slope);
            step_factors(feature, slope, sums);
        }
    }

    FactorisedWeights take() { return std::move(weights_); }

private:
    void step_weight(const HashedFeature& feature, double slope) {
        float& weight = weights_.weights[feature.bucket];
        float& square = weight_squares_[feature.bucket];
        const double by = slope * static_cast<double>(feature.value) +
                          kWeightPenalty * static_cast<double>(weight);
        square += static_cast<float>(by * by);
        weight -= static_cast<float>(kWeightRate * by /
                                     std::sqrt(static_cast<double>(square) + kLeastSquare));
    }

    void step_factors(const HashedFeature& feature, double slope, const FactorSums& sums) {
        const std::size_t at = FactorisedWeights::row_of(feature);
        const auto value = static_cast<double>(feature.value);
        Factors& row = weights_.factors[at];
        FactorSums by{};
        double square = 0;
        for (std::size_t f = 0; f < kFactors; ++f) {
            const auto factor = static_cast<double>(row[f]);
            by[f] = slope * value * (sums[f] - factor * value) + kFactorPenalty * factor;
            square += by[f] * by[f];
        }
        factor_squares_[at] += static_cast<float>(square / kFactors);
        const double rate =
            kFactorRate / std::sqrt(static_cast<double>(factor_squares_[at]) + kLeastSquare);
        for (std::size_t f = 0; f < kFactors; ++f) {
            row[f] -= static_cast<float>(rate * by[f]);
        }
    }

    FactorisedWeights weights_;
    double bias_square_ = 0;
    std::vector<float> weight_squares_ = std::vector<float>(kBuckets);
    std::vector<float> factor_squares_ = std::vector<float>(kFactorRows);
};

class LearnedFactors final : public Learned {
public:
    explicit LearnedFactors(FactorisedWeights weights) : weights_(std::move(weights)) {}

    double logit(const Sample& sample, SourceKind /*channel*/) const override {
        FactorSums sums{};
        const auto logit_of = [&](const HashedText& features) {
            return weights_.logit(features, sums);
        };
        return worst_reading(sample, 0, true, logit_of).logit;
    }

private:
    FactorisedWeights weights_;
};

std::unique_ptr<Learned> learn_factors(std::span<const Sample* const> samples, std::uint64_t seed) {
    const std::vector<Lesson> lessons = lessons_of(samples, {});
    SeededRandom random(seed);
    FactorisedTrainer trainer(random);
    for (int epoch = 0; epoch < kFactorEpochs; ++epoch) {
        for_each_shuffled(lessons, random, [&](const Lesson& lesson) { trainer.learn(lesson); });
    }
    return std::make_unique<LearnedFactors>(trainer.take());
}

}  // namespace

Family factorised_family() {
    return {"factorised", "a factorisation machine over words, pairs, n-grams and concepts",
            learn_factors};
}

}  // namespace credence::guard
