#include "capabilities/access/oauth_settings.h"

#include <gtest/gtest.h>

namespace credence::access {
namespace {

OauthSettings on() {
    OauthSettings settings;
    settings.issuer = "https://id.example/realms/a";
    settings.audience = "https://credence.example/mcp";
    return settings;
}

std::string field_of(const OauthSettings& settings) {
    const auto checked = check_oauth(settings);
    EXPECT_FALSE(checked.has_value());
    return checked ? "" : checked.error().field;
}

TEST(OauthSettingsTest, AreOffByDefault) {
    const OauthSettings settings;
    EXPECT_TRUE(check_oauth(settings).has_value());
    EXPECT_FALSE(settings.enabled());
    EXPECT_FALSE(protected_resource(settings).enabled());
}

TEST(OauthSettingsTest, TakeAnIssuerAndAnAudience) {
    EXPECT_TRUE(check_oauth(on()).has_value());
    OauthSettings local = on();
    local.issuer = "http://127.0.0.1:9000";
    local.audience = "http://localhost:8787/mcp";
    EXPECT_TRUE(check_oauth(local).has_value());
    const ProtectedResource resource = protected_resource(on());
    EXPECT_EQ(resource.identifier, "https://credence.example/mcp");
    EXPECT_EQ(resource.issuer, "https://id.example/realms/a");
    EXPECT_EQ(resource.metadata_url,
              "https://credence.example/.well-known/oauth-protected-resource/mcp");
}

TEST(OauthSettingsTest, NameWhatIsWrong) {
    for (const char* bad :
         {"id.example", "http://id.example", "ftp://id.example", "https://", "https://a b",
          "https://u:p@id.example", "https://id.example/#x", "https://id.example/?x",
          "https://[::1", "http://127.0.0.1.evil.example", "http://localhost@evil.example",
          "https://id.example/\"", "HTTPS://id.example"}) {
        OauthSettings settings = on();
        settings.issuer = bad;
        EXPECT_EQ(field_of(settings), "oauth.issuer") << bad;
        settings = on();
        settings.audience = bad;
        EXPECT_EQ(field_of(settings), "oauth.audience") << bad;
    }
    OauthSettings settings = on();
    settings.audience.clear();
    EXPECT_EQ(field_of(settings), "oauth.audience");
    settings = on();
    settings.issuer.clear();
    EXPECT_EQ(field_of(settings), "oauth.issuer");
    settings = on();
    settings.jwks_uri = "http://id.example/keys";
    EXPECT_EQ(field_of(settings), "oauth.jwks_uri");
    settings.jwks_uri = "https://id.example/keys?v=1";
    EXPECT_TRUE(check_oauth(settings).has_value());
    settings.jwks_file = "/keys.json";
    EXPECT_EQ(field_of(settings), "oauth.jwks_file");
}

TEST(OauthSettingsTest, NoAlgorithmThatAnybodyCouldSignWith) {
    for (const char* algorithm : {"none", "HS256", "HS512", "rs256", "", "EdDSA", "RSA-OAEP"}) {
        OauthSettings settings = on();
        settings.algorithms = {"RS256", algorithm};
        EXPECT_EQ(field_of(settings), "oauth.algorithms") << algorithm;
    }
    OauthSettings settings = on();
    settings.algorithms = {"PS512", "ES384"};
    EXPECT_TRUE(check_oauth(settings).has_value());
}

TEST(WellKnownUrl, StandsBetweenHostAndPath) {
    EXPECT_EQ(well_known_url("https://a.example", "x"), "https://a.example/.well-known/x");
    EXPECT_EQ(well_known_url("https://a.example/", "x"), "https://a.example/.well-known/x");
    EXPECT_EQ(well_known_url("https://a.example:8443/b/c", "x"),
              "https://a.example:8443/.well-known/x/b/c");
    EXPECT_EQ(well_known_url("http://[::1]:9/b/", "x"), "http://[::1]:9/.well-known/x/b");
}

}  // namespace
}  // namespace credence::access
