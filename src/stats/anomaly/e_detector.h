// Has the success rate of a stream of runs left its normal range, watched run by run, with a known
// rate of false alarms? A sequential change detector. Not thread-safe; 400 bytes of state.
//
// E-detector of the Shiryaev-Roberts kind (J. Shin, A. Ramdas, A. Rinaldo, "E-detectors: a
// nonparametric framework for sequential change detection", New England Journal of Statistics in
// Data Science (2023), arXiv:2203.03532): for each alternative rate q
//   M <- (M + 1) * (q / p)^x ((1 - q) / (1 - p))^(1 - x),   x = 1 success, 0 failure,
// with p the nearer end of the normal range [low, high]; the factor's mean is at most 1 for every
// rate in the range. Falls and rises are each watched with eight alternatives, q with 1.5 to 1,000
// times the odds. The alarm sounds when the weighted mean of the M reaches
// `runs_between_false_alarms`; then the expected number of runs to a false alarm is at least that,
// whatever the rates in the range do and however they depend on the past.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "stats/anomaly/anomaly.h"
#include "stats/intervals.h"

namespace credence::stats {

class RateDetector {
public:
    // `normal`: fractions, 0 <= low <= high <= 1, such as rate_estimate's interval.
    // runs_between_false_alarms > 1 (CHECKs).
    RateDetector(const Interval& normal, double runs_between_false_alarms);

    // Takes one run; the direction when it raises the alarm. Afterwards everything starts anew.
    // A success when `high` is 0, or a failure when `low` is 1, cannot be normal: alarm at once.
    // Constant cost, 0.1 us.
    std::optional<Direction> add(bool success);

    // Evidence as a share of what raises the alarm, in [0, 1).
    double level() const;

    // Runs since the start or the last alarm.
    std::int64_t runs() const { return runs_; }

private:
    static constexpr std::size_t kAlternatives = 8;

    struct Side {
        std::array<double, kAlternatives> on_success;
        std::array<double, kAlternatives> on_failure;
        std::array<double, kAlternatives> evidence;
    };

    static Side make_side(double edge, Direction direction);
    static double total(const Side& side);
    void restart();

    double threshold_;
    Side low_;   // evidence for a fall
    Side high_;  // for a rise
    std::int64_t runs_ = 0;
};

}  // namespace credence::stats
