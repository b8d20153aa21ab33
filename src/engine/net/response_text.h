// Responses as the bytes that go on the wire. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/net/request_reader.h"
#include "engine/net/server.h"

namespace credence::net {

// How the peer finds the body's end.
enum class Framing : std::uint8_t { length, chunked, until_close };

struct ResponseStyle {
    std::string_view date;
    bool http11 = true;
    bool keep_alive = true;
    bool head_only = false;  // HEAD: the length of the body, but not the body
    Framing framing = Framing::length;
};

// Appends status line and fields, up to and with the empty line.
void append_head(std::string& out, const HttpResponse& response, const ResponseStyle& style);
// The same and the body.
void append_response(std::string& out, const HttpResponse& response, const ResponseStyle& style);

// One chunk of a chunked body, from a piece that is not empty, and the body's end (RFC 9112, 7.1).
void append_chunk(std::string& out, std::string_view piece);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

// False for answers that have neither a body nor a length (RFC 9110, 8.6).
bool has_body(int status);

// A problem+json answer that closes the connection.
HttpResponse problem(const Refusal& refusal);

// "Not Found"; "Unknown" for codes without a name.
std::string_view reason_phrase(int status);

}  // namespace credence::net
