#include "app/remote.h"

#include <nlohmann/json.hpp>

#include "engine/net/client.h"

namespace credence {
namespace {

using Json = nlohmann::ordered_json;

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += kHex[byte >> 4U];
            out += kHex[byte & 15U];
        }
    }
    return out;
}

std::string bare_text(const Json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_array()) {
        std::string out;
        for (const Json& item : value) {
            out += (out.empty() ? "" : ",") + bare_text(item);
        }
        return out;
    }
    return value.dump();
}

Code code_named(std::string_view name) {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Code::internal); ++i) {
        if (to_string(static_cast<Code>(i)) == name) {
            return static_cast<Code>(i);
        }
    }
    return Code::internal;
}

Error error_of(const net::ClientResponse& response) {
    const Json problem = Json::parse(response.body, nullptr, false);
    if (!problem.is_object()) {
        return Error{
            Code::unavailable, "the server answered " + std::to_string(response.status), {}, 0};
    }
    return Error{code_named(problem.value("code", "internal")),
                 problem.value("detail", problem.value("title", "error")),
                 problem.value("field", ""), 0};
}

std::string url_of(const std::string& server, const Operation& operation, Json& request) {
    std::string path = operation.path;
    for (const std::string& parameter : operation.path_parameters) {
        const std::string braces = "{" + parameter + "}";
        path.replace(path.find(braces), braces.size(),
                     percent_encode(bare_text(request[parameter])));
        request.erase(parameter);
    }
    std::string url = server.ends_with('/') ? server.substr(0, server.size() - 1) : server;
    url += path;
    if (operation.reads_query()) {
        char separator = '?';
        for (const auto& [name, value] : request.items()) {
            url += separator + percent_encode(name) + "=" + percent_encode(bare_text(value));
            separator = '&';
        }
        request = Json::object();
    }
    return url;
}

}  // namespace

Result<std::string> call_remote(const CommandLine& line, const Operation& operation,
                                std::string_view request_json) {
    constexpr std::int64_t kMarginMs = 5'000;
    Json request = Json::parse(request_json, nullptr, false);
    if (!request.is_object()) {
        return fail(Code::invalid, "the request must be a JSON object");
    }
    net::ClientRequest http;
    http.method = to_string(operation.method);
    http.url = url_of(line.server_url, operation, request);
    http.timeout_ms = operation.timeout_ms + kMarginMs;
    if (http.method != "GET" && http.method != "DELETE") {
        http.body = request.dump();
        http.headers.emplace_back("Content-Type: application/json");
    }
    if (operation.lane == Lane::background) {
        http.headers.emplace_back("Prefer: wait=60");
    }
    if (!line.api_key.empty()) {
        http.headers.push_back("Authorization: Bearer " + line.api_key);
    }
    if (!line.name_space.empty()) {
        http.headers.push_back("Credence-Namespace: " + line.name_space);
    }
    net::ClientResponse response = TRY(net::perform(http));
    if (response.status >= 300) {
        return std::unexpected(error_of(response));
    }
    return std::move(response.body);
}

}  // namespace credence
