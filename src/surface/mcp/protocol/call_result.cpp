#include "surface/mcp/protocol/call_result.h"

#include "base/json.h"

namespace credence::surface::mcp {

std::string call_result(std::string_view json) {
    std::string out;
    out.reserve(json.size() * 2 + json.size() / 4 + 80);
    out += R"({"content":[{"type":"text","text":)";
    append_json_string(json, out);
    out += R"(}],"structuredContent":)";
    out += json;
    out += R"(,"isError":false})";
    return out;
}

std::string call_problem(const Error& error) {
    std::string json;
    append_error_json(error, json);
    std::string out = R"({"content":[{"type":"text","text":)";
    append_json_string(json, out);
    out += R"(}],"isError":true})";
    return out;
}

}  // namespace credence::surface::mcp
