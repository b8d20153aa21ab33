// One score from what the network, the trees and the rules say: a logistic regression fitted on
// predictions for sources that none of them had seen, then a calibration by the scores of ordinary
// texts. (Wolpert 1992, "Stacked generalization".)
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace credence::guard {

// What is combined, in this order.
struct Opinions {
    double network = 0;     // logit
    double trees = 0;       // logit
    double subversion = 0;  // the strongest rule against instructions, [0, 1]
    double judged = 0;      // all rules, [0, 1]
};
inline constexpr std::size_t kOpinions = 4;

struct Combination {
    std::array<double, kOpinions> weights{1, 0, 0, 0};
    double bias = 0;

    double logit(const Opinions& opinions) const;
};

// Newton's method with an L2 penalty; weights are kept from falling below 0, since each opinion
// speaks for an attack. `row_weights` as in training. Deterministic.
Combination fit_combination(std::span<const Opinions> opinions,
                            std::span<const std::uint8_t> attack,
                            std::span<const double> row_weights);

// Maps logits to scores in [0, 1] by false-positive rates on ordinary texts: kFlagScore is reached
// by 1 in 100 of them, kBlockScore by 1 in 500. Linear between knots, ever growing beyond.
struct Calibration {
    static constexpr double kFlagScore = 0.4;
    static constexpr double kBlockScore = 0.8;

    std::vector<double> logits;  // ascending knots
    std::vector<double> scores;  // ascending, in (0, 1)

    double score(double logit) const;
};

// Code of the knots: false-positive rates .5, .2, .1, .05, .02, .01, .005, .002, .001. Needs
// ordinary logits (not empty).
Calibration calibrate(std::vector<double> ordinary_logits);

}  // namespace credence::guard
