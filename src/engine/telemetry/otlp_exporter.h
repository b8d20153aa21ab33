// Sends spans and metrics to an OpenTelemetry collector, from a thread of its own.
//
// Spans wait in a bounded queue and leave in batches every export_interval_ms, or as soon as a
// batch is full. A collector that is down costs its callers nothing: what it does not take after
// Backoff's attempts is dropped, counted, and said in the log at most once a minute.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "base/span.h"
#include "engine/net/client.h"
#include "engine/telemetry/otlp_json.h"
#include "engine/telemetry/telemetry_settings.h"

namespace credence::telemetry {

// Thread-safe.
class OtlpExporter final : public SpanSink {
public:
    static constexpr std::size_t kMaxBatchSpans = 512;
    static constexpr std::int64_t kFlushMs = 2'000;      // for what is left when it stops
    static constexpr std::int64_t kLogEveryMs = 60'000;  // of failures
    static constexpr std::size_t kMaxAnswerBytes = 64 * 1024;

    using Send = std::function<Result<net::ClientResponse>(const net::ClientRequest&)>;

    struct Parts {
        TelemetrySettings settings;
        const Clock& clock;  // of the spans; waits use real time
        Metrics& metrics;    // sent, and told what was dropped
        Send send = net::perform;
    };

    // Code::invalid with the setting. Nothing runs before start().
    static Result<std::unique_ptr<OtlpExporter>> open(Parts parts);
    ~OtlpExporter() override;  // stops
    OtlpExporter(const OtlpExporter&) = delete;
    OtlpExporter& operator=(const OtlpExporter&) = delete;

    void start();
    // Sends what is left, without retries, for kFlushMs at most; a request under way may take up to
    // timeout_ms before that.
    void stop();

    // A span whose trace begins here and is not sampled has a parent that says so and no parent id.
    Span begin(std::string name, SpanKind kind, const TraceContext& parent) override;
    void end(Span span) override;

private:
    enum class Outcome : std::uint8_t { delivered, refused, undelivered };

    OtlpExporter(Parts parts, std::vector<std::string> headers);
    void work();
    void flush();
    std::vector<Span> take_batch();
    void send_spans(bool retry, std::int64_t timeout_ms);
    void send_metrics(bool retry, std::int64_t timeout_ms);
    Outcome deliver(std::string_view path, std::string body, bool retry, std::int64_t timeout_ms);
    void report(std::string_view path, std::string_view reason);
    bool wait_ms(std::int64_t ms);
    bool stopping();
    std::int64_t steady_ms() const;

    const TelemetrySettings settings_;
    const Clock& clock_;
    const SystemClock time_;
    Metrics& metrics_;
    const Send send_;
    std::vector<std::string> headers_;
    std::string base_url_;
    SystemRandom random_;
    Sender sender_;
    std::int64_t start_us_;
    std::int64_t logged_ms_;
    Counter& exported_;
    Counter& queue_full_;
    Counter& refused_;
    Counter& undelivered_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::vector<Span> queue_;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace credence::telemetry
