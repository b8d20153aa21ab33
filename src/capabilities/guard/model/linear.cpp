#include <cmath>

#include "capabilities/guard/model/family.h"
#include "capabilities/guard/model/hashed_features.h"

namespace credence::guard {

namespace {

constexpr int kLinearEpochs = 4;
constexpr double kRate = 1.0;
constexpr double kDamping = 0.3;        // of the rate of weights seldom seen
constexpr double kLinearPenalty = 0.3;  // L2

// Logistic regression by FTRL-proximal (McMahan et al. 2013, "Ad Click Prediction: a View from the
// Trenches") without its L1 part: each weight has a rate of its own, and those never seen stay 0.
class LinearTrainer {
public:
    double logit_of(const HashedText& features) const {
        double sum = weight_of(bias_);
        for (const HashedFeature& feature : features) {
            sum += weight_of(states_[feature.bucket]) * static_cast<double>(feature.value);
        }
        return sum;
    }

    void learn(const Lesson& lesson) {
        const WorstReading shown =
            worst_reading(*lesson.sample, first_lesson(*lesson.sample), false,
                          [this](const HashedText& features) { return logit_of(features); });
        const double slope = lesson.weight * (1 / (1 + std::exp(-shown.logit)) - lesson.target);
        step(bias_, slope);
        for (const HashedFeature& feature : shown.features) {
            step(states_[feature.bucket], slope * static_cast<double>(feature.value));
        }
    }

    double bias() const { return weight_of(bias_); }
    std::vector<float> weights() const {
        std::vector<float> weights;
        weights.reserve(states_.size());
        for (const State& state : states_) {
            weights.push_back(static_cast<float>(weight_of(state)));
        }
        return weights;
    }

private:
    // A weight, as what FTRL keeps of it.
    struct State {
        float pull = 0;     // sum of slopes, less what the proximal terms hold
        float squares = 0;  // sum of squared slopes
    };

    static double weight_of(const State& state) {
        const double root = std::sqrt(static_cast<double>(state.squares));
        return -static_cast<double>(state.pull) / ((kDamping + root) / kRate + kLinearPenalty);
    }

    static void step(State& state, double slope) {
        const double before = static_cast<double>(state.squares);
        const double after = before + slope * slope;
        const double hold = (std::sqrt(after) - std::sqrt(before)) / kRate;
        state.pull += static_cast<float>(slope - hold * weight_of(state));
        state.squares = static_cast<float>(after);
    }

    State bias_;
    std::vector<State> states_ = std::vector<State>(kBuckets);
};

class LearnedWeights final : public Learned {
public:
    LearnedWeights(std::vector<float> weights, double bias)
        : weights_(std::move(weights)), bias_(bias) {}

    double logit(const Sample& sample, SourceKind /*channel*/) const override {
        const auto logit_of = [this](const HashedText& features) {
            double sum = bias_;
            for (const HashedFeature& feature : features) {
                sum += static_cast<double>(weights_[feature.bucket]) *
                       static_cast<double>(feature.value);
            }
            return sum;
        };
        return worst_reading(sample, 0, false, logit_of).logit;
    }

private:
    std::vector<float> weights_;
    double bias_;
};

std::unique_ptr<Learned> learn_weights(std::span<const Sample* const> samples, std::uint64_t seed) {
    const std::vector<Lesson> lessons = lessons_of(samples, {});
    SeededRandom random(seed);
    LinearTrainer trainer;
    for (int epoch = 0; epoch < kLinearEpochs; ++epoch) {
        for_each_shuffled(lessons, random, [&](const Lesson& lesson) { trainer.learn(lesson); });
    }
    return std::make_unique<LearnedWeights>(trainer.weights(), trainer.bias());
}

}  // namespace

Family linear_family() {
    return {"linear", "logistic regression over words, word pairs and character n-grams",
            learn_weights};
}

}  // namespace credence::guard
