#include "capabilities/access/oauth_settings.h"

#include <algorithm>
#include <array>

namespace credence::access {
namespace {

constexpr std::size_t kMaxUrlBytes = 2048;
constexpr std::size_t kMaxClaimName = 200;
constexpr std::size_t kMaxAlgorithms = 9;
constexpr double kMaxDayMs = 24.0 * 3600 * 1000;
// RFC 7518 section 3.1, those with a public key that libcjose knows.
constexpr std::array<std::string_view, 9> kAlgorithms = {
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"};

constexpr std::size_t kSecureBytes = std::string_view("https://").size();
constexpr std::size_t kPlainBytes = std::string_view("http://").size();

// What follows the scheme; empty for other schemes.
std::string_view after_scheme(std::string_view url) {
    if (url.starts_with("https://")) {
        return url.substr(kSecureBytes);
    }
    return url.starts_with("http://") ? url.substr(kPlainBytes) : std::string_view();
}

std::string_view authority_of(std::string_view url) {
    const std::string_view rest = after_scheme(url);
    return rest.substr(0, rest.find_first_of("/?#"));
}

std::string_view host_of(std::string_view authority) {
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        return end == std::string_view::npos ? std::string_view() : authority.substr(0, end + 1);
    }
    return authority.substr(0, authority.find(':'));
}

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

Result<void> check_address(std::string_view url, bool query_allowed, const char* field) {
    if (is_trustworthy_url(url, query_allowed)) {
        return {};
    }
    return fail(Code::invalid,
                "must be an https:// address (http:// only for this machine) without user, "
                "fragment or spaces",
                field);
}

}  // namespace

std::vector<std::string> default_algorithms() {
    return {"RS256", "ES256"};
}

bool is_trustworthy_url(std::string_view url, bool query_allowed) {
    const std::string_view authority = authority_of(url);
    const std::string_view host = host_of(authority);
    const auto is_odd = [query_allowed](char c) {
        const bool graphic = c > ' ' && c < '\x7f';
        return !graphic || c == '#' || c == '"' || c == '\\' || (c == '?' && !query_allowed);
    };
    if (url.size() > kMaxUrlBytes || host.empty() || std::ranges::any_of(url, is_odd) ||
        authority.find('@') != std::string_view::npos) {
        return false;
    }
    return url.starts_with("https://") || is_this_machine(host);
}

std::string well_known_url(std::string_view url, std::string_view name) {
    const std::string_view authority = authority_of(url);
    const std::string_view origin =
        url.substr(0, static_cast<std::size_t>(authority.data() - url.data()) + authority.size());
    std::string_view path = url.substr(origin.size());
    if (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    std::string out(origin);
    return out.append("/.well-known/").append(name).append(path);
}

void describe(Describe<OauthSettings>& d) {
    d.field<&OauthSettings::issuer>(
         "Authorization server whose access tokens are accepted beside API keys; empty: none")
        .length(0, kMaxUrlBytes)
        .or_default();
    d.field<&OauthSettings::audience>(
         "This server's identifier, which tokens must name: its public address, as "
         "https://credence.example/mcp")
        .length(0, kMaxUrlBytes)
        .or_default();
    d.field<&OauthSettings::jwks_uri>(
         "Where the issuer's signing keys are; empty: as its metadata says")
        .length(0, kMaxUrlBytes)
        .or_default();
    d.field<&OauthSettings::jwks_file>("A file with the issuer's signing keys, instead of jwks_uri")
        .length(0, kMaxUrlBytes)
        .or_default();
    d.field<&OauthSettings::algorithms>("Accepted signatures: RS, PS or ES with 256, 384 or 512")
        .length(1, kMaxAlgorithms)
        .or_default();
    d.field<&OauthSettings::tenant_claim>(
         "Claim that names the caller's tenant; empty: all callers are of the tenant default")
        .length(0, kMaxClaimName)
        .or_default();
    d.field<&OauthSettings::scope_claim>("Claim with the caller's scopes")
        .length(1, kMaxClaimName)
        .or_default();
    d.field<&OauthSettings::clock_skew_s>("How far the issuer's clock may differ")
        .between(0, 600)
        .or_default();
    d.field<&OauthSettings::refresh_ms>("How often the signing keys are fetched again")
        .between(100, kMaxDayMs)
        .or_default();
    d.field<&OauthSettings::min_refresh_ms>(
         "The least time between two fetches, however many tokens name unknown keys")
        .between(100, kMaxDayMs)
        .or_default();
    d.field<&OauthSettings::max_age_ms>(
         "Signing keys that could not be fetched again for this long are not trusted any more")
        .between(1000, 30 * kMaxDayMs)
        .or_default();
    d.field<&OauthSettings::timeout_ms>("How long one request to the issuer may take")
        .between(100, 60'000)
        .or_default();
    d.field<&OauthSettings::max_token_bytes>("Longer access tokens are refused")
        .between(256, 64 * 1024)
        .or_default();
    d.field<&OauthSettings::max_cached_tokens>(
         "Verified tokens that are remembered until they expire")
        .between(64, 1'000'000)
        .or_default();
}

Result<void> check_oauth(const OauthSettings& settings) {
    if (!settings.enabled()) {
        if (!settings.audience.empty()) {
            return fail(Code::invalid, "is missing while oauth.audience is set", "oauth.issuer");
        }
        return {};
    }
    TRY(check_address(settings.issuer, false, "oauth.issuer"));
    if (settings.audience.empty()) {
        return fail(Code::invalid, "is required with oauth.issuer", "oauth.audience");
    }
    TRY(check_address(settings.audience, false, "oauth.audience"));
    if (!settings.jwks_uri.empty()) {
        TRY(check_address(settings.jwks_uri, true, "oauth.jwks_uri"));
        if (!settings.jwks_file.empty()) {
            return fail(Code::invalid, "give either this or oauth.jwks_uri", "oauth.jwks_file");
        }
    }
    for (const std::string& algorithm : settings.algorithms) {
        if (std::ranges::find(kAlgorithms, algorithm) == kAlgorithms.end()) {
            return fail(Code::invalid, "must be RS, PS or ES with 256, 384 or 512, as RS256",
                        "oauth.algorithms");
        }
    }
    return {};
}

ProtectedResource protected_resource(const OauthSettings& settings) {
    if (!settings.enabled()) {
        return {};
    }
    return {settings.audience, settings.issuer,
            well_known_url(settings.audience, "oauth-protected-resource")};
}

}  // namespace credence::access
