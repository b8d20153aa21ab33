#include "stats/portable_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace credence::stats {
namespace {

TEST(PortableMath, LogAgreesWithTheLibrary) {
    for (double x = 1e-300; x < 1e300; x *= 7.3) {
        EXPECT_NEAR(portable_log(x), std::log(x), 1e-14 * std::fabs(std::log(x)) + 1e-16) << x;
    }
    for (double x = 0.5; x < 2; x += 0.001) {
        EXPECT_NEAR(portable_log(x), std::log(x), 1e-15) << x;
    }
    EXPECT_EQ(portable_log(1), 0);
}

TEST(PortableMath, ExpAgreesWithTheLibrary) {
    for (double x = -690; x < 690; x += 0.37) {
        EXPECT_NEAR(portable_exp(x) / std::exp(x), 1, 1e-14) << x;
    }
    EXPECT_EQ(portable_exp(0), 1);
    EXPECT_EQ(portable_exp(-1e9), 0);
    EXPECT_EQ(portable_exp(1e9), portable_exp(700));
    EXPECT_EQ(portable_exp(-std::numeric_limits<double>::infinity()), 0);
}

// Thirty-digit arithmetic (mpmath).
TEST(PortableMath, LogGammaAgreesWithHighPrecision) {
    EXPECT_NEAR(portable_log_gamma(0.1), 2.2527126517342059599, 1e-13);
    EXPECT_NEAR(portable_log_gamma(0.5), 0.57236494292470008707, 1e-13);
    EXPECT_NEAR(portable_log_gamma(1), 0, 1e-13);
    EXPECT_NEAR(portable_log_gamma(1.5), -0.12078223763524522235, 1e-13);
    EXPECT_NEAR(portable_log_gamma(2), 0, 1e-13);
    EXPECT_NEAR(portable_log_gamma(12), 17.502307845873885839, 1e-13);
    EXPECT_NEAR(portable_log_gamma(200.25), 859.25778022254891734, 1e-11);
    EXPECT_NEAR(portable_log_gamma(100'000), 1051287.7089736568949, 1e-8);
}

// The bits themselves, so that a compiler that contracts or reorders is noticed.
TEST(PortableMath, GivesTheSameBitsEverywhere) {
    EXPECT_EQ(portable_log(0.3), -0x1.34378fcbda721p+0);
    EXPECT_EQ(portable_exp(-1.7), 0x1.7622c78a98a07p-3);
    EXPECT_EQ(portable_log_gamma(7.25), 0x1.c35701a50ff08p+2);
}

}  // namespace
}  // namespace credence::stats
