#include "engine/net/response_text.h"

#include <array>
#include <charconv>

namespace credence::net {

namespace {

void append_number(std::string& out, std::size_t number) {
    std::array<char, 20> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    static_cast<void>(error);
    out.append(digits.data(), end);
}

// These have neither a body nor a length (RFC 9110, 8.6).
bool has_length(int status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 206:
            return "Partial Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
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
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 417:
            return "Expectation Failed";
        case 421:
            return "Misdirected Request";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Unknown";
    }
}

void append_head(std::string& out, const HttpResponse& response, const ResponseStyle& style) {
    if (response.status == 200) {
        out += "HTTP/1.1 200 OK\r\nDate: ";
    } else {
        out += "HTTP/1.1 ";
        append_number(out, static_cast<std::size_t>(response.status));
        out += ' ';
        out += reason_phrase(response.status);
        out += "\r\nDate: ";
    }
    out += style.date;
    if (has_length(response.status)) {
        if (!response.content_type.empty()) {
            out += "\r\nContent-Type: ";
            out += response.content_type;
        }
        out += "\r\nContent-Length: ";
        append_number(out, response.body.size());
    }
    out += "\r\n";
    if (!style.keep_alive) {
        out += "Connection: close\r\n";
    } else if (!style.http11) {
        out += "Connection: keep-alive\r\n";
    }
    out += response.extra_headers;
    out += "\r\n";
}

void append_response(std::string& out, const HttpResponse& response, const ResponseStyle& style) {
    append_head(out, response, style);
    if (!style.head_only && has_length(response.status)) {
        out += response.body;
    }
}

HttpResponse problem(const Refusal& refusal) {
    HttpResponse response;
    response.status = refusal.status;
    response.content_type = "application/problem+json";
    response.close = true;
    // Titles, codes and details are our own static text: nothing in them needs escaping.
    response.body = R"({"type":"about:blank","title":")";
    response.body += reason_phrase(refusal.status);
    response.body += R"(","status":)";
    append_number(response.body, static_cast<std::size_t>(refusal.status));
    response.body += R"(,"code":")";
    response.body += refusal.code;
    response.body += R"(","detail":")";
    response.body += refusal.detail;
    response.body += "\"}";
    return response;
}

}  // namespace credence::net
