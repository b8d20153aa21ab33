#include "capabilities/access/jwt.h"

#include "base/units.h"
#include "capabilities/access/oauth_testing.h"

namespace credence::access {
namespace {

constexpr std::int64_t kNowUs = 1'735'689'600'000'000;  // 2025-01-01
constexpr const char* kPlainHeader = R"({"alg":"RS256","typ":"JWT"})";

std::string unsigned_token(std::string_view header) {
    return encode_part(header) + "." + encode_part("{}") + "." + encode_part("x");
}

std::string refusal_of_header(std::string_view token) {
    const auto header = read_jwt_header(token);
    EXPECT_FALSE(header.has_value());
    if (header) {
        return "";
    }
    EXPECT_EQ(header.error().code, Code::unauthenticated);
    return header.error().message;
}

ClaimRules rules() {
    return {"https://id.example", "https://credence.example/mcp", "", "scope", 60 * kUsPerSecond};
}

// Good claims; `change` takes the place of the member it names, else it is added.
std::string claims_with(std::string_view name = {}, std::string_view value = {}) {
    const std::vector<std::pair<std::string_view, std::string_view>> good = {
        {"iss", R"("https://id.example")"},
        {"aud", R"("https://credence.example/mcp")"},
        {"sub", R"("ada")"},
        {"exp", "1735689900"},
        {"nbf", "1735689500"},
        {"iat", "1735689500"},
        {"scope", R"("guard:read trust:*")"}};
    std::string out = "{";
    bool used = name.empty();
    for (const auto& [key, text] : good) {
        const bool mine = key == name;
        used = used || mine;
        if (mine && value.empty()) {
            continue;
        }
        out += out.size() > 1 ? "," : "";
        out.append("\"").append(key).append("\":").append(mine ? value : text);
    }
    if (!used) {
        out.append(",\"").append(name).append("\":").append(value);
    }
    return out + "}";
}

std::string refusal_of(const std::string& payload, const ClaimRules& by = rules()) {
    const auto claims = check_claims(payload, by, kNowUs);
    EXPECT_FALSE(claims.has_value()) << payload;
    return claims ? "" : claims.error().message;
}

TEST(JwtShape, IsThreeParts) {
    EXPECT_TRUE(is_jwt_shaped("a.b.c"));
    EXPECT_FALSE(is_jwt_shaped("crd_abc"));
    EXPECT_FALSE(is_jwt_shaped("a.b"));
    EXPECT_FALSE(is_jwt_shaped("a.b.c.d.e"));
}

TEST(JwtHeaderTest, ReadsAlgorithmAndKeyAndNoEmbeddedKey) {
    const auto header = read_jwt_header(unsigned_token(
        R"({"alg":"ES256","kid":"k1","typ":"application/at+jwt","jwk":{"kty":"oct","k":"AA"},)"
        R"("jku":"https://evil.example","x5c":[]})"));
    ASSERT_TRUE(header.has_value()) << header.error().message;
    EXPECT_EQ(header->algorithm, "ES256");
    EXPECT_EQ(header->key_id, "k1");
    EXPECT_EQ(read_jwt_header(unsigned_token(kPlainHeader))->key_id, "");
}

TEST(JwtHeaderTest, RefusesWhatIsMalformed) {
    const std::string good = unsigned_token(kPlainHeader);
    ASSERT_TRUE(read_jwt_header(good).has_value());
    const std::string first = encode_part(kPlainHeader);
    for (const std::string& token :
         {std::string("a.b"), std::string(".."), first + "=.e30.eA", first + ".e30.e+A",
          first + ".e30=.eA", first + ".e 30.eA", first + ".e30.eB",  // stray bits
          unsigned_token("[]"), unsigned_token("{"), unsigned_token(R"({"typ":"JWT"})"),
          unsigned_token(R"({"alg":7,"typ":"JWT"})"),
          unsigned_token(R"({"alg":"RS256","alg":"none","typ":"JWT"})"),
          unsigned_token("{\"alg\":\"RS256\",\"\\u0061lg\":\"none\",\"typ\":\"JWT\"}"),
          unsigned_token(R"({"alg":"RS256","typ":"JWT","kid":1})"),
          unsigned_token(R"({"alg":"RS256","typ":"JWT","kid":")" + std::string(257, 'k') + "\"}"),
          unsigned_token(R"({"alg":"RS256","typ":"JWT","x":)" + std::string(40, '[') +
                         std::string(40, ']') + "}")}) {
        EXPECT_EQ(refusal_of_header(token), "the access token is malformed") << token;
    }
}

TEST(JwtHeaderTest, RefusesOtherTypesAndExtensions) {
    for (const char* header :
         {R"({"alg":"RS256"})", R"({"alg":"RS256","typ":"dpop+jwt"})",
          R"({"alg":"RS256","typ":"logout+jwt"})", R"({"alg":"RS256","typ":["JWT"]})"}) {
        EXPECT_EQ(refusal_of_header(unsigned_token(header)),
                  "the access token is not of the type at+jwt or JWT");
    }
    for (const char* header : {R"({"alg":"RS256","typ":"JWT","crit":["b64"],"b64":false})",
                               R"({"alg":"RS256","typ":"JWT","crit":[]})"}) {
        EXPECT_EQ(refusal_of_header(unsigned_token(header)),
                  "the access token asks for an extension that is not supported");
    }
}

TEST(JwtClaims, TakesGoodOnes) {
    const auto claims = check_claims(claims_with(), rules(), kNowUs);
    ASSERT_TRUE(claims.has_value()) << claims.error().message;
    EXPECT_EQ(claims->subject, "ada");
    EXPECT_EQ(claims->tenant, "");
    EXPECT_EQ(claims->scopes, (std::vector<std::string>{"guard:read", "trust:*"}));
    EXPECT_EQ(claims->until_us, (1'735'689'900 + 60) * kUsPerSecond);
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
             {"aud", R"(["https://other.example","https://credence.example/mcp"])"},
             {"nbf", ""},
             {"iat", ""},
             {"nbf", "1735689660"},  // as far as clocks may differ
             {"exp", "1735689541"},
             {"exp", "1735689900.5"},
             {"scope", R"(["guard:read","a b"])"}}) {
        EXPECT_TRUE(check_claims(claims_with(name, value), rules(), kNowUs).has_value())
            << name << value;
    }
}

TEST(JwtClaims, RefusesEachWrongThingByName) {
    const std::vector<std::array<std::string, 3>> cases = {
        {"iss", R"("https://id.example/")", "comes from another issuer"},
        {"iss", "", "comes from another issuer"},
        {"iss", R"(["https://id.example"])", "comes from another issuer"},
        {"aud", R"("https://credence.example/mcp/")", "is for another audience"},
        {"aud", R"("https://credence.example")", "is for another audience"},
        {"aud", R"([])", "is for another audience"},
        {"aud", R"(["https://credence.example/mcp",7])", "is for another audience"},
        {"aud", "", "is for another audience"},
        {"exp", "1735689540", "has expired"},
        {"exp", "0", "has expired"},
        {"exp", "", "says no time of expiry"},
        {"exp", R"("1735689900")", "says no time of expiry"},
        {"exp", "1e300", "says no time of expiry"},
        {"exp", "-1", "says no time of expiry"},
        {"nbf", "1735689661", "is not valid yet"},
        {"nbf", R"("soon")", "is malformed"},
        {"iat", "1735689661", "is not valid yet"},
        {"sub", "", "names no subject of at most 255 bytes"},
        {"sub", R"("")", "names no subject of at most 255 bytes"},
        {"sub", '"' + std::string(256, 'a') + '"', "names no subject of at most 255 bytes"},
        {"scope", "7", "is malformed"},
        {"scope", "[7]", "is malformed"}};
    for (const auto& [name, value, why] : cases) {
        EXPECT_EQ(refusal_of(claims_with(name, value)), "the access token " + why)
            << name << '=' << value;
    }
    EXPECT_EQ(refusal_of(R"({"aud":"x","aud":"y"})"), "the access token is malformed");
    EXPECT_EQ(refusal_of("not json"), "the access token is malformed");
}

TEST(JwtClaims, BoundsWhatATokenMayHold) {
    std::string many = "\"";
    for (int i = 0; i < 257; ++i) {
        many += "s:r" + std::to_string(i) + " ";
    }
    EXPECT_EQ(refusal_of(claims_with("scope", many + '"')), "the access token has too many scopes");
    std::string members = R"({"a":0)";
    for (int i = 0; i < 64; ++i) {
        members += ",\"m" + std::to_string(i) + "\":0";
    }
    EXPECT_EQ(refusal_of(members + "}"), "the access token is malformed");
}

TEST(JwtClaims, ReadsTheTenantAndScopesWhereToldTo) {
    ClaimRules by = rules();
    by.tenant_claim = "https://credence.example/tenant";
    by.scope_claim = "scp";
    EXPECT_EQ(refusal_of(claims_with(), by), "the access token names no tenant");
    const auto claims =
        check_claims(claims_with("https://credence.example/tenant", R"("acme")"), by, kNowUs);
    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(claims->tenant, "acme");
    EXPECT_TRUE(claims->scopes.empty());
}

TEST(JwtActor, IsCleanAndUnmistakable) {
    EXPECT_EQ(actor_of_subject("auth0|5f7c"), "oauth:auth0|5f7c");
    EXPECT_EQ(actor_of_subject("ada@example.org"), "oauth:ada@example.org");
    const std::string odd = actor_of_subject("ada\nlovelace");
    EXPECT_TRUE(odd.starts_with("oauth:ada_lovelace~")) << odd;
    EXPECT_NE(odd, actor_of_subject("ada lovelace"));
    EXPECT_NE(actor_of_subject("ada~"), "oauth:ada~");
    EXPECT_EQ(actor_of_subject(std::string(255, 'x')).size(), 6U + 64U + 1U + 16U);
}

}  // namespace
}  // namespace credence::access
