#include "capabilities/access/jwk_set.h"

#include "capabilities/access/oauth_testing.h"

namespace credence::access {
namespace {

// RFC 7515 appendix A.2: RS256.
constexpr const char* kRfcRsaKey =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddx)"
    R"(HmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32)"
    R"(690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WT)"
    R"(BEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoud)"
    R"(F8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
constexpr const char* kRfcRsaToken =
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    "."
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGb"
    "ds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0G"
    "arZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6Lbg"
    "GY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
// RFC 7515 appendix A.3: ES256.
constexpr const char* kRfcEcKey =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr const char* kRfcEcToken =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    "."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr const char* kRfcPayload =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

JwkSet parsed(const std::vector<std::string>& keys) {
    auto set = JwkSet::parse(key_set(keys));
    EXPECT_TRUE(set.has_value()) << (set ? "" : set.error().message);
    return set ? *std::move(set) : JwkSet();
}

TEST(JwkSetTest, VerifiesTheExamplesOfTheStandard) {
    const JwkSet set = parsed({kRfcRsaKey, kRfcEcKey});
    ASSERT_EQ(set.size(), 2U);
    for (const auto& [algorithm, token] : std::vector<std::pair<std::string, std::string>>{
             {"RS256", kRfcRsaToken}, {"ES256", kRfcEcToken}}) {
        const JwkSet::Key* key = set.find({algorithm, ""});
        ASSERT_NE(key, nullptr) << algorithm;
        const auto payload = JwkSet::verify(*key, token);
        ASSERT_TRUE(payload.has_value()) << algorithm;
        EXPECT_EQ(*payload, kRfcPayload);
        std::string altered = token;
        altered[altered.find('.') + 5] ^= 1;
        EXPECT_FALSE(JwkSet::verify(*key, altered).has_value()) << algorithm;
    }
}

TEST(JwkSetTest, VerifiesWhatOpensslSignedAndNothingElse) {
    const JwkSet set = parsed({rsa_key().jwk(), ec_key().jwk()});
    for (const SigningKey* signer : {&rsa_key(), &ec_key()}) {
        const JwkSet::Key* key = set.find({signer->algorithm(), signer->id()});
        ASSERT_NE(key, nullptr);
        const std::string token = signer->token(R"({"sub":"ada"})");
        EXPECT_EQ(JwkSet::verify(*key, token).value_or(""), R"({"sub":"ada"})");
        const std::string cut = token.substr(0, token.size() - 4);
        const std::string none = token.substr(0, token.rfind('.') + 1);
        const std::string others =
            none + encode_part(SigningKey::p256("x").sign(none.substr(0, none.size() - 1)));
        for (const std::string& wrong : {cut, none, others, token + "AAAA"}) {
            EXPECT_FALSE(JwkSet::verify(*key, wrong).has_value()) << wrong;
        }
    }
}

TEST(JwkSetTest, AKeyServesOnlyItsOwnKindOfAlgorithm) {
    const JwkSet set = parsed({rsa_key().jwk(R"(,"alg":"RS256")"), ec_key().jwk()});
    EXPECT_NE(set.find({"RS256", "rsa-1"}), nullptr);
    EXPECT_EQ(set.find({"PS256", "rsa-1"}), nullptr);  // the key says RS256
    for (const char* algorithm : {"ES256", "HS256", "none", "NONE", "", "ES256K", "EdDSA"}) {
        EXPECT_EQ(set.find({algorithm, "rsa-1"}), nullptr) << algorithm;
    }
    for (const char* algorithm : {"ES384", "ES512", "RS256", "HS256", "none"}) {
        EXPECT_EQ(set.find({algorithm, "ec-1"}), nullptr) << algorithm;
    }
}

TEST(JwkSetTest, WithoutAKeyIdOnlyOneKeyMayFit) {
    const SigningKey second = SigningKey::p256("ec-2");
    EXPECT_NE(parsed({ec_key().jwk(), rsa_key().jwk()}).find({"ES256", ""}), nullptr);
    const JwkSet two = parsed({ec_key().jwk(), second.jwk()});
    EXPECT_EQ(two.find({"ES256", ""}), nullptr);
    EXPECT_NE(two.find({"ES256", "ec-2"}), nullptr);
    EXPECT_EQ(two.find({"ES256", "ec-3"}), nullptr);
    // The same id twice: which of them is a guess.
    EXPECT_EQ(parsed({ec_key().jwk(), ec_key().jwk()}).find({"ES256", "ec-1"}), nullptr);
}

TEST(JwkSetTest, LeavesOutKeysThatMustNotVouch) {
    const std::string symmetric = R"({"kty":"oct","kid":"s","k":"c2VjcmV0c2VjcmV0c2VjcmV0"})";
    const std::string edwards =
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
    const std::string weak = SigningKey::rsa("weak", 1024).jwk();
    const std::string off_curve =
        R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})";
    const std::vector<std::string> bad = {symmetric,
                                          edwards,
                                          weak,
                                          off_curve,
                                          rsa_key().jwk(R"(,"use":"enc")"),
                                          rsa_key().jwk(R"(,"key_ops":["sign"])"),
                                          R"({"kty":"RSA"})",
                                          "{}",
                                          "7"};
    for (const std::string& key : bad) {
        EXPECT_EQ(parsed({key, ec_key().jwk()}).size(), 1U) << key;
        const auto alone = JwkSet::parse(key_set({key}));
        ASSERT_FALSE(alone.has_value()) << key;
        EXPECT_EQ(alone.error().message, "the issuer has no signing key that can be used");
    }
}

TEST(JwkSetTest, RefusesWhatIsNoKeySet) {
    for (const char* text : {"", "[]", "{}", R"({"keys":{}})", R"({"keys":[)", "<html>"}) {
        const auto set = JwkSet::parse(text);
        ASSERT_FALSE(set.has_value()) << text;
        EXPECT_EQ(set.error().code, Code::invalid);
    }
    const std::vector<std::string> many(JwkSet::kMaxKeys + 1, ec_key().jwk());
    EXPECT_EQ(JwkSet::parse(key_set(many)).error().message,
              "the issuer has more than 64 signing keys");
}

}  // namespace
}  // namespace credence::access
