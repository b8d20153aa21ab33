// Spans and metrics as OTLP/HTTP JSON (https://opentelemetry.io/docs/specs/otlp/, proto3 JSON with
// ids in hexadecimal). Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/span.h"
#include "engine/telemetry/metric_text.h"

namespace credence::telemetry {

// Who sends: the attributes service.name, service.version and service.instance.id.
struct Sender {
    std::string service_name;
    std::string service_version;
    std::string instance_id;
};

// An ExportTraceServiceRequest. A span's error becomes the attribute error.type, unless it has one.
std::string spans_json(const Sender& sender, std::span<const Span> spans);

// An ExportMetricsServiceRequest: cumulative sums and histograms since start_us, gauges as of
// now_us. credence_mcp_request_duration_seconds goes out by the name and the attributes that the
// conventions for MCP have: mcp.server.operation.duration with mcp.method.name, error.type (what
// did not end "ok") and gen_ai.tool.name.
std::string metrics_json(const Sender& sender, std::span<const MetricFamily> families,
                         std::int64_t start_us, std::int64_t now_us);

}  // namespace credence::telemetry
