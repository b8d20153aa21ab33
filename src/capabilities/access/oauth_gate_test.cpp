// Access tokens at the gate: whom they let in, as whom, and why the others stay out.
#include <atomic>
#include <chrono>
#include <thread>

#include "base/units.h"
#include "capabilities/access/access_fixture.h"
#include "capabilities/access/issuer_keys.h"
#include "capabilities/access/oauth_testing.h"
#include "capabilities/access/token_verifier.h"

namespace credence::access {
namespace {

std::string good_claims(std::string_view more = {}) {
    return R"({"iss":"https://id.example","aud":"https://credence.example/mcp","sub":"ada",)"
           R"("exp":1735690000,"iat":1735689600,"scope":"guard:read openid trust:* *")" +
           std::string(more) + "}";
}

class OauthGateTest : public AccessFixture {
protected:
    OauthGateTest() {
        oauth_.issuer = "https://id.example";
        oauth_.audience = "https://credence.example/mcp";
        oauth_.jwks_uri = "https://id.example/keys";
        document_ = key_set({rsa_key().jwk(), ec_key().jwk()});
    }

    void SetUp() override {
        AccessFixture::SetUp();
        open();
    }

    void open() {
        issuer_keys_ = std::make_unique<IssuerKeys>(
            oauth_, clock_, metrics_, [this](const std::string&) -> Result<std::string> {
                ++fetches_;
                if (document_.empty()) {
                    return fail(Code::unavailable, "no answer");
                }
                return document_;
            });
        verifier_ = std::make_unique<TokenVerifier>(oauth_, *issuer_keys_, clock_, metrics_);
        verifier_->know_scopes({"guard:read", "guard:write", "trust:read"});
        gate_ = std::make_unique<Gate>(*parts_, access_, verifier_.get());
        ASSERT_TRUE(gate_->refresh().has_value());
        keys_ = std::make_unique<Keys>(*parts_, *gate_);
        tenants_ = std::make_unique<Tenants>(*parts_, *gate_);
        namespaces_ = std::make_unique<Namespaces>(*parts_, *gate_);
        static_cast<void>(issuer_keys_->refresh_if_due());
    }
    void TearDown() override {
        gate_.reset();
        AccessFixture::TearDown();
    }

    std::string refusal(const std::string& bearer, Code code = Code::unauthenticated) {
        const auto admission = knock(bearer);
        EXPECT_FALSE(admission.has_value()) << bearer;
        if (admission) {
            return "";
        }
        EXPECT_EQ(admission.error().code, code) << admission.error().message;
        return admission.error().message;
    }
    std::uint64_t tokens(const char* how) {
        return metrics_.counter("credence_oauth_tokens_total", "Access tokens seen", {{"how", how}})
            .value();
    }

    AccessSettings access_;
    OauthSettings oauth_;
    std::string document_;
    int fetches_ = 0;
    std::unique_ptr<IssuerKeys> issuer_keys_;
    std::unique_ptr<TokenVerifier> verifier_;
};

TEST_F(OauthGateTest, AGoodTokenMakesItsContext) {
    for (const SigningKey* signer : {&rsa_key(), &ec_key()}) {
        const auto admission = knock(signer->token(good_claims()));
        ASSERT_TRUE(admission.has_value()) << admission.error().message;
        const Context& context = admission->context;
        EXPECT_EQ(context.tenant, "default");
        EXPECT_EQ(context.name_space, "default");
        EXPECT_EQ(context.actor, "oauth:ada");
        EXPECT_EQ(context.surface, "http");
        EXPECT_TRUE(context.scopes.allow("guard:read"));
        EXPECT_TRUE(context.scopes.allow("trust:read"));
        EXPECT_FALSE(context.scopes.allow("guard:write"));
        EXPECT_FALSE(context.scopes.allow("keys:write"));
        EXPECT_EQ(context.scopes.granted(), (std::vector<std::string>{"guard:read", "trust:*"}));
        EXPECT_EQ(admission->rate.remaining < 1000, true);
    }
}

TEST_F(OauthGateTest, ApiKeysGoOnWorkingAndNobodyPassesWithout) {
    EXPECT_TRUE(gate_->requires_keys());
    EXPECT_TRUE(knock(make_key({"guard:read"}).key).has_value());
    Credentials loopback;
    loopback.address = "127.0.0.1";
    const auto nobody = gate_->admit(loopback);
    ASSERT_FALSE(nobody.has_value());
    EXPECT_EQ(nobody.error().message, "a valid API key or access token is required");
    EXPECT_EQ(refusal("nonsense"), "a valid API key or access token is required");
    loopback.local = true;
    EXPECT_TRUE(gate_->admit(loopback).has_value());
}

TEST_F(OauthGateTest, WithoutOauthATokenIsNothing) {
    const Gate plain(*parts_, access_);
    EXPECT_FALSE(plain.requires_keys());
    gate_ = std::make_unique<Gate>(*parts_, access_);
    EXPECT_EQ(refusal(ec_key().token(good_claims())), "a valid API key is required");
}

TEST_F(OauthGateTest, NobodyForgesAToken) {
    const std::string good = rsa_key().token(good_claims());
    ASSERT_TRUE(knock(good).has_value());
    const std::string none =
        encode_part(R"({"alg":"none","typ":"JWT"})") + '.' + encode_part(good_claims()) + '.';
    EXPECT_EQ(refusal(none), "the access token is signed by an algorithm that is not accepted");
    for (const char* header :
         {R"({"alg":"HS256","typ":"JWT","kid":"rsa-1"})", R"({"alg":"HS256","typ":"JWT"})"}) {
        EXPECT_EQ(refusal(hmac_token(header, good_claims(), rsa_key().jwk())),
                  "the access token is signed by an algorithm that is not accepted");
    }
    const SigningKey stranger = SigningKey::p256("ec-1");
    EXPECT_EQ(refusal(stranger.token(good_claims())), "the access token has a wrong signature");
    const std::string embedded = R"({"alg":"ES256","typ":"JWT","kid":"ec-1","jwk":)" +
                                 stranger.jwk() + R"(,"jku":"https://evil.example/keys"})";
    EXPECT_EQ(refusal(stranger.token(embedded, good_claims())),
              "the access token has a wrong signature");
    EXPECT_EQ(fetches_, 1);
    // Another payload under the same signature.
    const std::string other = rsa_key().header();
    const std::size_t last = good.rfind('.');
    EXPECT_EQ(refusal(encode_part(other) + '.' + encode_part(good_claims(R"(,"x":1)")) +
                      good.substr(last)),
              "the access token has a wrong signature");
    // The key of one type under the algorithm of the other.
    EXPECT_EQ(
        refusal(rsa_key().token(R"({"alg":"ES256","typ":"JWT","kid":"rsa-1"})", good_claims())),
        "the access token is signed with an unknown key");
    EXPECT_EQ(
        refusal(rsa_key().token(R"({"alg":"RS512","typ":"JWT","kid":"rsa-1"})", good_claims())),
        "the access token is signed by an algorithm that is not accepted");
}

TEST_F(OauthGateTest, SaysWhatIsWrongWithASignedToken) {
    const auto with = [](std::string_view claims) { return ec_key().token(claims); };
    EXPECT_EQ(refusal(with(R"({"iss":"https://evil.example"})")),
              "the access token comes from another issuer");
    EXPECT_EQ(refusal(with(R"({"iss":"https://id.example","aud":"https://other.example"})")),
              "the access token is for another audience");
    EXPECT_EQ(refusal(with(good_claims(R"(,"aud":"https://credence.example/mcp")"))),
              "the access token is malformed");
    EXPECT_EQ(refusal(ec_key().token(R"({"alg":"ES256","typ":"JWT","kid":"ec-1","crit":["exp"]})",
                                     good_claims())),
              "the access token asks for an extension that is not supported");
    EXPECT_EQ(refusal(with(good_claims(",\"x\":\"" + std::string(8192, 'x') + '"'))),
              "the access token is too long");
}

TEST_F(OauthGateTest, ATokenEndsWhenItExpires) {
    const std::string token = ec_key().token(good_claims());
    ASSERT_TRUE(knock(token).has_value());
    clock_.set_us((1'735'690'000 + 60) * kUsPerSecond - 1);
    ASSERT_TRUE(knock(token).has_value());
    EXPECT_EQ(tokens("remembered"), 1U);
    clock_.advance_us(1);
    EXPECT_EQ(refusal(token), "the access token has expired");
    EXPECT_EQ(verifier_->remembered(), 0U);
}

TEST_F(OauthGateTest, AReplacedKeyVouchesForNothing) {
    const std::string before = ec_key().token(good_claims());
    ASSERT_TRUE(knock(before).has_value());
    const SigningKey next = SigningKey::p256("ec-2");
    const std::string after = next.token(good_claims());
    EXPECT_EQ(refusal(after), "the access token is signed with an unknown key");
    document_ = key_set({next.jwk()});
    ASSERT_TRUE(issuer_keys_->refresh_if_due().has_value());
    EXPECT_EQ(fetches_, 1);  // not so soon after the last
    clock_.advance_us(oauth_.min_refresh_ms * kUsPerMs);
    ASSERT_TRUE(issuer_keys_->refresh_if_due().has_value());
    EXPECT_EQ(fetches_, 2);
    EXPECT_TRUE(knock(after).has_value());
    EXPECT_EQ(refusal(before), "the access token is signed with an unknown key");
}

TEST_F(OauthGateTest, WithoutKeysItAsksToComeAgain) {
    document_.clear();
    open();
    const auto admission = knock(ec_key().token(good_claims()));
    ASSERT_FALSE(admission.has_value());
    EXPECT_EQ(admission.error().code, Code::unavailable);
    EXPECT_EQ(admission.error().retry_after_ms, 1000);
    EXPECT_TRUE(knock(make_key({"guard:read"}).key).has_value());
}

TEST_F(OauthGateTest, KeysThatCannotBeConfirmedAreNotTrustedForever) {
    oauth_.max_age_ms = 3'600'000;
    open();
    const std::string token = ec_key().token(
        R"({"iss":"https://id.example","aud":"https://credence.example/mcp","sub":"ada",)"
        R"("exp":1835690000})");
    ASSERT_TRUE(knock(token).has_value());
    document_.clear();
    clock_.advance_us(oauth_.max_age_ms * kUsPerMs);
    EXPECT_FALSE(issuer_keys_->refresh_if_due().has_value());
    ASSERT_TRUE(knock(token).has_value());
    clock_.advance_us(1);
    refusal(token, Code::unavailable);
}

TEST_F(OauthGateTest, TheTenantComesFromItsClaimAndMustExist) {
    oauth_.tenant_claim = "tenant";
    open();
    ASSERT_TRUE(tenants_->create(local(), CreateTenant{"acme"}).has_value());
    const auto admission = knock(ec_key().token(good_claims(R"(,"tenant":"acme")")));
    ASSERT_TRUE(admission.has_value()) << admission.error().message;
    EXPECT_EQ(admission->context.tenant, "acme");
    EXPECT_EQ(refusal(ec_key().token(good_claims(R"(,"tenant":"nobody")")), Code::forbidden),
              "the access token's tenant does not exist here");
    EXPECT_EQ(refusal(ec_key().token(good_claims(R"(,"tenant":"../acme")"))),
              "the access token names no tenant");
    EXPECT_EQ(refusal(ec_key().token(good_claims())), "the access token names no tenant");
}

TEST_F(OauthGateTest, NamespacesAreThoseOfTheTenant) {
    const std::string token = ec_key().token(good_claims());
    EXPECT_EQ(code_of(knock(token, "research")), Code::not_found);
    ASSERT_TRUE(namespaces_->create(local(), CreateNamespace{"research", {}}).has_value());
    const auto admission = knock(token, "research");
    ASSERT_TRUE(admission.has_value());
    EXPECT_EQ(admission->context.name_space, "research");
}

TEST_F(OauthGateTest, ATokenMakesNoKeyThatOutlivesIt) {
    verifier_->know_scopes({"keys:write"});
    const auto admission = knock(ec_key().token(
        R"({"iss":"https://id.example","aud":"https://credence.example/mcp","sub":"ada",)"
        R"("exp":1735690000,"scope":"keys:write"})"));
    ASSERT_TRUE(admission.has_value());
    const auto made =
        keys_->create(admission->context, CreateKey{"mine", {"keys:write"}, {}, {}, {}, {}});
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, Code::forbidden);
}

TEST_F(OauthGateTest, ASubjectHasARateOfItsOwn) {
    access_.requests_per_second = 2;
    open();
    const auto knock_from = [this](const std::string& address, const std::string& claims) {
        Credentials credentials;
        const std::string token = ec_key().token(claims);
        credentials.bearer = token;
        credentials.address = address;
        return gate_->admit(credentials);
    };
    EXPECT_TRUE(knock_from("192.0.2.1", good_claims()).has_value());
    EXPECT_TRUE(knock_from("192.0.2.2", good_claims(R"(,"jti":"2")")).has_value());
    EXPECT_EQ(code_of(knock_from("192.0.2.3", good_claims(R"(,"jti":"3")"))), Code::exhausted);
}

TEST_F(OauthGateTest, RemembersABoundedNumberOfTokens) {
    oauth_.max_cached_tokens = 64;
    open();
    for (int i = 0; i < 300; ++i) {
        const std::string token =
            ec_key().token(good_claims(",\"jti\":\"" + std::to_string(i) + '"'));
        ASSERT_TRUE(verifier_->verify(token).has_value());
    }
    EXPECT_LE(verifier_->remembered(), 64U);
    EXPECT_GE(verifier_->remembered(), 32U);
    EXPECT_EQ(tokens("checked"), 300U);
}

TEST_F(OauthGateTest, ManyThreadsVerifyWithOneKeyWhileItIsReplaced) {
    access_.requests_per_second = 0;
    open();
    std::vector<std::string> good;
    std::vector<std::string> bad;
    for (int i = 0; i < 40; ++i) {
        const SigningKey& signer = i % 2 == 0 ? rsa_key() : ec_key();
        good.push_back(signer.token(good_claims(",\"jti\":\"" + std::to_string(i) + '"')));
        bad.push_back(good.back().substr(0, good.back().rfind('.')) + '.' + encode_part("forged"));
    }
    std::atomic<int> admitted{0};
    std::atomic<int> refused{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (std::size_t i = 0; i < good.size(); ++i) {
                admitted += knock(good[i]).has_value() ? 1 : 0;
                refused += knock(bad[i]).has_value() ? 0 : 1;
            }
        });
    }
    for (int round = 0; round < 20; ++round) {
        document_ = key_set({rsa_key().jwk(), ec_key().jwk()}) + (round % 2 == 0 ? "" : " ");
        clock_.advance_us(oauth_.min_refresh_ms * kUsPerMs / 10);
        issuer_keys_->want();
        EXPECT_TRUE(issuer_keys_->refresh_if_due().has_value());
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(admitted.load(), 160);
    EXPECT_EQ(refused.load(), 160);
}

// Wide bounds, for debug builds; --gtest_output=json:FILE has the figures.
TEST_F(OauthGateTest, RememberedAndNewTokensAreAdmittedAndTheirCostIsRecorded) {
    access_.requests_per_second = 0;
    open();
    const auto nanoseconds = [](auto&& work, int times) {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = 0; i < times; ++i) {
            work(i);
        }
        const auto spent = std::chrono::steady_clock::now() - begin;
        return std::chrono::duration_cast<std::chrono::nanoseconds>(spent).count() / times;
    };
    const std::string token = rsa_key().token(good_claims());
    ASSERT_TRUE(knock(token).has_value());
    const auto remembered = nanoseconds([&](int) { ASSERT_TRUE(knock(token).has_value()); }, 2000);
    for (const SigningKey* signer : {&rsa_key(), &ec_key()}) {
        std::vector<std::string> fresh;
        for (int i = 0; i < 100; ++i) {
            fresh.push_back(signer->token(good_claims(",\"jti\":\"" + std::to_string(i) + '"')));
        }
        const auto checked = nanoseconds(
            [&](int i) { ASSERT_TRUE(knock(fresh[static_cast<std::size_t>(i)]).has_value()); },
            100);
        RecordProperty(signer->algorithm() + "_ns", std::to_string(checked));
    }
    RecordProperty("remembered_ns", std::to_string(remembered));
}

}  // namespace
}  // namespace credence::access
