// Section [oauth]: this server as an OAuth 2.1 protected resource. Off unless an issuer is named.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "api/protected_resource.h"
#include "base/result.h"
#include "base/shape.h"

namespace credence::access {

std::vector<std::string> default_algorithms();  // RS256, ES256

struct OauthSettings {
    std::string issuer;
    std::string audience;
    std::string jwks_uri;
    std::string jwks_file;
    std::vector<std::string> algorithms = default_algorithms();
    std::string tenant_claim;
    std::string scope_claim = "scope";
    std::int64_t clock_skew_s = 60;
    std::int64_t refresh_ms = 15LL * 60 * 1000;
    std::int64_t min_refresh_ms = 30'000;
    std::int64_t max_age_ms = 24LL * 3600 * 1000;
    std::int64_t timeout_ms = 5'000;
    std::int64_t max_token_bytes = 8 * 1024;
    std::int64_t max_cached_tokens = 10'000;

    bool enabled() const { return !issuer.empty(); }
};
void describe(Describe<OauthSettings>&);

// Code::invalid, naming the setting: an issuer without an audience or the other way round, an
// address that is no https URL (http is for this machine), an algorithm that proves nothing
// ("none") or that a public key could forge ("HS256"), two sources of keys.
Result<void> check_oauth(const OauthSettings& settings);

// The part surfaces need; nothing enabled when OAuth is off.
ProtectedResource protected_resource(const OauthSettings& settings);

// "https://a.example/x" and "http://127.0.0.1:9000/x": absolute, no user, no fragment. Queries only
// where allowed.
bool is_trustworthy_url(std::string_view url, bool query_allowed);

// RFC 8414 section 3.1, RFC 9728 section 3.1: `/.well-known/NAME` between host and path.
std::string well_known_url(std::string_view url, std::string_view name);

}  // namespace credence::access
