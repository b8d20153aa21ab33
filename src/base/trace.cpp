#include "base/trace.h"

#include <algorithm>

namespace credence {
namespace {

constexpr std::size_t kSize = 55;  // of version 00

std::optional<std::uint8_t> nibble(char c) {
    if (c >= '0' && c <= '9') {
        return static_cast<std::uint8_t>(c - '0');
    }
    if (c >= 'a' && c <= 'f') {  // upper case is not allowed
        return static_cast<std::uint8_t>(c - 'a' + 10);
    }
    return std::nullopt;
}

template <std::size_t N>
bool read_hex(std::string_view text, std::array<std::uint8_t, N>& out) {
    for (std::size_t i = 0; i < N; ++i) {
        const auto high = nibble(text[2 * i]);
        const auto low = nibble(text[2 * i + 1]);
        if (!high || !low) {
            return false;
        }
        out[i] = static_cast<std::uint8_t>(*high << 4 | *low);
    }
    return true;
}

template <std::size_t N>
void append_hex(const std::array<std::uint8_t, N>& bytes, std::string& out) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const std::uint8_t byte : bytes) {
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
}

}  // namespace

std::optional<TraceContext> TraceContext::parse(std::string_view traceparent) {
    // Later versions may be longer, with a dash after what version 00 has.
    if (traceparent.size() < kSize || traceparent[2] != '-' || traceparent[35] != '-' ||
        traceparent[52] != '-') {
        return std::nullopt;
    }
    std::array<std::uint8_t, 1> version{};
    std::array<std::uint8_t, 1> flags{};
    TraceContext trace;
    if (!read_hex(traceparent.substr(0, 2), version) ||
        !read_hex(traceparent.substr(3, 32), trace.trace_id) ||
        !read_hex(traceparent.substr(36, 16), trace.span_id) ||
        !read_hex(traceparent.substr(53, 2), flags)) {
        return std::nullopt;
    }
    const bool longer = traceparent.size() > kSize;
    if (version[0] == 0xff || (version[0] == 0 && longer) ||
        (longer && traceparent[kSize] != '-')) {
        return std::nullopt;
    }
    if (!trace.valid() || std::ranges::all_of(trace.span_id, [](auto b) { return b == 0; })) {
        return std::nullopt;
    }
    trace.sampled = (flags[0] & 1) != 0;
    return trace;
}

std::string TraceContext::traceparent() const {
    std::string out = "00-";
    append_hex(trace_id, out);
    out += '-';
    append_hex(span_id, out);
    out += sampled ? "-01" : "-00";
    return out;
}

}  // namespace credence
