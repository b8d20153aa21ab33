#include "base/token_bucket.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/units.h"

namespace credence {
namespace {

TEST(TokenBucket, GivesTheBurstAndThenNothing) {
    TokenBucket bucket(10, 3, 0);
    EXPECT_EQ(bucket.remaining(), 3);
    EXPECT_TRUE(bucket.take(0));
    EXPECT_TRUE(bucket.take(0));
    EXPECT_TRUE(bucket.take(0));
    EXPECT_FALSE(bucket.take(0));
    EXPECT_EQ(bucket.remaining(), 0);
    EXPECT_EQ(bucket.wait_us(), 100'000);
}

TEST(TokenBucket, RefillsAtItsRate) {
    TokenBucket bucket(10, 3, 0);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(bucket.take(0));
    }
    EXPECT_FALSE(bucket.take(99'999));
    EXPECT_TRUE(bucket.take(100'000));
    EXPECT_FALSE(bucket.take(100'000));
}

TEST(TokenBucket, SavesAtMostTheBurst) {
    TokenBucket bucket(10, 3, 0);
    EXPECT_TRUE(bucket.take(1000 * kUsPerSecond));
    EXPECT_EQ(bucket.remaining(), 2);
}

TEST(TokenBucket, IgnoresTimeGoingBack) {
    TokenBucket bucket(10, 1, kUsPerSecond);
    EXPECT_TRUE(bucket.take(0));
    EXPECT_FALSE(bucket.take(0));
    EXPECT_EQ(bucket.updated_us(), kUsPerSecond);
}

TEST(TokenBucket, WhoWaitsAsToldGetsAToken) {
    for (const double rate : {0.3, 1.0 / 3, 7.0, 999.7, 123'456.0}) {
        TokenBucket bucket(rate, 1, 0);
        std::int64_t now_us = 0;
        ASSERT_TRUE(bucket.take(now_us));
        for (int i = 0; i < 1000; ++i) {
            now_us += bucket.wait_us();
            ASSERT_TRUE(bucket.take(now_us)) << rate << " after " << i;
        }
        // And no faster than the rate.
        EXPECT_GE(static_cast<double>(now_us) * rate / 1e6, 999.9);
    }
}

TEST(TokenBucket, WithoutARateNeverRefills) {
    TokenBucket bucket(0, 1, 0);
    EXPECT_TRUE(bucket.take(0));
    EXPECT_FALSE(bucket.take(1'000'000 * kUsPerSecond));
    EXPECT_EQ(bucket.wait_us(), std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace credence
