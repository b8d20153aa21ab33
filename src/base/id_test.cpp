#include "base/id.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"

namespace credence {
namespace {

// The example of RFC 9562, appendix A.6.
constexpr std::string_view kRfcText = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
constexpr std::int64_t kRfcMs = 0x017F22E279B0;

std::uint64_t milliseconds_of(const UuidBytes& bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 6; ++i) {
        value = value << 8 | bytes[i];
    }
    return value;
}

TEST(Id, ReadsAndWritesTheExampleOfTheStandard) {
    const auto bytes = parse_uuid(kRfcText);
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(milliseconds_of(*bytes), static_cast<std::uint64_t>(kRfcMs));
    EXPECT_EQ((*bytes)[15], 0x8F);
    EXPECT_EQ(format_uuid(*bytes), kRfcText);
    EXPECT_EQ(parse_uuid("017F22E2-79B0-7CC3-98C4-DC0C0C07398F").value(), *bytes);
}

TEST(Id, RefusesAnythingElse) {
    for (const std::string_view text :
         {"", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
          "017f22e279b0-7cc3-98c4-dc0c0c07398f00", "{17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2 79b0 7cc3 98c4 dc0c0c07398f",
          "017f22e2-79b0-7cc3-98c4-dc0c0c0739-f"}) {
        const auto bytes = parse_uuid(text);
        ASSERT_FALSE(bytes.has_value()) << text;
        EXPECT_EQ(bytes.error().code, Code::invalid);
    }
}

TEST(Id, MakesVersion7WithTheTimeOfTheClock) {
    const ManualClock clock(kRfcMs * 1000 + 999);
    SeededRandom random(1);
    IdMaker maker(clock, random);
    const UuidBytes bytes = maker.make_bytes();
    EXPECT_EQ(milliseconds_of(bytes), static_cast<std::uint64_t>(kRfcMs));
    EXPECT_EQ(bytes[6] >> 4, 7);
    EXPECT_EQ(bytes[8] >> 6, 2);
    EXPECT_EQ(RequestId(bytes).to_string().substr(0, 15), "017f22e2-79b0-7");
}

TEST(Id, CountsWithinAMillisecond) {
    const ManualClock clock(kRfcMs * 1000);
    SeededRandom random(1);
    IdMaker maker(clock, random);
    for (int expected = 0; expected < 3; ++expected) {
        const UuidBytes bytes = maker.make_bytes();
        EXPECT_EQ((bytes[6] & 0xF) << 8 | bytes[7], expected);
    }
}

TEST(Id, RunsAheadOfTheClockWhenTheCounterOverflows) {
    const ManualClock clock(kRfcMs * 1000);
    SeededRandom random(1);
    IdMaker maker(clock, random);
    UuidBytes last = maker.make_bytes();
    for (int i = 1; i < 4096; ++i) {
        last = maker.make_bytes();
    }
    EXPECT_EQ(milliseconds_of(last), static_cast<std::uint64_t>(kRfcMs));
    const UuidBytes next = maker.make_bytes();
    EXPECT_EQ(milliseconds_of(next), static_cast<std::uint64_t>(kRfcMs) + 1);
    EXPECT_LT(last, next);
}

TEST(Id, KeepsRisingWhenTheClockGoesBack) {
    ManualClock clock(kRfcMs * 1000);
    SeededRandom random(1);
    IdMaker maker(clock, random);
    const UuidBytes first = maker.make_bytes();
    clock.advance_us(-60'000'000);
    EXPECT_LT(first, maker.make_bytes());
}

TEST(Id, RisesInEveryThreadAndNeverRepeats) {
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kEach = 5000;
    const SystemClock clock;
    SystemRandom random;
    IdMaker maker(clock, random);
    std::vector<std::vector<UuidBytes>> made(kThreads);
    std::vector<std::thread> threads;
    for (auto& mine : made) {
        threads.emplace_back([&maker, &mine] {
            for (std::size_t i = 0; i < kEach; ++i) {
                mine.push_back(maker.make_bytes());
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    // Time and counter alone must be unique: the random half must not be what saves us.
    std::set<std::string> prefixes;
    for (const auto& mine : made) {
        EXPECT_TRUE(std::ranges::is_sorted(mine));
        for (const UuidBytes& bytes : mine) {
            prefixes.insert(format_uuid(bytes).substr(0, 18));
        }
    }
    EXPECT_EQ(prefixes.size(), kThreads * kEach);
}

TEST(Random, SeededIsReproducible) {
    SeededRandom a(42);
    SeededRandom b(42);
    SeededRandom c(43);
    EXPECT_EQ(a.next(), b.next());
    EXPECT_NE(a.next(), c.next());
}

TEST(Random, SmallDrawsDoNotRepeat) {
    SystemRandom random;
    std::set<std::uint64_t> drawn;
    for (int i = 0; i < 1000; ++i) {
        drawn.insert(random.next());
    }
    EXPECT_EQ(drawn.size(), 1000U);
    EXPECT_FALSE(drawn.contains(0));
}

TEST(Random, FillsExactlyTheAskedBytes) {
    for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{13}, std::size_t{64}}) {
        std::vector<std::uint8_t> bytes(size + 8, 0xAA);
        SystemRandom().fill(bytes.data(), size);
        for (std::size_t i = size; i < bytes.size(); ++i) {
            EXPECT_EQ(bytes[i], 0xAA);
        }
    }
    std::array<std::uint8_t, 64> first{};
    std::array<std::uint8_t, 64> second{};
    SystemRandom().fill(first.data(), first.size());
    SystemRandom().fill(second.data(), second.size());
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace credence
