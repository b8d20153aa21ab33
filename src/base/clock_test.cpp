#include "base/clock.h"

#include <gtest/gtest.h>

namespace credence {
namespace {

constexpr std::int64_t kYear2025Us = 1'735'689'600'000'000;
constexpr std::int64_t kYear2100Us = 4'102'444'800'000'000;

TEST(Clock, FormatsRfc3339) {
    EXPECT_EQ(format_time_us(0), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(format_time_us(kYear2025Us), "2025-01-01T00:00:00.000000Z");
    EXPECT_EQ(format_time_us(kYear2025Us + 1), "2025-01-01T00:00:00.000001Z");
    EXPECT_EQ(format_time_us(1'709'210'096'789'012), "2024-02-29T12:34:56.789012Z");
}

TEST(Clock, FormatsTimesBeforeTheEpoch) {
    EXPECT_EQ(format_time_us(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(Clock, SystemClockCountsMicrosecondsSince1970) {
    const SystemClock clock;
    EXPECT_GT(clock.now_us(), kYear2025Us);
    EXPECT_LT(clock.now_us(), kYear2100Us);
}

TEST(Clock, SteadyTimeNeverGoesBack) {
    const SystemClock clock;
    std::int64_t last_us = clock.steady_us();
    for (int i = 0; i < 1000; ++i) {
        const std::int64_t now_us = clock.steady_us();
        ASSERT_GE(now_us, last_us);
        last_us = now_us;
    }
}

TEST(Clock, ManualClockMovesOnlyWhenTold) {
    ManualClock clock(100);
    EXPECT_EQ(clock.now_us(), 100);
    clock.advance_us(5);
    EXPECT_EQ(clock.now_us(), 105);
    EXPECT_EQ(clock.steady_us(), 105);
    clock.set_us(7);
    EXPECT_EQ(clock.now_us(), 7);
}

}  // namespace
}  // namespace credence
