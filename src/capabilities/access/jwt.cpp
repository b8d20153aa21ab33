#include "capabilities/access/jwt.h"

#include <simdjson.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <set>

#include "base/text.h"
#include "base/units.h"

namespace credence::access {
namespace {

using JsonElement = simdjson::dom::element;
using JsonObject = simdjson::dom::object;

constexpr std::size_t kMaxTokenNesting = 16;
constexpr double kMaxNumericDate = 1e11;  // seconds; beyond the year 5000
constexpr std::size_t kMaxActorSubject = 128;
constexpr std::size_t kCutSubject = 64;
constexpr std::size_t kSubjectDigits = 16;

std::unexpected<Error> malformed() {
    return refused_token("is malformed");
}

// libsodium's decoder is strict: no padding, no stray bits, no other characters.
std::optional<std::string> decode_part(std::string_view part) {
    std::string out(part.size(), '\0');
    std::size_t bytes = 0;
    const int failed = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                         part.data(), part.size(), nullptr, &bytes, nullptr,
                                         sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    if (failed != 0) {
        return std::nullopt;
    }
    out.resize(bytes);
    return out;
}

// A JSON object without members of the same name: readers differ in which of them counts.
class TokenObject {
public:
    static Result<TokenObject> parse(std::string_view json) {
        TokenObject out;
        auto& parser = *out.parser_;
        if (parser.allocate(json.size() + simdjson::SIMDJSON_PADDING, kMaxTokenNesting) !=
                simdjson::SUCCESS ||
            parser.parse(json.data(), json.size()).get(out.object_) != simdjson::SUCCESS ||
            out.object_.size() > kMaxTokenMembers) {
            return malformed();
        }
        std::set<std::string_view> names;
        for (const auto member : out.object_) {
            if (!names.insert(member.key).second) {
                return malformed();
            }
        }
        return out;
    }

    std::optional<JsonElement> find(std::string_view name) const {
        JsonElement value;
        if (object_.at_key(name).get(value) != simdjson::SUCCESS) {
            return std::nullopt;
        }
        return value;
    }

    // Empty when absent or not a string.
    std::string_view text(std::string_view name) const {
        std::string_view value;
        const auto found = find(name);
        return found && found->get_string().get(value) == simdjson::SUCCESS ? value
                                                                            : std::string_view();
    }

private:
    std::unique_ptr<simdjson::dom::parser> parser_ = std::make_unique<simdjson::dom::parser>();
    JsonObject object_;
};

bool is_token_type(std::string_view type) {
    static constexpr std::array<std::string_view, 3> kTypes = {"at+jwt", "application/at+jwt",
                                                               "JWT"};
    return std::ranges::any_of(
        kTypes, [type](std::string_view known) { return equals_ignoring_case(type, known); });
}

// Texts of a string, or of an array of strings; nothing when it is neither, or has too many.
std::optional<std::vector<std::string_view>> texts_of(const JsonElement& value, std::size_t most) {
    std::vector<std::string_view> out;
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) {
        out.push_back(text);
        return out;
    }
    simdjson::dom::array items;
    if (value.get_array().get(items) != simdjson::SUCCESS || items.size() > most) {
        return std::nullopt;
    }
    for (const JsonElement item : items) {
        if (item.get_string().get(text) != simdjson::SUCCESS) {
            return std::nullopt;
        }
        out.push_back(text);
    }
    return out;
}

// Microseconds of a NumericDate (RFC 7519 section 2: seconds, perhaps with a fraction).
std::optional<std::int64_t> time_of(const JsonElement& value) {
    double seconds = 0;
    if (value.get_double().get(seconds) != simdjson::SUCCESS || !std::isfinite(seconds) ||
        seconds < 0 || seconds > kMaxNumericDate) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(seconds * static_cast<double>(kUsPerSecond));
}

// nbf and iat: absent, or not later than now.
Result<void> check_begun(const TokenObject& claims, std::string_view name, std::int64_t latest_us) {
    const auto value = claims.find(name);
    if (!value) {
        return {};
    }
    const auto at_us = time_of(*value);
    if (!at_us) {
        return malformed();
    }
    if (*at_us > latest_us) {
        return refused_token("is not valid yet");
    }
    return {};
}

Result<std::int64_t> check_expiry(const TokenObject& claims, const ClaimRules& rules,
                                  std::int64_t now_us) {
    const auto value = claims.find("exp");
    const auto expires_us = value ? time_of(*value) : std::nullopt;
    if (!expires_us) {
        return refused_token("says no time of expiry");
    }
    const std::int64_t until_us = *expires_us + rules.clock_skew_us;
    if (now_us >= until_us) {
        return refused_token("has expired");
    }
    return until_us;
}

Result<void> check_audience(const TokenObject& claims, const ClaimRules& rules) {
    const auto value = claims.find("aud");
    const auto audiences = value ? texts_of(*value, kMaxAudiences) : std::nullopt;
    if (!audiences || std::ranges::find(*audiences, rules.audience) == audiences->end()) {
        return refused_token("is for another audience");
    }
    return {};
}

// A space-separated string (RFC 8693 section 4.2), or an array as some issuers write it.
Result<std::vector<std::string>> read_scopes(const TokenObject& claims, const std::string& name) {
    std::vector<std::string> out;
    const auto value = claims.find(name);
    if (!value) {
        return out;
    }
    const auto texts = texts_of(*value, kMaxTokenScopes);
    if (!texts) {
        return malformed();
    }
    for (const std::string_view text : *texts) {
        for (const std::string_view scope : split(text, ' ')) {
            if (scope.empty()) {
                continue;
            }
            if (out.size() == kMaxTokenScopes) {
                return refused_token("has too many scopes");
            }
            out.emplace_back(scope);
        }
    }
    return out;
}

bool is_plain_subject_byte(char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') ||
           std::string_view("._@|:+/-").find(c) != std::string_view::npos;
}

}  // namespace

bool is_jwt_shaped(std::string_view bearer) {
    return std::ranges::count(bearer, '.') == 2;
}

std::unexpected<Error> refused_token(std::string_view why) {
    return fail(Code::unauthenticated, "the access token " + std::string(why));
}

Result<JwtHeader> read_jwt_header(std::string_view token) {
    const auto parts = split(token, '.');
    if (parts.size() != 3 || !decode_part(parts[1]) || !decode_part(parts[2])) {
        return malformed();
    }
    const auto json = decode_part(parts[0]);
    if (!json) {
        return malformed();
    }
    const TokenObject members = TRY(TokenObject::parse(*json));
    if (members.find("crit")) {
        return refused_token("asks for an extension that is not supported");
    }
    if (!is_token_type(members.text("typ"))) {
        return refused_token("is not of the type at+jwt or JWT");
    }
    JwtHeader header;
    header.algorithm = members.text("alg");
    header.key_id = members.text("kid");
    const bool odd_key_id = members.find("kid") && header.key_id.empty();
    if (header.algorithm.empty() || odd_key_id || header.key_id.size() > kMaxKeyIdBytes) {
        return malformed();
    }
    return header;
}

Result<Claims> check_claims(std::string_view payload, const ClaimRules& rules,
                            std::int64_t now_us) {
    const TokenObject members = TRY(TokenObject::parse(payload));
    if (members.text("iss") != rules.issuer) {
        return refused_token("comes from another issuer");
    }
    TRY(check_audience(members, rules));
    Claims claims;
    claims.until_us = TRY(check_expiry(members, rules, now_us));
    TRY(check_begun(members, "nbf", now_us + rules.clock_skew_us));
    TRY(check_begun(members, "iat", now_us + rules.clock_skew_us));
    claims.subject = members.text("sub");
    if (claims.subject.empty() || claims.subject.size() > kMaxSubjectBytes) {
        return refused_token("names no subject of at most 255 bytes");
    }
    if (!rules.tenant_claim.empty()) {
        claims.tenant = members.text(rules.tenant_claim);
        if (claims.tenant.empty()) {
            return refused_token("names no tenant");
        }
    }
    claims.scopes = TRY(read_scopes(members, rules.scope_claim));
    return claims;
}

std::string actor_of_subject(std::string_view subject) {
    std::string out(kTokenActor);
    if (subject.size() <= kMaxActorSubject && std::ranges::all_of(subject, is_plain_subject_byte)) {
        return out.append(subject);
    }
    for (const char c : subject.substr(0, kCutSubject)) {
        out += is_plain_subject_byte(c) ? c : '_';
    }
    // No plain subject has a '~': two subjects never share an actor.
    return out.append("~").append(sha256_hex(subject), 0, kSubjectDigits);
}

}  // namespace credence::access
