#include "capabilities/guard/model/combine.h"

#include <algorithm>
#include <cmath>

namespace credence::guard {

namespace {

constexpr int kRounds = 60;
constexpr double kCombinePenalty = 1e-3;
constexpr std::size_t kTerms = kOpinions + 1;

std::array<double, kTerms> terms_of(const Opinions& o) {
    return {o.network, o.trees, o.subversion, o.judged, 1};
}

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

using Matrix = std::array<std::array<double, kTerms>, kTerms>;
using Vector = std::array<double, kTerms>;

// Gauss with pivots; the matrix is positive definite by the penalty.
Vector solve(Matrix a, Vector b) {
    for (std::size_t i = 0; i < kTerms; ++i) {
        std::size_t pivot = i;
        for (std::size_t r = i + 1; r < kTerms; ++r) {
            pivot = std::abs(a[r][i]) > std::abs(a[pivot][i]) ? r : pivot;
        }
        std::swap(a[i], a[pivot]);
        std::swap(b[i], b[pivot]);
        for (std::size_t r = i + 1; r < kTerms; ++r) {
            const double factor = a[r][i] / a[i][i];
            for (std::size_t c = i; c < kTerms; ++c) {
                a[r][c] -= factor * a[i][c];
            }
            b[r] -= factor * b[i];
        }
    }
    Vector x{};
    for (std::size_t i = kTerms; i-- > 0;) {
        double sum = b[i];
        for (std::size_t c = i + 1; c < kTerms; ++c) {
            sum -= a[i][c] * x[c];
        }
        x[i] = sum / a[i][i];
    }
    return x;
}

struct Knot {
    double false_positive_rate;
    double score;
};

constexpr std::array<Knot, 9> kKnots = {{{0.5, 0.02},
                                         {0.2, 0.06},
                                         {0.1, 0.1},
                                         {0.05, 0.17},
                                         {0.02, 0.3},
                                         {0.01, Calibration::kFlagScore},
                                         {0.005, 0.55},
                                         {0.002, Calibration::kBlockScore},
                                         {0.001, 0.88}}};

}  // namespace

double Combination::logit(const Opinions& opinions) const {
    const auto terms = terms_of(opinions);
    double sum = bias;
    for (std::size_t i = 0; i < kOpinions; ++i) {
        sum += weights[i] * terms[i];
    }
    return sum;
}

Combination fit_combination(std::span<const Opinions> opinions,
                            std::span<const std::uint8_t> attack,
                            std::span<const double> row_weights) {
    Vector weights{0.5, 0, 0, 0, 0};
    std::array<bool, kTerms> held{};
    for (int round = 0; round < kRounds; ++round) {
        Matrix curvature{};
        Vector slope{};
        for (std::size_t i = 0; i < opinions.size(); ++i) {
            const auto x = terms_of(opinions[i]);
            double z = 0;
            for (std::size_t j = 0; j < kTerms; ++j) {
                z += weights[j] * x[j];
            }
            const double p = sigmoid(z);
            const double spread = std::max(p * (1 - p), 1e-6) * row_weights[i];
            for (std::size_t j = 0; j < kTerms; ++j) {
                slope[j] += row_weights[i] * (p - attack[i]) * x[j];
                for (std::size_t k = 0; k < kTerms; ++k) {
                    curvature[j][k] += spread * x[j] * x[k];
                }
            }
        }
        for (std::size_t j = 0; j < kTerms; ++j) {
            slope[j] += kCombinePenalty * weights[j];
            curvature[j][j] += kCombinePenalty;
            if (held[j]) {
                curvature[j].fill(0);
                for (auto& row : curvature) {
                    row[j] = 0;
                }
                curvature[j][j] = 1;
                slope[j] = 0;
            }
        }
        const Vector step = solve(curvature, slope);
        for (std::size_t j = 0; j < kTerms; ++j) {
            weights[j] -= step[j];
            if (j < kOpinions && weights[j] < 0) {
                weights[j] = 0;
                held[j] = true;
            }
        }
    }
    Combination combination;
    std::copy_n(weights.begin(), kOpinions, combination.weights.begin());
    combination.bias = weights[kOpinions];
    return combination;
}

double Calibration::score(double logit) const {
    if (logits.empty()) {
        return sigmoid(logit);
    }
    // Beyond the ends towards 0 and 1, without ever reaching them, so that order is kept.
    if (logit <= logits.front()) {
        return scores.front() * std::exp(logit - logits.front());
    }
    if (logit >= logits.back()) {
        return 1 - (1 - scores.back()) * std::exp(-(logit - logits.back()) / 4);
    }
    const auto above = static_cast<std::size_t>(
        std::upper_bound(logits.begin(), logits.end(), logit) - logits.begin());
    const double part = (logit - logits[above - 1]) / (logits[above] - logits[above - 1]);
    return scores[above - 1] + part * (scores[above] - scores[above - 1]);
}

Calibration calibrate(std::vector<double> ordinary_logits) {
    std::sort(ordinary_logits.begin(), ordinary_logits.end(), std::greater<>());
    Calibration calibration;
    for (const Knot& knot : kKnots) {
        const auto rank = static_cast<std::size_t>(knot.false_positive_rate *
                                                   static_cast<double>(ordinary_logits.size()));
        double logit = ordinary_logits[std::min(rank, ordinary_logits.size() - 1)];
        if (!calibration.logits.empty()) {
            logit = std::max(logit, calibration.logits.back() + 1e-6);
        }
        calibration.logits.push_back(logit);
        calibration.scores.push_back(knot.score);
    }
    return calibration;
}

}  // namespace credence::guard
