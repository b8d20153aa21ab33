#include "surface/http/mcp_headers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <utility>

#include "base/text.h"

namespace credence::surface {
namespace {

using mcp::Member;
using mcp::Members;
using mcp::RpcError;

constexpr std::string_view kEncodedPrefix = "=?base64?";
constexpr std::string_view kEncodedSuffix = "?=";
constexpr int kMaxSchemaDepth = 16;
constexpr std::size_t kMaxParameterHeaders = 64;
constexpr std::size_t kMaxShownBytes = 64;  // of a value in an error
constexpr unsigned kNotBase64 = 64;

unsigned base64_value(char c) {
    if (c >= 'A' && c <= 'Z') {
        return static_cast<unsigned>(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return static_cast<unsigned>(c - 'a') + 26;
    }
    if (c >= '0' && c <= '9') {
        return static_cast<unsigned>(c - '0') + 52;
    }
    if (c == '+') {
        return 62;
    }
    return c == '/' ? 63 : kNotBase64;
}

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    std::string out;
    out.reserve(text.size() / 4 * 3);
    const std::size_t digits = std::min(text.find('='), text.size());
    if (text.size() - digits > 2 || text.find_first_not_of('=', digits) != std::string_view::npos) {
        return std::nullopt;
    }
    unsigned bits = 0;
    int held = 0;
    for (const char c : text.substr(0, digits)) {
        const unsigned value = base64_value(c);
        if (value == kNotBase64) {
            return std::nullopt;
        }
        bits = (bits << 6U | value) & 0xFFFFFFU;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out += static_cast<char>(bits >> static_cast<unsigned>(held) & 0xFFU);
        }
    }
    // Bits that no byte takes must be zero, or two texts would mean one value.
    if ((bits & ((1U << static_cast<unsigned>(held)) - 1U)) != 0) {
        return std::nullopt;
    }
    return out;
}

RpcError mismatch(std::string message) {
    return {mcp::RpcCode::header_mismatch, "header mismatch: " + std::move(message), {}};
}

std::string shown(std::string_view value) {
    return "'" + to_valid_utf8(value.substr(0, kMaxShownBytes)) + "'";
}

RpcError differs(std::string_view name, std::string_view header, std::string_view body) {
    return mismatch(std::string(name) + " is " + shown(header) + ", the body says " + shown(body));
}

void collect(const Members& schema, std::vector<std::string>& path, int depth,
             std::vector<ParameterHeader>& out) {
    if (depth > kMaxSchemaDepth) {
        return;
    }
    const Members properties = Members::of(schema["properties"]);
    for (const auto& [name, property] : properties.all()) {
        const Members held = Members::of(property);
        path.push_back(name);
        const Member& header = held["x-mcp-header"];
        if (header.is_text() && !header.value.empty() && out.size() < kMaxParameterHeaders) {
            out.push_back(ParameterHeader{"Mcp-Param-" + header.value, path});
        }
        if (held["properties"].is_object()) {
            collect(held, path, depth + 1, out);
        }
        path.pop_back();
    }
}

Member argument_at(const mcp::RpcMessage& message, const std::vector<std::string>& path) {
    Member at = message.params["arguments"];
    for (const std::string& name : path) {
        if (!at.is_object()) {
            return {};
        }
        const Members members = Members::of(at);
        at = members[name];
    }
    return at;
}

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

bool same_value(const Member& body, std::string_view header) {
    switch (body.type) {
        case Member::Type::text:
        case Member::Type::boolean:
            return body.value == header;
        case Member::Type::integer:
        case Member::Type::number: {
            if (body.value == header) {
                return true;
            }
            const auto left = number(body.value);
            return left && left == number(header);
        }
        default:
            return false;
    }
}

// The body's value that Mcp-Name repeats; empty: the method has none.
std::string_view named_by(std::string_view method) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNamed = {{
        {"tools/call", "name"},
        {"prompts/get", "name"},
        {"resources/read", "uri"},
        {"tasks/get", "taskId"},
        {"tasks/update", "taskId"},
        {"tasks/cancel", "taskId"},
    }};
    for (const auto& [name, parameter] : kNamed) {
        if (name == method) {
            return parameter;
        }
    }
    return {};
}

}  // namespace

std::optional<std::string> decode_header_value(std::string_view value) {
    value = trim(value);
    const bool plain =
        std::ranges::all_of(value, [](char c) { return (c >= 0x20 && c <= 0x7E) || c == '\t'; });
    if (!plain) {
        return std::nullopt;
    }
    if (value.size() >= kEncodedPrefix.size() + kEncodedSuffix.size() &&
        value.starts_with(kEncodedPrefix) && value.ends_with(kEncodedSuffix)) {
        value.remove_prefix(kEncodedPrefix.size());
        value.remove_suffix(kEncodedSuffix.size());
        return decode_base64(value);
    }
    return std::string(value);
}

std::vector<ParameterHeader> parameter_headers(std::string_view input_schema_json) {
    std::vector<ParameterHeader> out;
    if (input_schema_json.find("x-mcp-header") == std::string_view::npos) {
        return out;
    }
    if (const auto schema = Members::parse(input_schema_json)) {
        std::vector<std::string> path;
        collect(*schema, path, 0, out);
    }
    return out;
}

std::optional<RpcError> check_standard_headers(const HeaderLookup& header,
                                               const mcp::RpcMessage& message,
                                               std::string_view version) {
    const std::string_view said = trim(header("MCP-Protocol-Version"));
    if (said.empty()) {
        return mismatch("MCP-Protocol-Version is missing");
    }
    if (said != version) {
        return differs("MCP-Protocol-Version", said, version);
    }
    const std::string_view method = trim(header("Mcp-Method"));
    if (method.empty()) {
        return mismatch("Mcp-Method is missing");
    }
    if (method != message.method) {
        return differs("Mcp-Method", method, message.method);
    }
    const std::string_view parameter = named_by(message.method);
    if (parameter.empty()) {
        return std::nullopt;
    }
    const Member& body = message.params[parameter];
    if (!body.is_text()) {
        return std::nullopt;  // refused as what it is, by the method
    }
    const std::string_view raw = trim(header("Mcp-Name"));
    if (raw.empty() && !body.value.empty()) {
        return mismatch("Mcp-Name is missing");
    }
    const auto name = decode_header_value(raw);
    if (!name) {
        return mismatch("Mcp-Name is malformed");
    }
    if (*name != body.value) {
        return differs("Mcp-Name", *name, body.value);
    }
    return std::nullopt;
}

std::optional<RpcError> check_parameter_headers(const HeaderLookup& header,
                                                const mcp::RpcMessage& message,
                                                const std::vector<ParameterHeader>& expected) {
    for (const ParameterHeader& parameter : expected) {
        const std::string_view raw = header(parameter.name);
        const Member body = argument_at(message, parameter.path);
        if (raw.empty()) {
            // An empty text may be sent as an empty field, which looks like none.
            if (body.is_absent() || (body.is_text() && body.value.empty())) {
                continue;
            }
            return mismatch(parameter.name + " is missing");
        }
        const auto value = decode_header_value(raw);
        if (!value) {
            return mismatch(parameter.name + " is malformed");
        }
        if (body.is_absent()) {
            return mismatch(parameter.name + " is sent, the body has no such argument");
        }
        if (!same_value(body, *value)) {
            return differs(parameter.name, *value, body.value);
        }
    }
    return std::nullopt;
}

std::shared_ptr<const std::vector<ParameterHeader>> ParameterHeaders::of(const std::string& tool) {
    {
        const std::shared_lock lock(mutex_);
        if (const auto found = known_.find(tool); found != known_.end()) {
            return found->second;
        }
    }
    const std::string schema = schema_(tool);
    auto made = std::make_shared<const std::vector<ParameterHeader>>(parameter_headers(schema));
    // Names that are no tools must not fill the memory.
    const std::unique_lock lock(mutex_);
    if (!schema.empty() && known_.size() < kMaxTools) {
        known_[tool] = made;
    }
    return made;
}

}  // namespace credence::surface
