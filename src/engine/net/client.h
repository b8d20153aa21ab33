// Outgoing HTTP (libcurl). Blocking; call it from pool threads or the command line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace credence::net {

struct ClientRequest {
    std::string method = "GET";
    std::string url = {};
    std::vector<std::string> headers = {};  // "Name: value"
    std::string body = {};
    std::int64_t timeout_ms = 30'000;
    std::size_t max_response_bytes = std::size_t{64} << 20;
};

struct ClientResponse {
    int status = 0;
    std::string body;
    std::vector<std::string> headers;
};

// Code::unavailable when no answer came, timeout, too_large. Redirects are not followed.
Result<ClientResponse> perform(const ClientRequest& request);

}  // namespace credence::net
