#include "engine/telemetry/otlp_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/json.h"
#include "base/text.h"

namespace credence::telemetry {

namespace {

constexpr std::string_view kErrorType = "error.type";
constexpr int kStatusError = 2;  // STATUS_CODE_ERROR
constexpr int kCumulative = 2;   // AGGREGATION_TEMPORALITY_CUMULATIVE

constexpr std::string_view kMcpDuration = "credence_mcp_request_duration_seconds";
constexpr std::string_view kMcpDurationName = "mcp.server.operation.duration";

void append_double(double value, std::string& out) {
    if (!std::isfinite(value)) {  // proto3 JSON's names for what JSON has no number for
        out += std::isnan(value) ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
        return;
    }
    std::array<char, 32> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    static_cast<void>(error);
    out.append(digits.data(), end);
}

// proto3 JSON writes 64-bit numbers as text.
template <class Number>
void append_number_text(Number value, std::string& out) {
    out += '"';
    out += std::to_string(value);
    out += '"';
}

void append_nanoseconds(std::int64_t at_us, std::string& out) {
    append_number_text(at_us * 1'000, out);
}

void append_member(std::string_view name, std::string& out) {
    if (out.back() != '{') {
        out += ',';
    }
    out += '"';
    out += name;
    out += "\":";
}

class Attributes {
public:
    explicit Attributes(std::string& out) : out_(out) { out_ += '['; }

    void add(std::string_view name, std::string_view value) {
        begin(name, "stringValue");
        append_json_string(value, out_);
        out_ += "}}";
    }
    void add(std::string_view name, std::int64_t value) {
        begin(name, "intValue");
        append_number_text(value, out_);
        out_ += "}}";
    }
    void add(std::string_view name, double value) {
        begin(name, "doubleValue");
        append_double(value, out_);
        out_ += "}}";
    }
    void add(std::string_view name, bool value) {
        begin(name, "boolValue");
        out_ += value ? "true}}" : "false}}";
    }
    void end() { out_ += ']'; }

private:
    void begin(std::string_view name, std::string_view type) {
        out_ += out_.back() == '[' ? "{\"key\":" : ",{\"key\":";
        append_json_string(name, out_);
        out_ += ",\"value\":{\"";
        out_ += type;
        out_ += "\":";
    }

    std::string& out_;
};

// Up to the list of spans or metrics: {"resourceSpans":[{"resource":…,"scopeSpans":[{…,"spans":[
void append_envelope(const Sender& sender, std::string_view kind, std::string_view list,
                     std::string& out) {
    out.append("{\"resource").append(kind).append("\":[{\"resource\":{\"attributes\":");
    Attributes attributes(out);
    attributes.add("service.name", sender.service_name);
    attributes.add("service.version", sender.service_version);
    attributes.add("service.instance.id", sender.instance_id);
    attributes.end();
    out.append("},\"scope").append(kind).append("\":[{\"scope\":{\"name\":\"credence\",");
    out += "\"version\":";
    append_json_string(sender.service_version, out);
    out.append("},\"").append(list).append("\":[");
}

constexpr std::string_view kEnvelopeEnd = "]}]}]}";

int kind_number(SpanKind kind) {
    switch (kind) {
        case SpanKind::internal:
            return 1;
        case SpanKind::server:
            return 2;
        case SpanKind::client:
            return 3;
    }
    return 0;  // SPAN_KIND_UNSPECIFIED
}

void append_span_attributes(const Span& span, std::string& out) {
    Attributes attributes(out);
    bool has_error_type = false;
    for (const auto& [name, value] : span.attributes) {
        has_error_type = has_error_type || name == kErrorType;
        std::visit(
            [&, &attribute = name](const auto& held) {
                if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
                    attributes.add(attribute, std::string_view(held));
                } else {
                    attributes.add(attribute, held);
                }
            },
            value);
    }
    if (!has_error_type && !span.error.empty()) {
        attributes.add(kErrorType, std::string_view(span.error));
    }
    attributes.end();
}

void append_span(const Span& span, std::string& out) {
    out.append("{\"traceId\":\"").append(to_hex(span.trace_id));
    out.append("\",\"spanId\":\"").append(to_hex(span.span_id)).append("\"");
    if (std::ranges::any_of(span.parent.span_id, [](auto byte) { return byte != 0; })) {
        out.append(",\"parentSpanId\":\"").append(to_hex(span.parent.span_id)).append("\"");
    }
    append_member("name", out);
    append_json_string(span.name, out);
    append_member("kind", out);
    out += std::to_string(kind_number(span.kind));
    append_member("startTimeUnixNano", out);
    append_nanoseconds(span.start_us, out);
    append_member("endTimeUnixNano", out);
    append_nanoseconds(span.end_us, out);
    append_member("attributes", out);
    append_span_attributes(span, out);
    if (span.failed) {
        append_member("status", out);
        out.append("{\"code\":").append(std::to_string(kStatusError)).append("}");
    }
    out += '}';
}

// The label's attribute; empty: none.
std::string_view mcp_attribute(std::string_view label, std::string_view value) {
    if (label == "method") {
        return "mcp.method.name";
    }
    if (label == "outcome") {
        return value == "ok" ? "" : kErrorType;
    }
    return label == "tool" ? "gen_ai.tool.name" : label;
}

struct PointWriter {
    const MetricFamily& family;
    bool is_mcp;
    std::int64_t start_us;
    std::int64_t now_us;
    std::string& out;

    void labels(const MetricPoint& point) const {
        append_member("attributes", out);
        Attributes attributes(out);
        for (const auto& [label, value] : point.labels) {
            const std::string_view name = is_mcp ? mcp_attribute(label, value) : label;
            if (!name.empty()) {
                attributes.add(name, std::string_view(value));
            }
        }
        attributes.end();
    }

    void number(std::string_view text) const {
        if (const auto integer = parse_integer(text)) {
            append_member("asInt", out);
            append_number_text(*integer, out);
            return;
        }
        double value = std::nan("");
        if (text == "+Inf" || text == "-Inf") {
            value = text == "+Inf" ? HUGE_VAL : -HUGE_VAL;
        } else {
            std::from_chars(text.data(), text.data() + text.size(), value);
        }
        append_member("asDouble", out);
        append_double(value, out);
    }

    void histogram(const MetricPoint& point) const {
        std::uint64_t count = 0;
        for (const std::uint64_t bucket : point.buckets) {
            count += bucket;
        }
        append_member("count", out);
        append_number_text(count, out);
        append_member("sum", out);
        append_double(point.sum, out);
        append_member("bucketCounts", out);
        out += '[';
        for (std::size_t i = 0; i < point.buckets.size(); ++i) {
            out += i > 0 ? "," : "";
            append_number_text(point.buckets[i], out);
        }
        out += ']';
        append_member("explicitBounds", out);
        out += '[';
        for (std::size_t i = 0; i < point.bounds.size(); ++i) {
            out += i > 0 ? "," : "";
            append_double(point.bounds[i], out);
        }
        out += ']';
    }

    void point(const MetricPoint& point) const {
        out += '{';
        labels(point);
        if (family.type != MetricType::gauge) {
            append_member("startTimeUnixNano", out);
            append_nanoseconds(start_us, out);
        }
        append_member("timeUnixNano", out);
        append_nanoseconds(now_us, out);
        if (family.type == MetricType::histogram) {
            histogram(point);
        } else {
            number(point.value);
        }
        out += '}';
    }
};

std::string_view data_name(MetricType type) {
    switch (type) {
        case MetricType::counter:
            return "sum";
        case MetricType::gauge:
            return "gauge";
        case MetricType::histogram:
            return "histogram";
    }
    return "";
}

void append_metric(const MetricFamily& family, std::int64_t start_us, std::int64_t now_us,
                   std::string& out) {
    const bool is_mcp = family.name == kMcpDuration;
    const std::string_view name = is_mcp ? kMcpDurationName : std::string_view(family.name);
    out += '{';
    append_member("name", out);
    append_json_string(name, out);
    append_member("description", out);
    append_json_string(family.help, out);
    if (family.name.ends_with("_seconds")) {
        append_member("unit", out);
        out += "\"s\"";
    }
    append_member(data_name(family.type), out);
    out += "{\"dataPoints\":[";
    const PointWriter writer{family, is_mcp, start_us, now_us, out};
    for (std::size_t i = 0; i < family.points.size(); ++i) {
        out += i > 0 ? "," : "";
        writer.point(family.points[i]);
    }
    out += ']';
    if (family.type != MetricType::gauge) {
        append_member("aggregationTemporality", out);
        out += std::to_string(kCumulative);
    }
    if (family.type == MetricType::counter) {
        append_member("isMonotonic", out);
        out += "true";
    }
    out += "}}";
}

}  // namespace

std::string spans_json(const Sender& sender, std::span<const Span> spans) {
    std::string out;
    append_envelope(sender, "Spans", "spans", out);
    for (std::size_t i = 0; i < spans.size(); ++i) {
        out += i > 0 ? "," : "";
        append_span(spans[i], out);
    }
    out += kEnvelopeEnd;
    return out;
}

std::string metrics_json(const Sender& sender, std::span<const MetricFamily> families,
                         std::int64_t start_us, std::int64_t now_us) {
    std::string out;
    append_envelope(sender, "Metrics", "metrics", out);
    for (std::size_t i = 0; i < families.size(); ++i) {
        out += i > 0 ? "," : "";
        append_metric(families[i], start_us, now_us, out);
    }
    out += kEnvelopeEnd;
    return out;
}

}  // namespace credence::telemetry
