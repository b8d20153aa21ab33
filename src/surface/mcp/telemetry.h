// One server span and one latency observation per request, by OpenTelemetry's semantic conventions
// for MCP (gen-ai/mcp): span "{method} {target}"; mcp.server.operation.duration, exported as
// credence_mcp_request_duration_seconds{method,outcome}.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/span.h"
#include "surface/mcp/protocol/request.h"

namespace credence::surface::mcp {

// Thread-safe.
class Telemetry {
public:
    static constexpr std::size_t kMaxTextBytes = 256;  // of what a client may put into a span

    // spans: null: none.
    Telemetry(const Clock& clock, Metrics& metrics, SpanSink* spans)
        : clock_(clock), metrics_(metrics), spans_(spans) {}

    // Begins both; the caller's trace becomes that of the span. The result goes to
    // Request::observe().
    Request::Observer begin(Caller& caller, const RpcMessage& message);

private:
    enum class Outcome : std::uint8_t { ok, error, tool_error, cancelled };
    static constexpr std::size_t kOutcomes = 4;
    static constexpr std::size_t kMaxMethods = 32;

    static Outcome outcome_of(const RpcError* error, std::string_view result);
    void observe(std::size_t method, Outcome outcome, std::int64_t started_us);
    Span begin_span(const Caller& caller, const RpcMessage& message, std::size_t method);
    void end_span(Span span, Outcome outcome, const RpcError* error);

    const Clock& clock_;
    Metrics& metrics_;
    SpanSink* spans_;
    std::array<std::array<std::atomic<Histogram*>, kOutcomes>, kMaxMethods> histograms_{};
};

}  // namespace credence::surface::mcp
