#include "base/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <thread>

namespace credence {
namespace {

TEST(Metrics, ExposesFamiliesSortedByName) {
    Metrics metrics;
    metrics.gauge("credence_z", "Last").set(-3);
    metrics.counter("credence_scans_total", "Texts scanned", {{"verdict", "block"}}).add(2);
    metrics.counter("credence_scans_total", "Texts scanned", {{"verdict", "allow"}}).add();
    EXPECT_EQ(metrics.expose(),
              "# HELP credence_scans_total Texts scanned\n"
              "# TYPE credence_scans_total counter\n"
              "credence_scans_total{verdict=\"allow\"} 1\n"
              "credence_scans_total{verdict=\"block\"} 2\n"
              "# HELP credence_z Last\n"
              "# TYPE credence_z gauge\n"
              "credence_z -3\n");
}

TEST(Metrics, EscapesLabelsAndHelp) {
    Metrics metrics;
    metrics.gauge("credence_x", "a\\b\n\"c\"", {{"path", "a\\b\n\"c\""}}).set(1);
    EXPECT_EQ(metrics.expose(),
              "# HELP credence_x a\\\\b\\n\"c\"\n"
              "# TYPE credence_x gauge\n"
              "credence_x{path=\"a\\\\b\\n\\\"c\\\"\"} 1\n");
}

TEST(Metrics, ExposesHistogramsInSecondsAndCumulative) {
    Metrics metrics;
    const std::array<double, 2> bounds_s{.001, .5};
    Histogram& histogram =
        metrics.histogram("credence_latency_seconds", "How long", {{"op", "scan"}}, bounds_s);
    histogram.observe_us(0);
    histogram.observe_us(1000);  // a bound belongs to its bucket
    histogram.observe_us(1001);
    histogram.observe_us(2'000'000);
    EXPECT_EQ(histogram.count(), 4U);
    EXPECT_EQ(metrics.expose(),
              "# HELP credence_latency_seconds How long\n"
              "# TYPE credence_latency_seconds histogram\n"
              "credence_latency_seconds_bucket{op=\"scan\",le=\"0.001\"} 2\n"
              "credence_latency_seconds_bucket{op=\"scan\",le=\"0.5\"} 3\n"
              "credence_latency_seconds_bucket{op=\"scan\",le=\"+Inf\"} 4\n"
              "credence_latency_seconds_sum{op=\"scan\"} 2.002001\n"
              "credence_latency_seconds_count{op=\"scan\"} 4\n");
}

TEST(Metrics, TakesWholeCountsFromElsewhere) {
    Metrics metrics;
    metrics.counter("credence_a_total", "A").set(7);
    metrics.number_gauge("credence_share", "Share", {{"skill", "b"}}).set(0.25);
    const std::array<double, 2> bounds_s{.5, 1};
    const std::array<std::int64_t, 3> buckets{3, 0, 2};
    metrics.histogram("credence_h_seconds", "H", {}, bounds_s).set(buckets, 7.5);
    EXPECT_EQ(metrics.expose(),
              "# HELP credence_a_total A\n"
              "# TYPE credence_a_total counter\n"
              "credence_a_total 7\n"
              "# HELP credence_h_seconds H\n"
              "# TYPE credence_h_seconds histogram\n"
              "credence_h_seconds_bucket{le=\"0.5\"} 3\n"
              "credence_h_seconds_bucket{le=\"1\"} 3\n"
              "credence_h_seconds_bucket{le=\"+Inf\"} 5\n"
              "credence_h_seconds_sum 7.5\n"
              "credence_h_seconds_count 5\n"
              "# HELP credence_share Share\n"
              "# TYPE credence_share gauge\n"
              "credence_share{skill=\"b\"} 0.25\n");
}

TEST(Metrics, ReturnsTheSameSeriesForTheSameLabels) {
    Metrics metrics;
    Counter& first = metrics.counter("credence_a_total", "A", {{"k", "v"}});
    EXPECT_EQ(&first, &metrics.counter("credence_a_total", "A", {{"k", "v"}}));
    EXPECT_NE(&first, &metrics.counter("credence_a_total", "A", {{"k", "w"}}));
}

TEST(Metrics, BoundsTheSeriesOfAFamily) {
    Metrics metrics;
    for (std::size_t i = 0; i < Metrics::kMaxSeries + 10; ++i) {
        metrics.counter("credence_a_total", "A", {{"k", std::to_string(i)}}).add();
    }
    Counter& other = metrics.counter("credence_a_total", "A", {{"k", "one more"}});
    EXPECT_EQ(other.value(), 10U);
    EXPECT_EQ(&other, &metrics.counter("credence_a_total", "A", {{"k", "other"}}));
    EXPECT_EQ(metrics.counter("credence_a_total", "A", {{"k", "7"}}).value(), 1U);
}

TEST(Metrics, ComputesGaugesWhenScraped) {
    Metrics metrics;
    double value = 1.5;
    metrics.gauge_function("credence_depth", "Depth", [&] {
        // A function may use the registry.
        metrics.counter("credence_scrapes_total", "Scrapes").add();
        return value;
    });
    EXPECT_NE(metrics.expose().find("\ncredence_depth 1.5\n"), std::string::npos);
    value = std::numeric_limits<double>::infinity();
    EXPECT_NE(metrics.expose().find("\ncredence_depth +Inf\n"), std::string::npos);
    EXPECT_EQ(metrics.counter("credence_scrapes_total", "Scrapes").value(), 2U);
}

TEST(Metrics, LosesNoUpdateOfAnyThread) {
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&metrics] {
            Counter& counter = metrics.counter("credence_a_total", "A");
            Histogram& histogram = metrics.histogram("credence_b_seconds", "B");
            for (int i = 0; i < 10'000; ++i) {
                counter.add();
                histogram.observe_us(i);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(metrics.counter("credence_a_total", "A").value(), 40'000U);
    EXPECT_EQ(metrics.histogram("credence_b_seconds", "B").count(), 40'000U);
}

TEST(MetricsDeathTest, RefusesMisuse) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    Metrics metrics;
    metrics.counter("credence_a_total", "A");
    EXPECT_DEATH(metrics.counter("credence_a", "A"), "_total");
    EXPECT_DEATH(metrics.gauge("credence_a_total", "A"), "_total");
    EXPECT_DEATH(metrics.counter("credence a_total", "A"), "name");
    metrics.gauge("credence_g", "G");
    EXPECT_DEATH(metrics.histogram("credence_g", "G"), "another type");
}

}  // namespace
}  // namespace credence
