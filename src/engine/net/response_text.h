// Responses as the bytes that go on the wire. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "engine/net/request_reader.h"
#include "engine/net/server.h"

namespace credence::net {

struct ResponseStyle {
    std::string_view date;
    bool http11 = true;
    bool keep_alive = true;
    bool head_only = false;  // HEAD: the length of the body, but not the body
};

// Appends status line and fields, up to and with the empty line.
void append_head(std::string& out, const HttpResponse& response, const ResponseStyle& style);
// The same and the body.
void append_response(std::string& out, const HttpResponse& response, const ResponseStyle& style);

// A problem+json answer that closes the connection.
HttpResponse problem(const Refusal& refusal);

// "Not Found"; "Unknown" for codes without a name.
std::string_view reason_phrase(int status);

}  // namespace credence::net
