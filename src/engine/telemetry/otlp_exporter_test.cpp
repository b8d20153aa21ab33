#include "engine/telemetry/otlp_exporter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <string>
#include <vector>

namespace credence::telemetry {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::int64_t kNowUs = 1'735'689'600'000'000;

std::size_t occurrences(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos;
         at = text.find(part, at + part.size())) {
        ++count;
    }
    return count;
}

// Answers with the statuses it was given, then 200; 0 is no answer.
class Collector {
public:
    OtlpExporter::Send send() {
        return [this](const net::ClientRequest& request) -> Result<net::ClientResponse> {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(request);
            changed_.notify_all();
            net::ClientResponse response;
            response.status = 200;
            if (!statuses_.empty() && request.url.ends_with("/v1/traces")) {
                response.status = statuses_.front();
                statuses_.pop_front();
            }
            if (always_down_ || response.status == 0) {
                return fail(Code::unavailable, "no answer");
            }
            response.headers = {"Retry-After: 0"};
            return response;
        };
    }
    void answer(std::deque<int> statuses) { statuses_ = std::move(statuses); }
    void be_down() { always_down_ = true; }

    // The requests for a path, once there are that many.
    std::vector<net::ClientRequest> wait(const std::string& path, std::size_t count) {
        std::unique_lock lock(mutex_);
        std::vector<net::ClientRequest> found;
        changed_.wait_for(lock, kPatience, [&] {
            found.clear();
            for (const auto& request : requests_) {
                if (request.url.ends_with(path)) {
                    found.push_back(request);
                }
            }
            return found.size() >= count;
        });
        return found;
    }
    std::size_t seen(const std::string& path) { return wait(path, 0).size(); }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<net::ClientRequest> requests_;
    std::deque<int> statuses_;
    bool always_down_ = false;
};

class OtlpExporterTest : public testing::Test {
protected:
    void open(TelemetrySettings settings) {
        settings.enabled = true;
        auto opened = OtlpExporter::open({.settings = settings,
                                          .clock = clock_,
                                          .metrics = metrics_,
                                          .send = collector_.send()});
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        exporter_ = std::move(*opened);
    }

    void spans(int count) {
        for (int i = 0; i < count; ++i) {
            exporter_->end(exporter_->begin("work", SpanKind::internal, {}));
        }
    }

    std::uint64_t dropped(const std::string& reason) {
        return metrics_.counter("credence_telemetry_spans_dropped_total", "", {{"reason", reason}})
            .value();
    }
    std::uint64_t exported() {
        return metrics_.counter("credence_telemetry_spans_total", "").value();
    }

    ManualClock clock_{kNowUs};
    Metrics metrics_;
    Collector collector_;
    std::unique_ptr<OtlpExporter> exporter_;
};

TEST_F(OtlpExporterTest, SendsSpansAndMetricsAtItsIntervals) {
    open({.endpoint = "http://collector:4318/",
          .headers = Secret("api-key=s%20ecret,x=1"),
          .export_interval_ms = 100,
          .metrics_interval_ms = 100});
    exporter_->start();
    Span span = exporter_->begin("guard.scan", SpanKind::internal, {});
    clock_.advance_us(5);
    exporter_->end(std::move(span));
    const auto traces = collector_.wait("/v1/traces", 1);
    ASSERT_EQ(traces.size(), 1U);
    EXPECT_EQ(traces[0].method, "POST");
    EXPECT_EQ(traces[0].url, "http://collector:4318/v1/traces");
    EXPECT_EQ(traces[0].headers, (std::vector<std::string>{"api-key: s ecret", "x: 1",
                                                           "Content-Type: application/json"}));
    EXPECT_NE(traces[0].body.find(R"("name":"guard.scan","kind":1,)"
                                  R"("startTimeUnixNano":"1735689600000000000",)"
                                  R"("endTimeUnixNano":"1735689600000005000")"),
              std::string::npos)
        << traces[0].body;
    const auto metrics = collector_.wait("/v1/metrics", 2);
    ASSERT_GE(metrics.size(), 2U);
    EXPECT_NE(metrics[1].body.find(R"({"name":"credence_telemetry_spans_total")"),
              std::string::npos);
    exporter_->stop();
    EXPECT_EQ(exported(), 1U);
}

TEST_F(OtlpExporterTest, SendsAFullBatchAtOnceAndTheRestAtItsEnd) {
    open({.export_interval_ms = 3'600'000, .metrics_interval_ms = 3'600'000});
    exporter_->start();
    spans(OtlpExporter::kMaxBatchSpans);
    const auto first = collector_.wait("/v1/traces", 1);
    ASSERT_EQ(first.size(), 1U);
    spans(3);
    exporter_->stop();
    const auto all = collector_.wait("/v1/traces", 2);
    ASSERT_GE(all.size(), 2U);
    std::size_t sent = 0;
    for (const auto& request : all) {
        const std::size_t size = occurrences(request.body, "\"traceId\"");
        EXPECT_LE(size, OtlpExporter::kMaxBatchSpans);
        sent += size;
    }
    EXPECT_EQ(sent, OtlpExporter::kMaxBatchSpans + 3);
    EXPECT_EQ(exported(), sent);
    EXPECT_EQ(collector_.seen("/v1/metrics"), 1U);  // the last word
    exporter_->end(exporter_->begin("late", SpanKind::internal, {}));
    EXPECT_EQ(dropped("queue_full"), 1U);
}

TEST_F(OtlpExporterTest, DropsAndCountsWhatDoesNotFit) {
    open({.max_queued_spans = 10});
    spans(25);  // nobody takes them: it was not started
    EXPECT_EQ(dropped("queue_full"), 15U);
    exporter_->start();
    exporter_->stop();
    EXPECT_EQ(exported(), 10U);
    EXPECT_EQ(dropped("undelivered"), 0U);
}

TEST_F(OtlpExporterTest, TriesAgainWhatTheCollectorCouldNotTake) {
    collector_.answer({503, 429, 200});
    open({.export_interval_ms = 100});
    exporter_->start();
    spans(1);
    const auto traces = collector_.wait("/v1/traces", 3);
    ASSERT_EQ(traces.size(), 3U);
    EXPECT_EQ(traces[0].body, traces[2].body);
    exporter_->stop();
    EXPECT_EQ(exported(), 1U);
    EXPECT_EQ(dropped("undelivered") + dropped("refused"), 0U);
}

TEST_F(OtlpExporterTest, DoesNotRepeatWhatWasRefused) {
    collector_.answer({400});
    open({.export_interval_ms = 100});
    exporter_->start();
    spans(2);
    collector_.wait("/v1/traces", 1);
    exporter_->stop();
    EXPECT_EQ(collector_.seen("/v1/traces"), 1U);
    EXPECT_EQ(dropped("refused"), 2U);
    EXPECT_EQ(exported(), 0U);
}

TEST_F(OtlpExporterTest, GivesUpAfterItsAttempts) {
    collector_.answer({503, 503, 503, 503, 503});
    open({.export_interval_ms = 100});
    exporter_->start();
    spans(1);
    EXPECT_EQ(collector_.wait("/v1/traces", 5).size(), 5U);
    exporter_->stop();
    EXPECT_EQ(collector_.seen("/v1/traces"), 5U);
    EXPECT_EQ(dropped("undelivered"), 1U);
}

TEST_F(OtlpExporterTest, StopsAtOnceWhenTheCollectorIsDown) {
    collector_.be_down();
    open({.export_interval_ms = 100});
    exporter_->start();
    spans(1);
    ASSERT_GE(collector_.wait("/v1/traces", 1).size(), 1U);  // now it waits to try again
    spans(4);
    const auto before = std::chrono::steady_clock::now();
    exporter_->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - before, kPatience);
    EXPECT_EQ(dropped("undelivered"), 5U);
    EXPECT_EQ(exported(), 0U);
}

TEST_F(OtlpExporterTest, FollowsItsCallersDecision) {
    open({});
    TraceContext parent =
        *TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    const Span child = exporter_->begin("child", SpanKind::server, parent);
    EXPECT_EQ(child.trace_id, parent.trace_id);
    EXPECT_EQ(child.parent, parent);
    EXPECT_NE(child.span_id, parent.span_id);
    EXPECT_TRUE(SpanSink::inside(child).sampled);
    exporter_->end(child);
    parent.sampled = false;
    const Span unsampled = exporter_->begin("unsampled", SpanKind::server, parent);
    EXPECT_FALSE(SpanSink::inside(unsampled).sampled);
    exporter_->end(unsampled);
    exporter_->start();
    exporter_->stop();
    EXPECT_EQ(exported(), 1U);
}

TEST_F(OtlpExporterTest, SamplesTracesThatBeginHere) {
    open({.sample_ratio = 0.25, .max_queued_spans = 10'000});
    constexpr int kTraces = 4'000;
    int sampled = 0;
    for (int i = 0; i < kTraces; ++i) {
        Span root = exporter_->begin("root", SpanKind::internal, {});
        Span child = exporter_->begin("child", SpanKind::internal, SpanSink::inside(root));
        EXPECT_EQ(child.trace_id, root.trace_id);
        sampled += SpanSink::inside(child).sampled ? 1 : 0;
        exporter_->end(std::move(child));
        exporter_->end(std::move(root));
    }
    EXPECT_NEAR(sampled, kTraces / 4, 200);  // more than seven standard deviations
    exporter_->start();
    exporter_->stop();
    EXPECT_EQ(exported(), 2U * static_cast<unsigned>(sampled));
}

TEST_F(OtlpExporterTest, RefusesBadSettingsWithoutTellingSecrets) {
    const auto refused = [&](TelemetrySettings settings) {
        auto opened = OtlpExporter::open(
            {.settings = std::move(settings), .clock = clock_, .metrics = metrics_});
        EXPECT_FALSE(opened.has_value());
        return opened ? Error{} : opened.error();
    };
    EXPECT_EQ(refused({.endpoint = "collector:4318"}).field, "telemetry.endpoint");
    EXPECT_EQ(refused({.endpoint = "http://user:pass@collector"}).field, "telemetry.endpoint");
    for (const char* headers : {"hunter2", "a b=hunter2", "k=hunter2%0d%0aX: y", "k=hunter2%zz"}) {
        const Error error = refused({.headers = Secret(headers)});
        EXPECT_EQ(error.code, Code::invalid);
        EXPECT_EQ(error.field, "telemetry.headers");
        EXPECT_EQ(error.message.find("hunter2"), std::string::npos);
    }
}

}  // namespace
}  // namespace credence::telemetry
