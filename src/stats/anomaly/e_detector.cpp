#include "stats/anomaly/e_detector.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"

namespace credence::stats {
namespace {

// Alternatives as odds ratios of failure (falls) or success (rises): from a slight change to all.
constexpr std::array kOddsRatios = {1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0, 1000.0};

// The sides share the weight, each alternative of a side has the same part of it.
constexpr double kWeight = 1.0 / (2 * kOddsRatios.size());

}  // namespace

RateDetector::RateDetector(const Interval& normal, double runs_between_false_alarms)
    : threshold_(runs_between_false_alarms),
      low_(make_side(normal.low, Direction::kLow)),
      high_(make_side(normal.high, Direction::kHigh)) {
    CHECK(normal.low >= 0 && normal.low <= normal.high && normal.high <= 1,
          "the normal range lies in [0, 1]");
    CHECK(runs_between_false_alarms > 1 && std::isfinite(runs_between_false_alarms),
          "runs between false alarms");
}

RateDetector::Side RateDetector::make_side(double edge, Direction direction) {
    Side side{};
    // Of the outcome that becomes more frequent: q / p, and (1 - q) / (1 - p) of the other.
    const double p = direction == Direction::kLow ? 1 - edge : edge;
    if (p >= 1) {
        return side;  // nothing lies beyond: no evidence ever
    }
    for (std::size_t i = 0; i < kAlternatives; ++i) {
        const double odds = kOddsRatios[i];
        // Under p = 0 the outcome proves a change, and its absence says nothing.
        const double scale = p > 0 ? 1 / (1 - p + odds * p) : 0;
        const double more = p > 0 ? odds * scale : std::numeric_limits<double>::infinity();
        side.on_success[i] = direction == Direction::kLow ? scale : more;
        side.on_failure[i] = direction == Direction::kLow ? more : scale;
    }
    return side;
}

double RateDetector::total(const Side& side) {
    return kWeight * std::accumulate(side.evidence.begin(), side.evidence.end(), 0.0);
}

void RateDetector::restart() {
    low_.evidence.fill(0);
    high_.evidence.fill(0);
    runs_ = 0;
}

std::optional<Direction> RateDetector::add(bool success) {
    ++runs_;
    for (Side* side : {&low_, &high_}) {
        const auto& factors = success ? side->on_success : side->on_failure;
        for (std::size_t i = 0; i < kAlternatives; ++i) {
            side->evidence[i] = (side->evidence[i] + 1) * factors[i];
        }
    }
    const double fall = total(low_);
    const double rise = total(high_);
    if (fall + rise < threshold_) {
        return std::nullopt;
    }
    restart();
    return fall > rise ? Direction::kLow : Direction::kHigh;
}

double RateDetector::level() const {
    return (total(low_) + total(high_)) / threshold_;
}

}  // namespace credence::stats
