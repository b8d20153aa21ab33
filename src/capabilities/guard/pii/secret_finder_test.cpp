#include <gtest/gtest.h>

#include "capabilities/guard/pii/pii.h"
#include "capabilities/guard/pii/secret_values.h"

namespace credence::guard {
namespace {

struct Example {
    Detector detector;
    std::string before;
    std::string secret;
    std::string behind;
};

// Joined from halves, so that no scanner takes them for real ones.
std::vector<Example> examples() {
    const std::string body = "a8F3kLm29QwErTy6UiOp0AsDf7GhJk4ZxCvB";
    const std::string hex = "3f9a17c2e8b04d5596a1f0c7d2e4b831";
    using enum Detector;
    return {
        {aws_access_key, "id ", std::string("AKI") + "AQ3ZT7PLM2VKXW5RN", " ok"},
        {aws_secret_key, "aws_secret_access_key = ", "wJq8rXUt+FEMI/K7MDENG/bPxRfiCYzk3mLq0pTv",
         "\n"},
        {google_api_key, "key ", std::string("AIz") + "aSyA8F3kLm29QwErTy6UiOp0AsDf7GhJk4Zx", ""},
        {google_oauth, "", std::string("GOCSP") + "X-a8F3kLm29QwErTy6UiOp0AsDf7Gh", ""},
        {google_oauth, "", std::string("ya2") + "9." + body + body, " "},
        {azure_storage_key, "AccountKey=", body + body + "a8F3kLm29QwEr==", ";EndpointSuffix"},
        {azure_client_secret, "secret ", std::string("abc8Q") + "~" + body, ""},
        {github_token, "", std::string("gh") + "p_" + body, "."},
        {github_token, "", std::string("github_") + "pat_11ABCDEFG0" + body, ""},
        {gitlab_token, "", std::string("glp") + "at-a8F3kLm29QwErTy6UiOp", " "},
        {bitbucket_token, "", std::string("ATB") + "B" + body, ""},
        {model_provider_key, "", std::string("sk-") + "ant-api03-" + body + body, ""},
        {model_provider_key, "", std::string("sk-") + "proj-" + body, ""},
        {model_provider_key, "token=", std::string("hf") + "_" + body, "&x"},
        {slack_token, "", std::string("xox") + "b-294857103822-" + body, ""},
        {chat_webhook, "post to ",
         std::string("https://hooks.slack") + ".com/services/T0A1B2C3D/B0A1B2C3D/" + body, " now"},
        {discord_token, "", std::string("MTk4NjIyNDgzNDcxOTI1MjQ4") + ".Cl2FMQ." + body, ""},
        {telegram_token, "bot ", std::string("110201543") + ":AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw3",
         ""},
        {stripe_key, "", std::string("sk_") + "live_" + body, ""},
        {square_token, "", std::string("sq0a") + "tp-a8F3kLm29QwErTy6UiOp0A", ""},
        {twilio_key, "", std::string("S") + "K" + hex, ""},
        {sendgrid_key, "", std::string("S") + "G.a8F3kLm29QwErTy6UiOp0A." + body + "a8F3kLm", ""},
        {mailgun_key, "", std::string("ke") + "y-" + hex, ""},
        {npm_token, "", std::string("npm") + "_" + body, ""},
        {pypi_token, "", std::string("pyp") + "i-AgEIcHlwaS5vcmc" + body + body, ""},
        {docker_token, "", std::string("dckr_") + "pat_a8F3kLm29QwErTy6UiOp0AsDf7G", ""},
        {digitalocean_token, "", std::string("dop_") + "v1_" + hex + hex, ""},
        {heroku_key, "HEROKU api key ", "3f9a17c2-e8b0-4d55-96a1-f0c7d2e4b831", ""},
        {service_token, "", std::string("shp") + "at_" + hex, ""},
        {url_credentials, "at ", std::string("postgres://app:") + "k8Zq2v@db.internal:5432/main",
         " ."},
        {json_web_token, "",
         std::string("eyJ") + "hbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.c2ln", ""},
        {private_key, "",
         std::string("-----BEGIN OPENSSH ") +
             "PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
         "\n"},
        {private_key, "",
         std::string("-----BEGIN PGP ") +
             "PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK-----",
         ""},
        {private_key, "",
         std::string("AGE-SECRET-") +
             "KEY-1QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHC",
         ""},
        {authorization_header, "Authorization: Bearer ", body, ""},
        {authorization_header, "Authorization: Basic ", "YXBwOms4WnEydkxtMjk=", ""},
        {assigned_secret, "api_key: \"", "a8F3kLm29QwErTy6UiOp0A", "\""},
        {assigned_password, "db_password = \"", "tr0ub4dor&3", "\""},
        {assigned_password, "Passwort: ", "Sommer!2024", " bitte"},
    };
}

TEST(Secrets, AreFoundWhereTheyStand) {
    for (const Example& example : examples()) {
        const std::string text = example.before + example.secret + example.behind;
        std::vector<Detected> found;
        find_pii(text, found);
        ASSERT_EQ(found.size(), 1U) << text;
        EXPECT_EQ(found[0].detector, example.detector)
            << text << ' ' << pii_kind(found[0].detector)->name;
        EXPECT_EQ(text.substr(found[0].span.start, found[0].span.end - found[0].span.start),
                  example.secret);
    }
}

TEST(Secrets, PlaceholdersPass) {
    EXPECT_TRUE(is_placeholder("YOUR_API_KEY"));
    EXPECT_TRUE(is_placeholder("xxxxxxxxxxxxxxxxxxxx"));
    EXPECT_TRUE(is_placeholder("${TOKEN}"));
    EXPECT_FALSE(is_placeholder("a8F3kLm29QwErTy6UiOp0A"));
    EXPECT_TRUE(looks_random("a8F3kLm29QwErTy6UiOp0A"));
    EXPECT_FALSE(looks_random("aaaaaaaaaaaaaaaaaaa1"));
    EXPECT_TRUE(looks_like_password("tr0ub4dor&3"));
    EXPECT_FALSE(looks_like_password("hunter"));
    EXPECT_FALSE(looks_like_password("get_value(1)"));
}

}  // namespace
}  // namespace credence::guard
