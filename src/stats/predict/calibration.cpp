#include "stats/predict/calibration.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr int kMaxNewtonSteps = 100;
constexpr int kMaxHalvings = 40;
constexpr double kGradientStands = 1e-10;  // per row
constexpr double kRidge = 1e-12;
constexpr double kEnoughDescent = 1e-4;
constexpr double kMaxMargin = 30;

struct PlattTargets {
    double success = 1;
    double failure = 0;
};

// ln(1 + e^x) without overflow.
double softplus(double x) {
    return std::max(x, 0.0) + portable_log(1 + portable_exp(-std::abs(x)));
}

double platt_loss(std::span<const MarginOutcome> rows, const PlattTargets& targets,
                  const PlattScale& scale) {
    double loss = 0;
    for (const MarginOutcome& row : rows) {
        const double target = row.success ? targets.success : targets.failure;
        const double score = scale.slope * row.margin + scale.intercept;
        loss += softplus(score) - target * score;
    }
    return loss;
}

struct PlattStep {
    double slope = 0;
    double intercept = 0;
    double descent = 0;  // the gradient along the step, below 0
    double gradient = 0;
};

PlattStep newton_step(std::span<const MarginOutcome> rows, const PlattTargets& targets,
                      const PlattScale& scale) {
    double h11 = kRidge;
    double h22 = kRidge;
    double h21 = 0;
    double g1 = 0;
    double g2 = 0;
    for (const MarginOutcome& row : rows) {
        const double p = logistic(scale.slope * row.margin + scale.intercept);
        const double excess = p - (row.success ? targets.success : targets.failure);
        const double weight = p * (1 - p);
        h11 += row.margin * row.margin * weight;
        h22 += weight;
        h21 += row.margin * weight;
        g1 += row.margin * excess;
        g2 += excess;
    }
    const double determinant = h11 * h22 - h21 * h21;
    PlattStep step{.gradient = std::max(std::abs(g1), std::abs(g2))};
    if (determinant > 0) {
        step.slope = -(h22 * g1 - h21 * g2) / determinant;
        step.intercept = -(h11 * g2 - h21 * g1) / determinant;
    } else {  // all margins alike: only the intercept can move
        step.intercept = -g2 / h22;
    }
    step.descent = g1 * step.slope + g2 * step.intercept;
    return step;
}

}  // namespace

double logistic(double margin) {
    CHECK(!std::isnan(margin), "not a number");
    if (margin >= 0) {
        return 1 / (1 + portable_exp(-margin));
    }
    const double power = portable_exp(margin);
    return power / (1 + power);
}

std::optional<PlattScale> fit_platt(std::span<const MarginOutcome> rows) {
    std::size_t successes = 0;
    for (const MarginOutcome& row : rows) {
        CHECK(std::isfinite(row.margin), "a margin is a number");
        successes += row.success ? 1 : 0;
    }
    const std::size_t failures = rows.size() - successes;
    if (rows.size() < kMinPlattRows || successes == 0 || failures == 0) {
        return std::nullopt;
    }
    const PlattTargets targets{
        .success = (static_cast<double>(successes) + 1) / (static_cast<double>(successes) + 2),
        .failure = 1 / (static_cast<double>(failures) + 2)};
    PlattScale scale{.n = static_cast<std::int64_t>(rows.size())};
    double loss = platt_loss(rows, targets, scale);
    for (int round = 0; round < kMaxNewtonSteps; ++round) {
        const PlattStep step = newton_step(rows, targets, scale);
        if (step.gradient < kGradientStands * static_cast<double>(rows.size())) {
            break;
        }
        double size = 1;
        bool moved = false;
        for (int halving = 0; halving < kMaxHalvings && !moved; ++halving, size /= 2) {
            PlattScale next = scale;
            next.slope += size * step.slope;
            next.intercept += size * step.intercept;
            const double next_loss = platt_loss(rows, targets, next);
            if (next_loss < loss + kEnoughDescent * size * step.descent) {
                scale = next;
                loss = next_loss;
                moved = true;
            }
        }
        if (!moved) {
            break;
        }
    }
    if (!(scale.slope > 0)) {
        return std::nullopt;
    }
    return scale;
}

double calibrated(const PlattScale& scale, double margin) {
    // Beyond this a double cannot tell the probability from 0 or 1.
    return logistic(std::clamp(scale.slope * margin + scale.intercept, -kMaxMargin, kMaxMargin));
}

}  // namespace credence::stats
