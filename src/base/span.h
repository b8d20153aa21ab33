// One timed piece of work for distributed tracing (OpenTelemetry's span), and where it goes. Base
// knows no exporter.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/trace.h"

namespace credence {

enum class SpanKind : std::uint8_t { internal, server, client };

struct Span {
    using Value = std::variant<std::string, std::int64_t, double, bool>;

    std::string name;       // "tools/call guard_scan"
    SpanKind kind = SpanKind::internal;
    TraceContext parent;    // invalid: this span starts a trace
    std::array<std::uint8_t, 16> trace_id{};
    std::array<std::uint8_t, 8> span_id{};
    std::int64_t start_us = 0;  // wall clock
    std::int64_t end_us = 0;
    bool failed = false;
    std::string error;  // its type, never a text of the user's
    std::vector<std::pair<std::string_view, Value>> attributes;  // names are static text
};

// Thread-safe; never blocks: what does not fit is dropped and counted.
class SpanSink {
public:
    virtual ~SpanSink() = default;
    // Begins a span: ids and start are set, those of its trace taken from the parent.
    virtual Span begin(std::string name, SpanKind kind, const TraceContext& parent) = 0;
    // Ends it now.
    virtual void end(Span span) = 0;
    // The context for work inside the span.
    static TraceContext inside(const Span& span) {
        return {span.trace_id, span.span_id, !span.parent.valid() || span.parent.sampled};
    }
};

}  // namespace credence
