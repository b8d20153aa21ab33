// What request header fields say, as far as we care. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace credence::surface {

// "localhost", "127.0.0.1" or "[::1]", with any port or none. Anything else would let a foreign
// name that resolves to this machine act as this site (DNS rebinding).
bool is_loopback_host(std::string_view host);

// "http://localhost:3000", "https://[::1]", …
bool is_loopback_origin(std::string_view origin);

// "https://a.example:8443" is the origin of the Host "a.example:8443".
bool is_same_origin(std::string_view origin, std::string_view host);

// The credential of "Bearer …" (the scheme in any case); empty for other schemes and for none.
std::string_view bearer_token(std::string_view authorization);

// application/json, with any parameters.
bool is_json(std::string_view content_type);

// Whether an Accept field admits application/json; an absent one does.
bool accepts_json(std::string_view accept);

// "respond-async, wait=10" -> 10,000; at most kMaxPreferWaitMs; 0 when not asked for or not a
// number: a preference is never an error (RFC 7240).
inline constexpr std::int64_t kMaxPreferWaitMs = 60'000;
std::int64_t preferred_wait_ms(std::string_view prefer);

}  // namespace credence::surface
