#include "engine/telemetry/backoff.h"

#include <gtest/gtest.h>

namespace credence::telemetry {
namespace {

TEST(BackoffTest, DoublesWithJitterAndGivesUp) {
    SeededRandom random(7);
    for (int run = 0; run < 100; ++run) {
        Backoff backoff(random);
        for (const std::int64_t step_ms : {1'000, 2'000, 4'000, 8'000}) {
            const auto wait_ms = backoff.failed(std::nullopt);
            ASSERT_TRUE(wait_ms.has_value());
            EXPECT_GE(*wait_ms, step_ms / 2);
            EXPECT_LE(*wait_ms, step_ms);
        }
        EXPECT_FALSE(backoff.failed(std::nullopt).has_value());  // the fifth
    }
}

TEST(BackoffTest, WaitsAsAskedWithinItsBounds) {
    SeededRandom random(7);
    Backoff backoff(random);
    EXPECT_EQ(backoff.failed(7'000), 7'000);
    EXPECT_EQ(backoff.failed(3'600'000), Backoff::kMaxWaitMs);
    EXPECT_EQ(backoff.failed(0), 0);
    EXPECT_EQ(backoff.failed(-5), 0);
    EXPECT_FALSE(backoff.failed(1).has_value());
}

TEST(BackoffTest, KnowsWhatIsTriedAgain) {
    for (const int status : {429, 502, 503, 504}) {
        EXPECT_TRUE(is_retryable(status)) << status;
    }
    for (const int status : {200, 301, 400, 401, 404, 408, 413, 500, 501}) {
        EXPECT_FALSE(is_retryable(status)) << status;
    }
}

TEST(BackoffTest, ReadsRetryAfter) {
    EXPECT_EQ(retry_after_ms({"Date: x", "retry-after:  12 "}), 12'000);
    EXPECT_EQ(retry_after_ms({"Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"}), std::nullopt);
    EXPECT_EQ(retry_after_ms({"Retry-After: -1"}), std::nullopt);
    EXPECT_EQ(retry_after_ms({"no colon", "X: 3"}), std::nullopt);
    EXPECT_EQ(retry_after_ms({"Retry-After: 9223372036854775807"}),
              Backoff::kMaxWaitMs * 1'000);  // no overflow
}

}  // namespace
}  // namespace credence::telemetry
