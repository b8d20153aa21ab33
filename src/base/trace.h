// W3C Trace Context (https://www.w3.org/TR/trace-context/): which trace a call belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace credence {

struct TraceContext {
    std::array<std::uint8_t, 16> trace_id{};  // all zero: no trace
    std::array<std::uint8_t, 8> span_id{};    // of the parent
    bool sampled = false;

    bool valid() const { return trace_id != std::array<std::uint8_t, 16>{}; }
    // "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; nothing when malformed or of
    // version ff.
    static std::optional<TraceContext> parse(std::string_view traceparent);
    std::string traceparent() const;
    bool operator==(const TraceContext&) const = default;
};

}  // namespace credence
