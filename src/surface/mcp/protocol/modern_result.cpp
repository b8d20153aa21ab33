#include "surface/mcp/protocol/modern_result.h"

#include <cstddef>

#include "base/json.h"
#include "base/version.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kServerInfo = R"("io.modelcontextprotocol/serverInfo":)";
constexpr std::string_view kWhite = " \t\r\n";

// After the string that begins at `at`.
std::size_t after_string(std::string_view json, std::size_t at) {
    for (++at; at < json.size(); ++at) {
        if (json[at] == '\\') {
            ++at;
        } else if (json[at] == '"') {
            return at + 1;
        }
    }
    return json.size();
}

std::size_t after_white(std::string_view json, std::size_t at) {
    const std::size_t found = json.find_first_not_of(kWhite, at);
    return found == std::string_view::npos ? json.size() : found;
}

// After the value that begins at `at`: before its comma or the end of the object around it.
std::size_t after_value(std::string_view json, std::size_t at) {
    std::size_t depth = 0;
    while (at < json.size()) {
        switch (json[at]) {
            case '"':
                at = after_string(json, at);
                continue;
            case '{':
            case '[':
                ++depth;
                break;
            case '}':
            case ']':
                if (depth == 0) {
                    return at;
                }
                --depth;
                break;
            case ',':
                if (depth == 0) {
                    return at;
                }
                break;
            default:
                break;
        }
        ++at;
    }
    return at;
}

struct Span {
    std::size_t begin = 0;  // of the member's name
    std::size_t value = 0;
    std::size_t end = 0;  // after the value
};

// A member of the object itself, not of what is in it. The text is valid JSON of our own making.
Span find_member(std::string_view json, std::string_view quoted_name) {
    if (json.find(quoted_name) == std::string_view::npos) {
        return {};
    }
    std::size_t at = after_white(json, json.find('{') + 1);
    while (at < json.size() && json[at] == '"') {
        const std::size_t name_end = after_string(json, at);
        const std::size_t value = after_white(json, after_white(json, name_end) + 1);
        const std::size_t end = after_value(json, value);
        if (json.substr(at, name_end - at) == quoted_name) {
            return {at, value, end};
        }
        at = end < json.size() && json[end] == ',' ? after_white(json, end + 1) : json.size();
    }
    return {};
}

bool is_empty_object(std::string_view json, std::size_t after_brace) {
    const std::size_t at = after_white(json, after_brace);
    return at >= json.size() || json[at] == '}';
}

void append_server_info(std::string& out) {
    out += kServerInfo;
    out += server_info_json();
}

// The _meta member with our name in it, and a comma where something follows.
void append_meta(std::string_view meta_json, std::string& out) {
    out += R"("_meta":{)";
    const bool named =
        find_member(meta_json, kServerInfo.substr(0, kServerInfo.size() - 1)).end > 0;
    const bool empty = is_empty_object(meta_json, 1);
    if (!named) {
        append_server_info(out);
        out += empty ? "" : ",";
    }
    out += meta_json.substr(1);
}

}  // namespace

std::string_view server_info_json() {
    static const std::string kText = [] {
        std::string out = R"({"name":"credence","title":"Credence","version":)";
        append_json_string(kVersion, out);
        out += '}';
        return out;
    }();
    return kText;
}

std::string modern_result(std::string_view result_json, std::string_view cache_hints) {
    const Span meta = find_member(result_json, R"("_meta")");
    const bool typed = find_member(result_json, R"("resultType")").end > 0;
    const bool hinted = typed || find_member(result_json, R"("ttlMs")").end > 0;
    const std::size_t rest = result_json.find('{') + 1;
    std::string out;
    out.reserve(result_json.size() + 200);
    out += '{';
    if (!typed) {
        out += R"("resultType":"complete",)";
    }
    if (meta.end == 0) {
        out += R"("_meta":{)";
        append_server_info(out);
        out += "},";
    }
    if (!hinted && !cache_hints.empty()) {
        out += cache_hints;
        out += ',';
    }
    if (meta.end == 0) {
        if (is_empty_object(result_json, rest)) {
            out.pop_back();
        }
        out += result_json.substr(rest);
        return out;
    }
    out += result_json.substr(rest, meta.begin - rest);
    append_meta(result_json.substr(meta.value, meta.end - meta.value), out);
    out += result_json.substr(meta.end);
    return out;
}

}  // namespace credence::surface::mcp
