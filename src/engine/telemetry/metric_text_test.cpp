#include "engine/telemetry/metric_text.h"

#include <gtest/gtest.h>

#include <array>

#include "base/metrics.h"

namespace credence::telemetry {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

TEST(MetricTextTest, ReadsWhatTheRegistryWrites) {
    Metrics metrics;
    metrics.counter("b_total", "Things \\ counted\nhere").add(18'446'744'073'709'551'615U);
    metrics.counter("c_total", "x", {{"a", "q\"u\\o\nte, = }"}, {"b", ""}}).add(3);
    metrics.gauge("d", "x").set(-5);
    metrics.number_gauge("e", "x", {{"k", "v"}}).set(0.25);
    const std::array bounds{.5, 1.0, 2.5};
    for (const char* label : {"l1", "l2"}) {
        Histogram& histogram = metrics.histogram("a_seconds", "Took", {{"m", label}}, bounds);
        histogram.observe_us(400'000);
        histogram.observe_us(2'000'000);
        histogram.observe_us(9'000'000);
        histogram.observe_us(9'000'000);
    }
    const auto families = parse_metric_text(metrics.expose());
    ASSERT_EQ(families.size(), 5U);

    EXPECT_EQ(families[0].name, "a_seconds");
    EXPECT_EQ(families[0].help, "Took");
    EXPECT_EQ(families[0].type, MetricType::histogram);
    ASSERT_EQ(families[0].points.size(), 2U);
    EXPECT_EQ(families[0].points[1].labels, (Labels{{"m", "l2"}}));
    for (const MetricPoint& point : families[0].points) {
        EXPECT_EQ(point.bounds, (std::vector<double>{.5, 1.0, 2.5}));
        EXPECT_EQ(point.buckets, (std::vector<std::uint64_t>{1, 0, 1, 2}));
        EXPECT_DOUBLE_EQ(point.sum, 20.4);
    }

    EXPECT_EQ(families[1].type, MetricType::counter);
    EXPECT_EQ(families[1].help, "Things \\ counted\nhere");
    ASSERT_EQ(families[1].points.size(), 1U);
    EXPECT_TRUE(families[1].points[0].labels.empty());
    EXPECT_EQ(families[1].points[0].value, "18446744073709551615");

    ASSERT_EQ(families[2].points.size(), 1U);
    EXPECT_EQ(families[2].points[0].labels, (Labels{{"a", "q\"u\\o\nte, = }"}, {"b", ""}}));
    EXPECT_EQ(families[2].points[0].value, "3");

    EXPECT_EQ(families[3].type, MetricType::gauge);
    EXPECT_EQ(families[3].points.at(0).value, "-5");
    EXPECT_EQ(families[4].points.at(0).value, "0.25");
}

TEST(MetricTextTest, LeavesOutWhatItDoesNotKnow) {
    EXPECT_TRUE(parse_metric_text("").empty());
    EXPECT_TRUE(parse_metric_text("orphan 1\n\n# EOF\n").empty());
    const auto families =
        parse_metric_text("# HELP a x\n# TYPE a counter\na{l=\"open 1\na{l 1\na\na 2\n");
    ASSERT_EQ(families.size(), 1U);
    ASSERT_EQ(families[0].points.size(), 1U);
    EXPECT_EQ(families[0].points[0].value, "2");
}

}  // namespace
}  // namespace credence::telemetry
