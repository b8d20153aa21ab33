#include "surface/http/problem.h"

#include <algorithm>

#include "base/json.h"
#include "base/units.h"
#include "surface/http/challenge.h"

namespace credence::surface {
namespace {

void append_member(std::string_view key, std::string_view value, std::string& out) {
    out.append(",\"").append(key).append("\":");
    append_json_string(value, out);
}

}  // namespace

int http_status(Code code) {
    switch (code) {
        case Code::invalid:
            return 400;
        case Code::unauthenticated:
            return 401;
        case Code::forbidden:
            return 403;
        case Code::not_found:
            return 404;
        case Code::conflict:
            return 409;
        case Code::too_large:
            return 413;
        case Code::exhausted:
            return 429;
        case Code::timeout:
            return 504;
        case Code::cancelled:
            return 499;  // not registered, but widely understood: the caller went away
        case Code::unavailable:
            return 503;
        case Code::unsupported:
            return 501;
        case Code::internal:
            return 500;
    }
    return 500;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 409:
            return "Conflict";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 421:
            return "Misdirected Request";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 499:
            return "Client Closed Request";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        default:
            return "Error";
    }
}

std::string_view common_headers() {
    return "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
}

std::int64_t retry_after_s(std::int64_t retry_after_ms) {
    return std::max<std::int64_t>(1, (retry_after_ms + kMsPerSecond - 1) / kMsPerSecond);
}

net::HttpResponse problem_response(const Problem& problem) {
    net::HttpResponse response;
    response.status = problem.status;
    response.content_type = "application/problem+json";
    response.body = "{\"type\":\"about:blank\"";
    append_member("title", reason_phrase(problem.status), response.body);
    response.body += ",\"status\":" + std::to_string(problem.status);
    append_member("detail", problem.detail, response.body);
    append_member("code", to_string(problem.code), response.body);
    if (!problem.field.empty()) {
        append_member("field", problem.field, response.body);
    }
    response.extra_headers = common_headers();
    if (!problem.request_id.empty()) {
        append_member("request_id", problem.request_id, response.body);
        response.extra_headers.append("Credence-Request-Id: ").append(problem.request_id);
        response.extra_headers += "\r\n";
    }
    response.body += '}';
    if (problem.status == 401) {
        response.extra_headers +=
            bearer_challenge(problem.credential_refused ? problem.detail : std::string_view());
    }
    const bool try_later = problem.status == 503 && problem.retry_after_ms > 0;
    if (problem.status == 429 || try_later) {
        response.extra_headers +=
            "Retry-After: " + std::to_string(retry_after_s(problem.retry_after_ms)) + "\r\n";
    }
    response.extra_headers += problem.extra_headers;
    return response;
}

net::HttpResponse problem_response(const Error& error, std::string_view request_id) {
    Problem problem;
    problem.status = http_status(error.code);
    problem.code = error.code;
    problem.detail = error.message;
    problem.field = error.field;
    problem.retry_after_ms = error.retry_after_ms;
    problem.request_id = request_id;
    problem.extra_headers = scope_challenge(error);
    return problem_response(problem);
}

}  // namespace credence::surface
