#include "engine/telemetry/telemetry_settings.h"

#include <algorithm>

#include "base/text.h"
#include "base/units.h"

namespace credence::telemetry {

namespace {

constexpr std::size_t kMaxEndpointBytes = 2'000;
constexpr std::size_t kMaxServiceNameBytes = 200;

// A field name (RFC 9110, 5.1).
bool is_header_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool is_header_value(std::string_view value) {
    return std::ranges::all_of(value, [](char c) { return c >= ' ' && c < '\x7f'; });
}

}  // namespace

void describe(Describe<TelemetrySettings>& d) {
    d.doc("OpenTelemetry: spans and metrics sent to a collector by OTLP over HTTP");
    d.field<&TelemetrySettings::enabled>("Whether anything is sent").or_default();
    d.field<&TelemetrySettings::endpoint>("The collector; /v1/traces and /v1/metrics are appended")
        .length(1, kMaxEndpointBytes)
        .or_default();
    d.field<&TelemetrySettings::headers>(
         "Sent along, as name=value,name=value with percent escapes; a secret")
        .or_default();
    d.field<&TelemetrySettings::service_name>("The attribute service.name")
        .length(1, kMaxServiceNameBytes)
        .or_default();
    d.field<&TelemetrySettings::sample_ratio>(
         "Share of the traces begun here that are sent; others follow their caller's decision")
        .between(0, 1)
        .or_default();
    d.field<&TelemetrySettings::export_interval_ms>("Between batches of spans")
        .between(100, kMsPerHour)
        .or_default();
    d.field<&TelemetrySettings::metrics_interval_ms>("Between snapshots of the metrics")
        .between(100, kMsPerHour)
        .or_default();
    d.field<&TelemetrySettings::max_queued_spans>("Waiting to be sent; beyond: dropped, counted")
        .between(1, 1'000'000)
        .or_default();
    d.field<&TelemetrySettings::timeout_ms>("For one request to the collector")
        .between(10, 60'000)
        .or_default();
}

Result<std::vector<std::string>> parse_headers(const Secret& headers) {
    std::vector<std::string> out;
    for (const std::string_view item : split(headers.reveal(), ',')) {
        if (trim(item).empty()) {
            continue;
        }
        const std::size_t equals = item.find('=');
        const std::string_view name = trim(item.substr(0, equals));
        const auto value = equals == std::string_view::npos
                               ? Result<std::string>(fail(Code::invalid, "no value"))
                               : percent_decode(trim(item.substr(equals + 1)), false);
        if (!value || !is_header_name(name) || !is_header_value(*value)) {
            return fail(Code::invalid, "must be name=value,name=value with percent escapes",
                        "telemetry.headers");
        }
        out.push_back(std::string(name) + ": " + *value);
    }
    return out;
}

Result<void> check(const TelemetrySettings& settings) {
    const std::string& endpoint = settings.endpoint;
    if ((!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) ||
        !is_header_value(endpoint) || endpoint.find_first_of(" ?#@") != std::string::npos) {
        return fail(
            Code::invalid,
            "must be http://HOST:PORT or https://HOST:PORT, without user, query or fragment",
            "telemetry.endpoint");
    }
    TRY(parse_headers(settings.headers));
    return {};
}

}  // namespace credence::telemetry
