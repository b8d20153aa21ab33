// The arithmetic of pattern statistics. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace credence::patterns {

// Probability that a Beta(a, b) variable is at most x: the regularised incomplete beta function by
// its continued fraction (Abramowitz & Stegun 26.5.8), evaluated with Lentz's method. a, b > 0.
double beta_cdf(double a, double b, double x);
// Its inverse in x, by bisection to 1e-12.
double beta_quantile(double a, double b, double probability);

// Outcomes that count, as weights: what verified or human-confirmed uses left after decay.
struct Weights {
    double success = 0;
    double failure = 0;
    double total() const { return success + failure; }
};

// The 5 % quantile of Beta(1 + success, 1 + failure): with a uniform prior, the true rate is above
// it with probability 0.95. 0.05 without evidence. Grows with success, shrinks with failure.
double confidence_of(const Weights& evidence);

// Evidence `age_us` later: halves every half_life_days; 0 days: never.
Weights decayed(const Weights& evidence, std::int64_t age_us, double half_life_days);

// One more outcome of a user whose outcomes so far are `of_user`. Beyond `cap` outcomes the older
// ones give way, so that no user ever weighs more than `cap`.
Weights with_outcome(const Weights& of_user, bool success, double cap);

// What a new version begins with: a share of its parent's evidence, at most `cap` outcomes.
Weights inherited(const Weights& parent, double share, double cap);

// New average after a measurement: 0.9 * average + 0.1 * value; the first value as it is.
double moving_average(const std::optional<double>& average, double value);

// How long uses took, in logarithmic buckets of ratio 1.1 from 1 us: a quantile is off by at most
// 5 % of its value. At most kMaxBuckets counters. Mergeable. As in C. Masson, J. Rim, H. Lee,
// "DDSketch", VLDB 12 (2019), with a fixed range. Text form: "bucket:count,bucket:count".
class TimingSketch {
public:
    static constexpr int kMaxBuckets = 320;

    // Text of this class only; anything else is Code::internal.
    static Result<TimingSketch> parse(std::string_view text);
    std::string to_text() const;

    void add(double time_ms);
    void merge(const TimingSketch& other);
    std::int64_t count() const { return count_; }
    // quantile in [0, 1]; nothing without measurements.
    std::optional<double> quantile_ms(double quantile) const;

private:
    std::int64_t buckets_[kMaxBuckets] = {};
    std::int64_t count_ = 0;
};

// The optimistic part of a recommendation, of UCB1 (P. Auer, N. Cesa-Bianchi, P. Fischer, Machine
// Learning 47 (2002)): weight * sqrt(ln(1 + all_uses) / (1 + uses)). Never zero once anything was
// used, so a newcomer's turn comes; shrinks as it is tried, so incumbents and duds alike give way.
double exploration_bonus(double weight, std::int64_t uses, std::int64_t all_uses);

}  // namespace credence::patterns
