#include "engine/net/response_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace credence::net {

namespace {

struct Reason {
    int status;
    std::string_view phrase;
};

constexpr auto kReasons = std::to_array<Reason>({
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
});

void append_number(std::string& out, std::size_t number, int base = 10) {
    std::array<char, 20> digits{};
    const auto [end, error] =
        std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
    static_cast<void>(error);
    out.append(digits.data(), end);
}

}  // namespace

bool has_body(int status) {
    return status >= 200 && status != 204 && status != 304;
}

void append_chunk(std::string& out, std::string_view piece) {
    append_number(out, piece.size(), 16);
    out += "\r\n";
    out += piece;
    out += "\r\n";
}

std::string_view reason_phrase(int status) {
    const auto* found = std::ranges::find(kReasons, status, &Reason::status);
    return found == kReasons.end() ? "Unknown" : found->phrase;
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
    if (has_body(response.status)) {
        if (!response.content_type.empty()) {
            out += "\r\nContent-Type: ";
            out += response.content_type;
        }
        if (style.framing == Framing::length) {
            out += "\r\nContent-Length: ";
            append_number(out, response.body.size());
        } else if (style.framing == Framing::chunked) {
            out += "\r\nTransfer-Encoding: chunked";
        }
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
    if (!style.head_only && has_body(response.status)) {
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
