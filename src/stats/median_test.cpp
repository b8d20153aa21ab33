#include "stats/median.h"

#include <gtest/gtest.h>

namespace credence::stats {
namespace {

TEST(Median, IsTheMiddleOrTheMeanOfTheTwo) {
    EXPECT_EQ(median_of({7}), 7);
    EXPECT_EQ(median_of({9, 1, 5}), 5);
    EXPECT_EQ(median_of({4, 1, 3, 2}), 2.5);
    EXPECT_EQ(median_of({-1, -1, 8, 8}), 3.5);
}

}  // namespace
}  // namespace credence::stats
