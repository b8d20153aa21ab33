#include "capabilities/access/rate_limits.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/units.h"

namespace credence::access {
namespace {

CallerKey numbered(std::uint32_t number) {
    CallerKey caller{};
    for (std::size_t i = 0; i < 4; ++i) {
        caller[i] = static_cast<std::uint8_t>(number >> (8 * i));
    }
    return caller;
}

TEST(RateLimits, GrantsTheBurstThenRefusesThenRefills) {
    SeededRandom random(1);
    RateLimits limits(1000, random);
    const Limit limit{10, 5};
    const CallerKey caller = numbered(1);
    for (std::int64_t left = 4; left >= 0; --left) {
        const Charge charge = limits.take(caller, limit, 0);
        EXPECT_TRUE(charge.granted);
        EXPECT_EQ(charge.state.limit, 10);
        EXPECT_EQ(charge.state.remaining, left);
        EXPECT_EQ(charge.state.reset_s, 1);
    }
    const Charge refused = limits.take(caller, limit, 0);
    EXPECT_FALSE(refused.granted);
    EXPECT_EQ(refused.retry_after_ms, 100);
    EXPECT_FALSE(limits.take(caller, limit, 99'000).granted);
    EXPECT_TRUE(limits.take(caller, limit, 100'000).granted);
    EXPECT_FALSE(limits.take(caller, limit, 100'000).granted);
    // A second gives ten tokens, of which five can be saved.
    int granted = 0;
    for (int i = 0; i < 20; ++i) {
        granted += limits.take(caller, limit, 2 * kUsPerSecond).granted ? 1 : 0;
    }
    EXPECT_EQ(granted, 5);
}

TEST(RateLimits, CallersDoNotShareABucket) {
    SeededRandom random(1);
    RateLimits limits(1000, random);
    EXPECT_TRUE(limits.take(numbered(1), Limit{1, 1}, 0).granted);
    EXPECT_FALSE(limits.take(numbered(1), Limit{1, 1}, 0).granted);
    EXPECT_TRUE(limits.take(numbered(2), Limit{1, 1}, 0).granted);
}

TEST(RateLimits, ZeroIsUnlimitedAndTracksNothing) {
    SeededRandom random(1);
    RateLimits limits(1000, random);
    for (int i = 0; i < 100; ++i) {
        const Charge charge = limits.take(numbered(1), Limit{0, 1}, 0);
        EXPECT_TRUE(charge.granted);
        EXPECT_EQ(charge.state.limit, 0);
    }
    EXPECT_EQ(limits.tracked(), 0U);
}

TEST(RateLimits, SlowRatesSayHowLongToWait) {
    SeededRandom random(1);
    RateLimits limits(1000, random);
    const Limit limit{0.5, 1};
    EXPECT_TRUE(limits.take(numbered(1), limit, 0).granted);
    const Charge refused = limits.take(numbered(1), limit, 0);
    EXPECT_FALSE(refused.granted);
    EXPECT_EQ(refused.retry_after_ms, 2000);
    EXPECT_EQ(refused.state.limit, 1);
    EXPECT_EQ(refused.state.reset_s, 2);
}

TEST(RateLimits, MemoryIsBoundedAndTheBusyAreRemembered) {
    SeededRandom random(1);
    constexpr std::int64_t kMax = 640;
    RateLimits limits(kMax, random);
    const CallerKey busy = numbered(0);
    const Limit limit{1, 1};
    EXPECT_TRUE(limits.take(busy, limit, 0).granted);
    for (std::uint32_t i = 1; i <= 20'000; ++i) {
        limits.take(numbered(i), limit, 0);
        if (i % 8 == 0) {
            // Touched again and again, so never the longest idle: still empty.
            ASSERT_FALSE(limits.take(busy, limit, 0).granted) << i;
        }
    }
    EXPECT_LE(limits.tracked(), static_cast<std::size_t>(kMax));
    EXPECT_GT(limits.tracked(), static_cast<std::size_t>(kMax) / 2);
}

TEST(CallerOfAddress, CutsIpv6ToItsSubscriber) {
    EXPECT_EQ(caller_of_address("2001:db8:1:2::1"), caller_of_address("2001:db8:1:2:ffff::9"));
    EXPECT_NE(caller_of_address("2001:db8:1:2::1"), caller_of_address("2001:db8:1:3::1"));
    EXPECT_EQ(caller_of_address("fe80::1%eth0"), caller_of_address("fe80::2"));
}

TEST(CallerOfAddress, TellsIpv4AddressesApart) {
    EXPECT_NE(caller_of_address("192.0.2.1"), caller_of_address("192.0.2.2"));
    EXPECT_EQ(caller_of_address("192.0.2.1"), caller_of_address("::ffff:192.0.2.1"));
}

TEST(CallerOfAddress, PutsWhatIsNoAddressTogether) {
    EXPECT_EQ(caller_of_address(""), caller_of_address("nonsense"));
    EXPECT_EQ(caller_of_address(std::string(500, '1')), CallerKey{});
}

}  // namespace
}  // namespace credence::access
