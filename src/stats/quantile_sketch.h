// What was the median, or the slowest per cent, of durations too many to keep?
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "stats/estimate.h"

namespace credence::stats {

// The q-quantile of what was seen is within [low_us, high_us]; value_us is at most the relative
// accuracy away from it, unless the bucket is the one that holds what was folded (see below).
struct SketchQuantile {
    double value_us = 0;
    double low_us = 0;
    double high_us = 0;
    bool folded = false;
};

// DDSketch: counts in buckets that grow by gamma = (1 + a)/(1 - a); bucket i holds the durations in
// (gamma^(i-1), gamma^i], and its middle 2 gamma^i / (gamma + 1) is within a of all of them. C.
// Masson, J. E. Rim, H. K. Lee, "DDSketch: a fast and fully-mergeable quantile sketch with
// relative-error guarantees", PVLDB 12 (2019), 2195-2205. Durations of 0 have a bucket of their
// own; the least and the greatest duration are kept exactly.
//
// At most kMaxBuckets: when more would be needed, the lowest are folded into one, so that high
// quantiles keep the guarantee. At 1 % (the default) the buckets span a factor of 6e17: from 1
// microsecond to 19,000 years nothing is ever folded. Counts of a bucket stop at 2^48.
//
// What a sketch holds depends on the durations alone, not on order or grouping: merging is
// associative and commutative, and equal contents give equal bytes on every machine (portable_log).
// Not thread-safe. At most 16 KB. add: O(1) amortised; merge, quantile, serialise: O(buckets).
class QuantileSketch {
public:
    static constexpr std::size_t kMaxBuckets = 2'048;
    static constexpr double kLeastAccuracy = 0.001;
    static constexpr double kMostAccuracy = 0.2;
    static constexpr std::uint64_t kMaxBucketCount = std::uint64_t{1} << 48;
    static constexpr std::size_t kMaxBytes = 9 * (kMaxBuckets + 8);

    // A relative accuracy in [0.001, 0.2] (CHECK).
    explicit QuantileSketch(double relative_accuracy = 0.01);

    // duration_us >= 0 (CHECK).
    void add(std::int64_t duration_us, std::uint64_t count = 1);

    // Both have the same accuracy (CHECK; ask same_kind first if the other came from outside).
    void merge(const QuantileSketch& other);
    bool same_kind(const QuantileSketch& other) const { return accuracy_ == other.accuracy_; }

    double relative_accuracy() const { return accuracy_; }
    std::uint64_t count() const;
    std::int64_t least_us() const { return least_us_; }        // 0 if empty
    std::int64_t greatest_us() const { return greatest_us_; }  // 0 if empty

    // The ceil(q n)-th smallest duration seen (the first for q = 0), q in [0, 1] (CHECK); nullopt
    // if empty.
    std::optional<SketchQuantile> quantile(double q) const;

    // The q-quantile of where the durations come from, if they are independent: between the order
    // statistics of the ranks n q -+ 1.96 sqrt(n q (1-q)), rounded outwards (W. J. Conover,
    // Practical Nonparametric Statistics, 3rd ed. (1999), section 3.2), widened by the error of the
    // sketch. Where a rank falls outside 1..n that side is unknown: then it is 0 or the greatest
    // int64.
    std::optional<Estimate> quantile_95(double q) const;

    // A version byte, then accuracy, extremes, zeros, lowest bucket and counts; numbers as LEB128.
    std::vector<std::uint8_t> serialise() const;

    // Bytes may come from anywhere: Code::invalid if they are not what serialise() writes.
    static Result<QuantileSketch> deserialise(std::span<const std::uint8_t> bytes);

    bool operator==(const QuantileSketch&) const = default;

private:
    std::int64_t index_of(std::int64_t duration_us) const;
    void add_to(std::int64_t index, std::uint64_t count);
    void widen(std::int64_t lowest, std::int64_t highest);
    SketchQuantile at_rank(std::uint64_t rank) const;
    bool consistent() const;

    double accuracy_;
    double log_gamma_;
    std::int64_t least_us_ = 0;
    std::int64_t greatest_us_ = 0;
    std::uint64_t zeros_ = 0;
    std::int64_t lowest_ = 0;            // index of counts_.front()
    std::vector<std::uint64_t> counts_;  // first and last are not 0
};

}  // namespace credence::stats
