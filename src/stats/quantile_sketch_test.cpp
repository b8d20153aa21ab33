#include "stats/quantile_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace credence::stats {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

// Durations over nine orders of magnitude, some 0.
std::vector<std::int64_t> durations(std::uint64_t seed, std::size_t n) {
    SeededRandom random(seed);
    std::vector<std::int64_t> found;
    for (std::size_t i = 0; i < n; ++i) {
        const double share = static_cast<double>(random.next() >> 11) * 0x1p-53;
        found.push_back(share < 0.02 ? 0 : static_cast<std::int64_t>(std::pow(10, 9 * share)));
    }
    return found;
}

QuantileSketch sketch_of(const std::vector<std::int64_t>& values, double accuracy = 0.01) {
    QuantileSketch sketch(accuracy);
    for (const std::int64_t value : values) {
        sketch.add(value);
    }
    return sketch;
}

TEST(QuantileSketch, KeepsItsPromise) {
    for (const double accuracy : {0.006, 0.01, 0.05, 0.2}) {
        auto values = durations(5, 20'000);
        const QuantileSketch sketch = sketch_of(values, accuracy);
        std::ranges::sort(values);
        for (const double q : {0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0}) {
            const double rank = std::max(1.0, std::ceil(q * static_cast<double>(values.size())));
            const auto truth = static_cast<double>(values[static_cast<std::size_t>(rank) - 1]);
            const auto found = sketch.quantile(q);
            ASSERT_TRUE(found);
            EXPECT_LE(std::fabs(found->value_us - truth), accuracy * truth * (1 + 1e-9));
            EXPECT_LE(found->low_us, truth * (1 + 1e-12));
            EXPECT_GE(found->high_us, truth * (1 - 1e-12));
            EXPECT_FALSE(found->folded);
        }
    }
}

TEST(QuantileSketch, MergingIsAssociativeAndCommutative) {
    const QuantileSketch a = sketch_of(durations(1, 500));
    const QuantileSketch b = sketch_of(durations(2, 700));
    const QuantileSketch c = sketch_of({0, 1, kMost});
    QuantileSketch left = a;
    left.merge(b);
    left.merge(c);
    QuantileSketch right = c;
    right.merge(b);
    QuantileSketch last = a;
    last.merge(right);
    EXPECT_EQ(left, last);
    auto all = durations(1, 500);
    const auto more = durations(2, 700);
    all.insert(all.end(), more.begin(), more.end());
    all.insert(all.end(), {kMost, 1, 0});
    std::ranges::reverse(all);
    EXPECT_EQ(left, sketch_of(all));
    EXPECT_EQ(left.serialise(), sketch_of(all).serialise());
}

// At 0.1 % the buckets span a factor of 60 only: low durations are folded, in any order alike.
TEST(QuantileSketch, FoldingDependsOnTheContentsAlone) {
    const std::vector<std::int64_t> values = durations(3, 3'000);
    const QuantileSketch whole = sketch_of(values, 0.001);
    QuantileSketch merged(0.001);
    for (std::size_t part = 7; part-- > 0;) {
        QuantileSketch some(0.001);
        for (std::size_t i = part; i < values.size(); i += 7) {
            some.add(values[i]);
        }
        merged.merge(some);
    }
    EXPECT_EQ(whole, merged);
    auto sorted = values;
    std::ranges::sort(sorted);
    EXPECT_EQ(whole, sketch_of(sorted, 0.001));
    std::ranges::reverse(sorted);
    EXPECT_EQ(whole, sketch_of(sorted, 0.001));
    const auto low = whole.quantile(0.1);
    EXPECT_TRUE(low->folded);
    const auto truth = static_cast<double>(sorted[sorted.size() - 300]);
    EXPECT_LE(low->low_us, truth);
    EXPECT_GE(low->high_us, truth);
}

TEST(QuantileSketch, OnePercentFoldsNothing) {
    QuantileSketch sketch;
    sketch.add(1);
    sketch.add(600'000'000'000'000'000);  // 19,000 years
    EXPECT_FALSE(sketch.quantile(0)->folded);
    EXPECT_DOUBLE_EQ(sketch.quantile(0)->value_us, 1);
    EXPECT_LE(sketch.serialise().size(), QuantileSketch::kMaxBytes);
}

TEST(QuantileSketch, EdgesAreExact) {
    QuantileSketch sketch;
    EXPECT_FALSE(sketch.quantile(0.5));
    EXPECT_FALSE(sketch.quantile_95(0.5));
    sketch.add(0, 3);
    EXPECT_DOUBLE_EQ(sketch.quantile(1)->high_us, 0);
    sketch.add(1'234'567);
    EXPECT_EQ(sketch.count(), 4U);
    EXPECT_EQ(sketch.least_us(), 0);
    EXPECT_EQ(sketch.greatest_us(), 1'234'567);
    EXPECT_DOUBLE_EQ(sketch.quantile(0.75)->value_us, 0);
    EXPECT_DOUBLE_EQ(sketch.quantile(1)->high_us, 1'234'567);
    sketch.add(kMost, 0);
    EXPECT_EQ(sketch.count(), 4U);
}

TEST(QuantileSketch, CountsStopAtTheirLimit) {
    QuantileSketch sketch;
    sketch.add(5, QuantileSketch::kMaxBucketCount);
    sketch.add(5, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(sketch.count(), QuantileSketch::kMaxBucketCount);
}

// Conover's ranks for the median of 100: 50 -+ 9.8 gives the 40th and the 61st.
TEST(QuantileSketch, IntervalOfAMedian) {
    QuantileSketch sketch;
    for (std::int64_t i = 1; i <= 100; ++i) {
        sketch.add(1000 * i);
    }
    const auto median = sketch.quantile_95(0.5);
    EXPECT_EQ(median->n, 100);
    EXPECT_NEAR(median->value, 50'000, 500);
    EXPECT_LE(median->interval.low, 40'000);
    EXPECT_GE(median->interval.low, 40'000 / 1.0203);
    EXPECT_GE(median->interval.high, 61'000);
    EXPECT_LE(median->interval.high, 61'000 * 1.0203);
    const auto most = sketch.quantile_95(0.99);  // the 97th and beyond the last: unknown above
    EXPECT_LE(most->interval.low, 97'000);
    EXPECT_GT(most->interval.high, 9e18);
}

TEST(QuantileSketch, SerialisesAndComesBack) {
    for (const double accuracy : {0.001, 0.01, 0.2}) {
        for (const std::size_t n : {0U, 1U, 2U, 5'000U}) {
            const QuantileSketch sketch = sketch_of(durations(n, n), accuracy);
            const auto back = QuantileSketch::deserialise(sketch.serialise());
            ASSERT_TRUE(back);
            EXPECT_EQ(*back, sketch);
        }
    }
    EXPECT_TRUE(QuantileSketch::deserialise(sketch_of({0, 0}).serialise()));
    EXPECT_TRUE(QuantileSketch::deserialise(sketch_of({kMost}).serialise()));
}

TEST(QuantileSketch, ForeignBytesAreRefusedOrConsistent) {
    const auto bytes = sketch_of(durations(9, 50)).serialise();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(QuantileSketch::deserialise(std::span(bytes).first(size)));
    }
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_FALSE(QuantileSketch::deserialise(longer));
    SeededRandom random(4);
    for (int round = 0; round < 5'000; ++round) {
        auto changed = bytes;
        changed[random.next() % changed.size()] = static_cast<std::uint8_t>(random.next());
        const auto found = QuantileSketch::deserialise(changed);
        if (found && found->count() > 0) {
            EXPECT_EQ(found->serialise(), changed);
            EXPECT_TRUE(std::isfinite(found->quantile(0.5)->value_us));
        }
    }
}

TEST(QuantileSketchDeathTest, RefusesWhatCannotBe) {
    QuantileSketch sketch;
    EXPECT_DEATH(sketch.add(-1), "not negative");
    EXPECT_DEATH(sketch.merge(QuantileSketch(0.02)), "different accuracy");
    EXPECT_DEATH(QuantileSketch(0.5), "relative accuracy");
}

}  // namespace
}  // namespace credence::stats
