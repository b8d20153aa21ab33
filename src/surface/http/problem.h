// Errors as application/problem+json (RFC 9457). Pure and thread-safe.
//
//   {"type":"about:blank","title":"Bad Request","status":400,"detail":"must be an integer",
//    "code":"invalid","field":"limit","request_id":"0193…"}
//
// `code` is always one of the twelve Codes; `status` may be finer (405, 406, 415, 421, 426).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/net/server.h"

namespace credence::surface {

// When trying again makes sense after too many at once of anything.
inline constexpr std::int64_t kBusyRetryMs = 1'000;

// The one table from Code to HTTP status.
int http_status(Code code);

// "Not Found"; "Error" for a status we never send.
std::string_view reason_phrase(int status);

struct Problem {
    int status = 500;
    Code code = Code::internal;
    std::string_view detail;
    std::string_view field;
    std::int64_t retry_after_ms = 0;  // 0: not said, except that 429 says at least one second
    std::string_view request_id;      // empty: unknown
    std::string extra_headers = {};   // well-formed lines, added as they are
    bool credential_refused = false;  // of a 401: one came and `detail` says why it was not taken
};

// Adds WWW-Authenticate to 401 and Retry-After (whole seconds, rounded up) to 429 and 503, and the
// headers of every reply.
net::HttpResponse problem_response(const Problem& problem);
net::HttpResponse problem_response(const Error& error, std::string_view request_id);

// "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
std::string_view common_headers();

// Retry-After for a wait: whole seconds, rounded up, at least 1.
std::int64_t retry_after_s(std::int64_t retry_after_ms);

}  // namespace credence::surface
