// The header fields that mirror the body of a modern MCP request, and their check against it
// (MCP 2026-07-28, basic/transports/streamable-http, "Request Metadata", "Server Validation").
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "surface/mcp/protocol/json_rpc.h"

namespace credence::surface {

// The value of a header field; empty when there is none.
using HeaderLookup = std::function<std::string_view(std::string_view name)>;

// A header value as it was before its encoding: "=?base64?SGVsbG8=?=" is "Hello". Nothing when it
// has characters no header value may have, or broken Base64 (RFC 4648, padded, no white space).
std::optional<std::string> decode_header_value(std::string_view value);

// A parameter of a tool that is repeated in a header.
struct ParameterHeader {
    std::string name;               // "Mcp-Param-Region"
    std::vector<std::string> path;  // of property names in the arguments
};
// Those of a tool's input schema: x-mcp-header members that a chain of `properties` leads to.
std::vector<ParameterHeader> parameter_headers(std::string_view input_schema_json);

// header_mismatch when a required field is missing, malformed, or not what the body says. `version`
// is the body's.
std::optional<mcp::RpcError> check_standard_headers(const HeaderLookup& header,
                                                    const mcp::RpcMessage& message,
                                                    std::string_view version);
std::optional<mcp::RpcError> check_parameter_headers(const HeaderLookup& header,
                                                     const mcp::RpcMessage& message,
                                                     const std::vector<ParameterHeader>& expected);

// parameter_headers() of the tools called so far. Thread-safe.
class ParameterHeaders {
public:
    static constexpr std::size_t kMaxTools = 4096;  // beyond: read anew at each call
    using Schema = std::function<std::string(std::string_view tool)>;  // empty: no such tool

    explicit ParameterHeaders(Schema schema) : schema_(std::move(schema)) {}

    std::shared_ptr<const std::vector<ParameterHeader>> of(const std::string& tool);

private:
    Schema schema_;
    std::shared_mutex mutex_;
    std::map<std::string, std::shared_ptr<const std::vector<ParameterHeader>>, std::less<>> known_;
};

}  // namespace credence::surface
