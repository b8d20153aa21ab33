#include "engine/telemetry/otlp_exporter.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "base/units.h"
#include "base/version.h"
#include "engine/telemetry/backoff.h"

namespace credence::telemetry {

namespace {

constexpr std::string_view kTracesPath = "/v1/traces";
constexpr std::string_view kMetricsPath = "/v1/metrics";
constexpr std::string_view kDropped = "credence_telemetry_spans_dropped_total";
constexpr std::string_view kDroppedHelp = "Spans that were not delivered to the collector";
constexpr std::size_t kInstanceBytes = 16;

std::string base_url(std::string endpoint) {
    while (endpoint.ends_with('/')) {
        endpoint.pop_back();
    }
    return endpoint;
}

// OpenTelemetry's TraceIdRatioBased: a function of the id, so that all who see the trace agree.
bool is_sampled(const std::array<std::uint8_t, 16>& trace_id, double ratio) {
    std::uint64_t low = 0;
    for (std::size_t i = 8; i < trace_id.size(); ++i) {
        low = low << 8 | trace_id[i];
    }
    constexpr std::uint64_t kBits = (std::uint64_t{1} << 63) - 1;
    return ratio >= 1 || static_cast<double>(low & kBits) < std::ldexp(ratio, 63);
}

}  // namespace

Result<std::unique_ptr<OtlpExporter>> OtlpExporter::open(Parts parts) {
    TRY(check(parts.settings));
    auto headers = TRY(parse_headers(parts.settings.headers));
    headers.emplace_back("Content-Type: application/json");
    return std::unique_ptr<OtlpExporter>(new OtlpExporter(std::move(parts), std::move(headers)));
}

OtlpExporter::OtlpExporter(Parts parts, std::vector<std::string> headers)
    : settings_(std::move(parts.settings)),
      clock_(parts.clock),
      metrics_(parts.metrics),
      send_(std::move(parts.send)),
      headers_(std::move(headers)),
      base_url_(base_url(settings_.endpoint)),
      start_us_(clock_.now_us()),
      logged_ms_(steady_ms() - kLogEveryMs),
      exported_(metrics_.counter("credence_telemetry_spans_total", "Spans the collector took")),
      queue_full_(metrics_.counter(kDropped, kDroppedHelp, {{"reason", "queue_full"}})),
      refused_(metrics_.counter(kDropped, kDroppedHelp, {{"reason", "refused"}})),
      undelivered_(metrics_.counter(kDropped, kDroppedHelp, {{"reason", "undelivered"}})) {
    std::array<std::uint8_t, kInstanceBytes> instance{};
    random_.fill(instance.data(), instance.size());
    sender_ = {settings_.service_name, std::string(kVersion), to_hex(instance)};
}

OtlpExporter::~OtlpExporter() {
    stop();
}

void OtlpExporter::start() {
    thread_ = std::thread([this] { work(); });
}

void OtlpExporter::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

Span OtlpExporter::begin(std::string name, SpanKind kind, const TraceContext& parent) {
    Span span;
    span.name = std::move(name);
    span.kind = kind;
    span.parent = parent;
    span.trace_id = parent.trace_id;
    if (!parent.valid()) {
        random_.fill(span.trace_id.data(), span.trace_id.size());
        if (!is_sampled(span.trace_id, settings_.sample_ratio)) {
            span.parent.trace_id = span.trace_id;
        }
    }
    random_.fill(span.span_id.data(), span.span_id.size());
    span.start_us = clock_.now_us();
    return span;
}

void OtlpExporter::end(Span span) {
    if (span.parent.valid() && !span.parent.sampled) {
        return;
    }
    span.end_us = std::max(span.start_us, clock_.now_us());
    bool full = false;
    bool batch = false;
    {
        const std::scoped_lock lock(mutex_);
        full = stopping_ || std::cmp_greater_equal(queue_.size(), settings_.max_queued_spans);
        if (!full) {
            queue_.push_back(std::move(span));
            batch = queue_.size() == kMaxBatchSpans;
        }
    }
    if (full) {
        queue_full_.add();
    } else if (batch) {
        wake_.notify_one();
    }
}

std::int64_t OtlpExporter::steady_ms() const {
    return time_.steady_us() / kUsPerMs;
}

bool OtlpExporter::stopping() {
    const std::scoped_lock lock(mutex_);
    return stopping_;
}

// False: it stops.
bool OtlpExporter::wait_ms(std::int64_t ms) {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
}

void OtlpExporter::work() {
    pthread_setname_np(pthread_self(), "telemetry");
    std::int64_t spans_at_ms = steady_ms() + settings_.export_interval_ms;
    std::int64_t metrics_at_ms = steady_ms() + settings_.metrics_interval_ms;
    while (true) {
        const std::int64_t next_ms =
            std::max<std::int64_t>(0, std::min(spans_at_ms, metrics_at_ms) - steady_ms());
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, std::chrono::milliseconds(next_ms),
                           [this] { return stopping_ || queue_.size() >= kMaxBatchSpans; });
            if (stopping_) {
                break;
            }
        }
        send_spans(true, settings_.timeout_ms);
        spans_at_ms = steady_ms() + settings_.export_interval_ms;
        if (steady_ms() >= metrics_at_ms) {
            send_metrics(true, settings_.timeout_ms);
            metrics_at_ms = steady_ms() + settings_.metrics_interval_ms;
        }
    }
    flush();
}

void OtlpExporter::flush() {
    const std::int64_t until_ms = steady_ms() + kFlushMs;
    const auto left_ms = [&] { return std::min(settings_.timeout_ms, until_ms - steady_ms()); };
    send_spans(false, left_ms());
    if (left_ms() > 0) {
        send_metrics(false, left_ms());
    }
}

std::vector<Span> OtlpExporter::take_batch() {
    const std::scoped_lock lock(mutex_);
    const std::size_t size = std::min(queue_.size(), kMaxBatchSpans);
    const auto last = queue_.begin() + static_cast<std::ptrdiff_t>(size);
    std::vector<Span> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(last));
    queue_.erase(queue_.begin(), last);
    return batch;
}

// All that wait, batch by batch. Without retries the time is for all of them together.
void OtlpExporter::send_spans(bool retry, std::int64_t timeout_ms) {
    const std::int64_t until_ms = steady_ms() + timeout_ms;
    for (std::vector<Span> batch = take_batch(); !batch.empty(); batch = take_batch()) {
        const std::int64_t left_ms = retry ? timeout_ms : until_ms - steady_ms();
        const Outcome outcome = deliver(kTracesPath, spans_json(sender_, batch), retry, left_ms);
        switch (outcome) {
            case Outcome::delivered:
                exported_.add(batch.size());
                break;
            case Outcome::refused:
                refused_.add(batch.size());
                break;
            case Outcome::undelivered:
                undelivered_.add(batch.size());
                break;
        }
        if (retry && stopping()) {
            return;  // the rest is flush()'s
        }
    }
}

void OtlpExporter::send_metrics(bool retry, std::int64_t timeout_ms) {
    const auto families = parse_metric_text(metrics_.expose());
    deliver(kMetricsPath, metrics_json(sender_, families, start_us_, clock_.now_us()), retry,
            timeout_ms);
}

OtlpExporter::Outcome OtlpExporter::deliver(std::string_view path, std::string body, bool retry,
                                            std::int64_t timeout_ms) {
    if (timeout_ms <= 0) {
        return Outcome::undelivered;
    }
    Backoff backoff(random_);
    const net::ClientRequest request{.method = "POST",
                                     .url = base_url_ + std::string(path),
                                     .headers = headers_,
                                     .body = std::move(body),
                                     .timeout_ms = timeout_ms,
                                     .max_response_bytes = kMaxAnswerBytes};
    while (true) {
        const auto response = send_(request);
        if (response && response->status >= 200 && response->status < 300) {
            return Outcome::delivered;
        }
        if (response && !is_retryable(response->status)) {
            report(path, "the collector answered " + std::to_string(response->status));
            return Outcome::refused;
        }
        const auto wait = response ? backoff.failed(retry_after_ms(response->headers))
                                   : backoff.failed(std::nullopt);
        if (!retry || !wait || !wait_ms(*wait)) {
            report(path, response ? "the collector answered " + std::to_string(response->status)
                                  : response.error().message);
            return Outcome::undelivered;
        }
    }
}

void OtlpExporter::report(std::string_view path, std::string_view reason) {
    const std::int64_t now_ms = steady_ms();
    if (now_ms - logged_ms_ < kLogEveryMs) {
        return;
    }
    logged_ms_ = now_ms;
    log::warning("telemetry not delivered", {{"path", path}, {"reason", reason}});
}

}  // namespace credence::telemetry
