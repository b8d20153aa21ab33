#include "capabilities/skills/import/old_time.h"

#include <gtest/gtest.h>

namespace credence::skills {
namespace {

constexpr std::int64_t kNoonUs = 1'770'724'800'000'000;  // 2026-02-10T12:00:00Z

TEST(OldTimeTest, BothFormatsAndEveryOffset) {
    const auto at = [](const char* text) {
        const auto time = parse_old_time(text);
        return time ? time->at_us : -1;
    };
    EXPECT_EQ(at("2026-02-10T12:00:00Z"), kNoonUs);
    EXPECT_EQ(at("2026-02-10T12:00:00+00:00"), kNoonUs);
    EXPECT_EQ(at("2026-02-10T14:00:00+02:00"), kNoonUs);
    EXPECT_EQ(at("2026-02-10T14:00:00+0200"), kNoonUs);
    EXPECT_EQ(at("2026-02-10T06:30:00-05:30"), kNoonUs);
    EXPECT_EQ(at("2026-02-10T12:00"), kNoonUs);
    EXPECT_EQ(at("2026-02-10 12:00:00"), kNoonUs);
    EXPECT_EQ(at("2026-02-10T12:00:00.123456+00:00"), kNoonUs + 123'456);
    EXPECT_EQ(at("2026-02-10T12:00:00.5Z"), kNoonUs + 500'000);
    EXPECT_EQ(at("2026-02-10T12:00:00.123456789Z"), kNoonUs + 123'456);
    EXPECT_EQ(at("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(at("2024-02-29T00:00:00Z"), 1'709'164'800'000'000);
}

TEST(OldTimeTest, TheKindIsTold) {
    EXPECT_EQ(parse_old_time("2026-02-10T12:00:00Z")->kind, OldTimeKind::with_offset);
    EXPECT_EQ(parse_old_time("2026-02-10T12:00:00")->kind, OldTimeKind::no_offset);
    EXPECT_EQ(parse_old_time("2026-02-10 12:00:00")->kind, OldTimeKind::stamp);
}

TEST(OldTimeTest, WhatIsNoTime) {
    for (const char* text :
         {"", "yesterday", "2026-02-10", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z",
          "2026-13-01T00:00:00Z", "2026-02-10T24:00:00Z", "2026-02-10T12:60:00Z",
          "2026-02-10T12:00:00+2", "2026-02-10T12:00:00Zoo", "2026-02-10T12:00:00+15:00",
          "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+01:00", "2026-02-10T12:00:00.Z",
          "2026-02-10x12:00:00", "20260210T120000Z"}) {
        EXPECT_FALSE(parse_old_time(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace credence::skills
