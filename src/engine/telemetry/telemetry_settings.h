// Section [telemetry].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "base/shape.h"

namespace credence::telemetry {

struct TelemetrySettings {
    bool enabled = false;
    std::string endpoint = "http://127.0.0.1:4318";
    Secret headers = {};
    std::string service_name = "credence";
    double sample_ratio = 1.0;
    std::int64_t export_interval_ms = 5'000;
    std::int64_t metrics_interval_ms = 60'000;
    std::int64_t max_queued_spans = 10'000;
    std::int64_t timeout_ms = 5'000;
};
void describe(Describe<TelemetrySettings>&);

// "Authorization=Bearer%20x,tenant=7", as OTEL_EXPORTER_OTLP_HEADERS spells it, as "Name: value".
// Code::invalid with the setting, and never the text, when it does not read so.
Result<std::vector<std::string>> parse_headers(const Secret& headers);

// Code::invalid with the setting.
Result<void> check(const TelemetrySettings& settings);

}  // namespace credence::telemetry
