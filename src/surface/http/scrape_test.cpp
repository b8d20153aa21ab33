#include "surface/http/scrape.h"

#include <gtest/gtest.h>

namespace credence::surface {
namespace {

TEST(Scrape, KnowsWhoWantsOpenMetrics) {
    EXPECT_TRUE(wants_open_metrics("application/openmetrics-text;version=1.0.0,text/plain;q=0.5"));
    EXPECT_TRUE(wants_open_metrics("text/plain, Application/OpenMetrics-Text"));
    EXPECT_FALSE(wants_open_metrics("text/plain;version=0.0.4"));
    EXPECT_FALSE(wants_open_metrics(""));
}

TEST(Scrape, TurnsTheTextIntoOpenMetrics) {
    Metrics metrics;
    metrics.counter("things_total", "Things \"seen\"", {{"kind", "a"}}).add(3);
    metrics.gauge("open_things", "Things now").set(2);
    const auto plain = scrape_reply(metrics, false);
    EXPECT_EQ(plain.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_NE(plain.body.find("# TYPE things_total counter\n"), std::string::npos);
    const auto open = scrape_reply(metrics, true);
    EXPECT_EQ(open.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    EXPECT_NE(open.body.find("# HELP things Things \"seen\"\n# TYPE things counter\n"
                             "things_total{kind=\"a\"} 3\n"),
              std::string::npos)
        << open.body;
    EXPECT_NE(open.body.find("# TYPE open_things gauge\nopen_things 2\n"), std::string::npos);
    EXPECT_TRUE(open.body.ends_with("\n# EOF\n"));
    EXPECT_EQ(open.body.find("# EOF"), open.body.rfind("# EOF"));
}

TEST(Scrape, LeavesHistogramsAlone) {
    Metrics metrics;
    metrics.histogram("wait_seconds", "Waiting").observe_us(1);
    const std::string text = open_metrics_text(metrics.expose());
    EXPECT_NE(text.find("# TYPE wait_seconds histogram\nwait_seconds_bucket{le="),
              std::string::npos);
    EXPECT_NE(text.find("wait_seconds_count 1\n"), std::string::npos);
}

}  // namespace
}  // namespace credence::surface
