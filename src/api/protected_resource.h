// This server as an OAuth 2.1 protected resource (RFC 9728): what its metadata document says and
// where every challenge points to.
#pragma once

#include <string>

namespace credence {

// Provided by the access capability (Host::provide), filled before any surface is built and
// constant from then on.
struct ProtectedResource {
    std::string identifier;    // RFC 8707, "https://credence.example/mcp"; empty: OAuth is off
    std::string issuer;        // of the authorization server
    std::string metadata_url;  // RFC 9728 section 3.1: where clients read all this

    bool enabled() const { return !identifier.empty(); }
};

}  // namespace credence
