// E-mail addresses, links, host names, IP and MAC addresses. Each function looks around one place
// of the text.
#pragma once

#include <optional>
#include <string_view>

#include "capabilities/guard/detected.h"
#include "capabilities/guard/pii/cues.h"

namespace credence::guard {

// An address around the '@' at `at`: RFC 5321 with internationalised and quoted local parts;
// nothing before `from` is read. At most 64 bytes before and 253 behind the sign.
std::optional<Detected> find_email(std::string_view text, std::size_t at, std::size_t from);
// A link whose "://" stands at `at`: url, url_credentials when it holds a user and a password,
// chat_webhook when the path is a secret. At most 2,048 bytes.
std::optional<Detected> find_url(std::string_view text, std::size_t at);
// A host name around the dot at `at`, with a usual top-level domain: "www.example.org".
std::optional<Detected> find_domain(std::string_view text, std::size_t at, std::size_t from);
// A dotted quad that begins at `at`, unless it is a version.
std::optional<Detected> find_ipv4(std::string_view text, std::size_t at, CueScanner& cues);
// IPv6 (RFC 4291 text, with a dotted tail or a zone) or MAC with colons around the ':' at `at`.
// `end` is where the search goes on.
std::optional<Detected> find_colon_address(std::string_view text, std::size_t at, std::size_t from,
                                           std::size_t& end);
// MAC with hyphens ("00-1A-2B-3C-4D-5E") or dots ("001a.2b3c.4d5e") that holds the group at `at`.
std::optional<Detected> find_mac(std::string_view text, std::size_t at);

}  // namespace credence::guard
