#include "base/trace.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace credence {
namespace {

constexpr std::string_view kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(Trace, ReadsTheExampleOfTheRecommendationAndWritesItBack) {
    const auto trace = TraceContext::parse(kExample);
    ASSERT_TRUE(trace);
    EXPECT_EQ(trace->trace_id[0], 0x4b);
    EXPECT_EQ(trace->span_id[7], 0xb7);
    EXPECT_TRUE(trace->sampled);
    EXPECT_EQ(trace->traceparent(), kExample);
}

TEST(Trace, TakesLaterVersionsByTheirFirstPart) {
    EXPECT_TRUE(TraceContext::parse("cc" + std::string(kExample.substr(2)) + "-what-comes"));
    EXPECT_FALSE(TraceContext::parse("cc" + std::string(kExample.substr(2)) + "x"));
}

TEST(Trace, RefusesWhatTheRecommendationForbids) {
    const std::string good(kExample);
    const std::vector<std::string> wrong = {
        "",
        good + "-00",
        "ff" + good.substr(2),
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        good.substr(0, 54),
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
    for (const std::string& bad : wrong) {
        EXPECT_FALSE(TraceContext::parse(bad)) << bad;
    }
}

}  // namespace
}  // namespace credence
