// The parts of a signed access token (JWT, RFC 7519) and the rules its claims must meet (RFC 9068,
// RFC 8725). Nothing here looks at the signature: see jwk_set.h. Pure and thread-safe.
//
// Every refusal is Code::unauthenticated with one sentence about the token itself, which its sender
// may read anyway; none repeats a byte of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::access {

inline constexpr std::size_t kMaxTokenMembers = 64;  // of the header, and of the claims
inline constexpr std::size_t kMaxAudiences = 32;
inline constexpr std::size_t kMaxKeyIdBytes = 256;
inline constexpr std::size_t kMaxSubjectBytes = 255;
inline constexpr std::size_t kMaxTokenScopes = 256;

// Three parts between two dots. An API key has no dot.
bool is_jwt_shaped(std::string_view bearer);

// "the access token …"
std::unexpected<Error> refused_token(std::string_view why);

struct JwtHeader {
    std::string algorithm;
    std::string key_id;  // empty: not said
};

// Reads the first part. Refused: what is not strict base64url of a JSON object, members that occur
// twice, a missing `alg`, `typ` other than at+jwt and JWT, and any `crit`, since no extension is
// understood. Keys inside the header (jwk, jku, x5c, x5u) are never looked at.
Result<JwtHeader> read_jwt_header(std::string_view token);

struct ClaimRules {
    std::string issuer;
    std::string audience;
    std::string tenant_claim;  // empty: none is read
    std::string scope_claim;
    std::int64_t clock_skew_us = 0;
};

struct Claims {
    std::string subject;
    std::string tenant;               // empty without a tenant claim
    std::vector<std::string> scopes;  // as they stand in the token
    std::int64_t until_us = 0;        // expiry and skew: the token is dead from then on
};

// `payload` is the JSON of the second part, its signature verified. Required: iss (equal), aud
// (contains ours), exp, sub, and the tenant claim where one is configured; nbf and iat must not lie
// in the future.
Result<Claims> check_claims(std::string_view payload, const ClaimRules& rules, std::int64_t now_us);

inline constexpr std::string_view kTokenActor = "oauth:";
// "oauth:SUBJECT" for the audit trail. A subject of unusual characters or length is cleaned, cut,
// and told apart by a digest of the whole.
std::string actor_of_subject(std::string_view subject);

}  // namespace credence::access
