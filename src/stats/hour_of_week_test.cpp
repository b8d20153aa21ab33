#include "stats/hour_of_week.h"

#include <gtest/gtest.h>

namespace credence::stats {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;

TEST(HourOfWeek, BeginsOnMonday) {
    EXPECT_EQ(hour_of_week(0), 72U);                // Thursday 1970-01-01 00:00
    EXPECT_EQ(hour_of_week(4 * 24 * kHourUs), 0U);  // Monday 1970-01-05
    EXPECT_EQ(hour_of_week(4 * 24 * kHourUs - 1), 167U);
    EXPECT_EQ(hour_of_week(-1), 71U);
    EXPECT_EQ(hour_of_week(-73 * kHourUs), 167U);
    EXPECT_EQ(hour_of_week(1'709'210'096'000'000), 3 * 24 + 12U);  // Thursday 2024-02-29 12:34:56
}

}  // namespace
}  // namespace credence::stats
