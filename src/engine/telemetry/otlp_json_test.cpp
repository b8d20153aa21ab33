#include "engine/telemetry/otlp_json.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>

#include "base/json.h"
#include "base/metrics.h"
#include "base/text.h"

namespace credence::telemetry {
namespace {

const Sender kSender{"my.service", "1.2", "ab12"};
const std::string kResource = R"("resource":{"attributes":[)"
                              R"({"key":"service.name","value":{"stringValue":"my.service"}},)"
                              R"({"key":"service.version","value":{"stringValue":"1.2"}},)"
                              R"({"key":"service.instance.id","value":{"stringValue":"ab12"}}]})";
const std::string kScope = R"("scope":{"name":"credence","version":"1.2"})";

template <std::size_t N>
std::array<std::uint8_t, N> bytes(std::string_view hex) {
    const auto decoded = from_hex(hex);
    std::array<std::uint8_t, N> out{};
    std::ranges::copy(*decoded, out.begin());
    return out;
}

// The span of the specification's example: opentelemetry-proto, examples/trace.json.
Span example() {
    Span span;
    span.name = "I'm a server span";
    span.kind = SpanKind::server;
    span.trace_id = bytes<16>("5b8efff798038103d269b633813fc60c");
    span.span_id = bytes<8>("eee19b7ec3c1b174");
    span.parent = {span.trace_id, bytes<8>("eee19b7ec3c1b173"), true};
    span.start_us = 1'544'712'660'000'000;
    span.end_us = 1'544'712'661'000'000;
    span.attributes = {{"my.span.attr", std::string("some value")}};
    return span;
}

std::string metrics_of(std::string_view text) {
    const auto families = parse_metric_text(text);
    return metrics_json(kSender, families, 1'544'712'660'000'000, 1'544'712'661'000'000);
}

TEST(OtlpJsonTest, WritesTheExampleOfTheSpecification) {
    const Span span = example();
    EXPECT_EQ(spans_json(kSender, {&span, 1}),
              R"({"resourceSpans":[{)" + kResource + R"(,"scopeSpans":[{)" + kScope +
                  R"(,"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",)"
                  R"("spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173",)"
                  R"("name":"I'm a server span","kind":2,)"
                  R"("startTimeUnixNano":"1544712660000000000",)"
                  R"("endTimeUnixNano":"1544712661000000000",)"
                  R"("attributes":[{"key":"my.span.attr","value":{"stringValue":"some value"}}]})"
                  R"(]}]}]})");
}

TEST(OtlpJsonTest, WritesEveryKindOfValueAndErrors) {
    std::array spans{example(), example()};
    spans[0].kind = SpanKind::internal;
    spans[0].parent = {};
    spans[0].failed = true;
    spans[0].error = "timeout";
    spans[0].name = "a\"b\n";
    spans[0].attributes = {{"i", std::numeric_limits<std::int64_t>::max()},
                           {"d", 0.5},
                           {"b", true},
                           {"nan", std::numeric_limits<double>::quiet_NaN()}};
    spans[1].kind = SpanKind::client;
    spans[1].failed = true;
    spans[1].error = "other";
    spans[1].attributes = {{"error.type", std::string("tool_error")}};
    const std::string json = spans_json(kSender, spans);
    ASSERT_TRUE(validate_json(json).has_value()) << json;
    EXPECT_NE(json.find(R"("spanId":"eee19b7ec3c1b174","name":"a\"b\n","kind":1,)"),
              std::string::npos)
        << json;
    EXPECT_NE(json.find(R"("attributes":[{"key":"i","value":{"intValue":"9223372036854775807"}},)"
                        R"({"key":"d","value":{"doubleValue":0.5}},)"
                        R"({"key":"b","value":{"boolValue":true}},)"
                        R"({"key":"nan","value":{"doubleValue":"NaN"}},)"
                        R"({"key":"error.type","value":{"stringValue":"timeout"}}],)"
                        R"("status":{"code":2}})"),
              std::string::npos)
        << json;
    EXPECT_NE(
        json.find(
            R"("kind":3,"startTimeUnixNano":"1544712660000000000",)"
            R"("endTimeUnixNano":"1544712661000000000","attributes":)"
            R"([{"key":"error.type","value":{"stringValue":"tool_error"}}],"status":{"code":2}})"),
        std::string::npos)
        << json;
}

TEST(OtlpJsonTest, WritesSumsAndGauges) {
    EXPECT_EQ(metrics_of("# HELP a_total Things\n# TYPE a_total counter\na_total{k=\"v\"} 7\n"
                         "# HELP b Level\n# TYPE b gauge\nb -1.5\n"),
              R"({"resourceMetrics":[{)" + kResource + R"(,"scopeMetrics":[{)" + kScope +
                  R"(,"metrics":[{"name":"a_total","description":"Things","sum":{"dataPoints":)"
                  R"([{"attributes":[{"key":"k","value":{"stringValue":"v"}}],)"
                  R"("startTimeUnixNano":"1544712660000000000",)"
                  R"("timeUnixNano":"1544712661000000000","asInt":"7"}],)"
                  R"("aggregationTemporality":2,"isMonotonic":true}},)"
                  R"({"name":"b","description":"Level","gauge":{"dataPoints":)"
                  R"([{"attributes":[],"timeUnixNano":"1544712661000000000","asDouble":-1.5}]}})"
                  R"(]}]}]})");
}

TEST(OtlpJsonTest, WritesNumbersThatAreNone) {
    const std::string json = metrics_of(
        "# HELP a x\n# TYPE a gauge\na{l=\"1\"} NaN\na{l=\"2\"} +Inf\na{l=\"3\"} -Inf\n"
        "a{l=\"4\"} 1e+20\n");
    ASSERT_TRUE(validate_json(json).has_value()) << json;
    for (const char* value : {R"("asDouble":"NaN")", R"("asDouble":"Infinity")",
                              R"("asDouble":"-Infinity")", R"("asDouble":1e+20)"}) {
        EXPECT_NE(json.find(value), std::string::npos) << value;
    }
}

TEST(OtlpJsonTest, GivesMcpsDurationTheNamesOfTheConventions) {
    Metrics metrics;
    const std::array bounds{.5, 1.0};
    const auto observe = [&](const std::string& outcome) {
        metrics
            .histogram("credence_mcp_request_duration_seconds", "Time",
                       {{"method", "tools/call"}, {"outcome", outcome}}, bounds)
            .observe_us(750'000);
    };
    observe("ok");
    observe("tool_error");
    const std::string points =
        R"("startTimeUnixNano":"1544712660000000000","timeUnixNano":"1544712661000000000",)"
        R"("count":"1","sum":0.75,"bucketCounts":["0","1","0"],"explicitBounds":[0.5,1]})";
    EXPECT_EQ(
        metrics_of(metrics.expose()),
        R"({"resourceMetrics":[{)" + kResource + R"(,"scopeMetrics":[{)" + kScope +
            R"(,"metrics":[{"name":"mcp.server.operation.duration","description":"Time",)"
            R"("unit":"s","histogram":{"dataPoints":[)"
            R"({"attributes":[{"key":"mcp.method.name","value":{"stringValue":"tools/call"}}],)" +
            points +
            R"(,{"attributes":[{"key":"mcp.method.name","value":{"stringValue":"tools/call"}},)"
            R"({"key":"error.type","value":{"stringValue":"tool_error"}}],)" +
            points + R"(],"aggregationTemporality":2}}]}]}]})");
}

TEST(OtlpJsonTest, WritesNothingAsNothing) {
    EXPECT_EQ(spans_json(kSender, {}), R"({"resourceSpans":[{)" + kResource +
                                           R"(,"scopeSpans":[{)" + kScope + R"(,"spans":[]}]}]})");
}

}  // namespace
}  // namespace credence::telemetry
