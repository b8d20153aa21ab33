#include "capabilities/access/issuer_keys.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "base/log.h"
#include "base/units.h"
#include "capabilities/access/oauth_testing.h"

namespace credence::access {
namespace {

constexpr const char* kIssuer = "https://id.example/realms/a";
constexpr const char* kRfc8414 =
    "https://id.example/.well-known/oauth-authorization-server/realms/a";
constexpr const char* kOpenid = "https://id.example/realms/a/.well-known/openid-configuration";
constexpr const char* kKeysUrl = "https://id.example/keys";

std::string metadata(std::string_view issuer, std::string_view uri = kKeysUrl) {
    return R"({"issuer":")" + std::string(issuer) + R"(","jwks_uri":")" + std::string(uri) + "\"}";
}

class IssuerKeysTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { log::set_level(log::Level::off); }

    IssuerKeysTest() {
        settings_.issuer = kIssuer;
        settings_.audience = "https://credence.example/mcp";
        documents_[kRfc8414] = metadata(kIssuer);
        documents_[kKeysUrl] = key_set({ec_key().jwk()});
    }

    void open() {
        keys_ = std::make_unique<IssuerKeys>(settings_, clock_, metrics_,
                                             [this](const std::string& url) -> Result<std::string> {
                                                 asked_.push_back(url);
                                                 const auto found = documents_.find(url);
                                                 if (found == documents_.end()) {
                                                     return fail(Code::unavailable, "no answer");
                                                 }
                                                 return found->second;
                                             });
    }
    std::uint64_t refreshes(const char* outcome) {
        return metrics_
            .counter("credence_oauth_jwks_refreshes_total",
                     "Attempts to fetch the issuer's signing keys", {{"outcome", outcome}})
            .value();
    }
    std::int64_t age_s() { return metrics_.gauge("credence_oauth_jwks_age_seconds", "").value(); }

    OauthSettings settings_;
    ManualClock clock_{1'000'000};
    Metrics metrics_;
    std::map<std::string, std::string> documents_;
    std::vector<std::string> asked_;
    std::unique_ptr<IssuerKeys> keys_;
};

TEST_F(IssuerKeysTest, FindsTheKeysByTheIssuersMetadata) {
    open();
    EXPECT_EQ(keys_->current()->keys, nullptr);
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    EXPECT_EQ(asked_, (std::vector<std::string>{kRfc8414, kKeysUrl}));
    ASSERT_NE(keys_->current()->keys, nullptr);
    EXPECT_NE(keys_->current()->keys->find({"ES256", "ec-1"}), nullptr);
    EXPECT_EQ(keys_->current()->generation, 1);
    EXPECT_EQ(refreshes("ok"), 1U);
}

TEST_F(IssuerKeysTest, FallsBackToOpenidConnect) {
    documents_[kOpenid] = documents_[kRfc8414];
    documents_.erase(kRfc8414);
    open();
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    EXPECT_EQ(asked_, (std::vector<std::string>{kRfc8414, kOpenid, kKeysUrl}));
}

TEST_F(IssuerKeysTest, DoesNotTrustMetadataOfAnotherIssuerOrUnsafeAddresses) {
    for (const std::string& bad :
         {metadata("https://id.example"), metadata("https://evil.example"),
          metadata(kIssuer, "http://id.example/keys"), metadata(kIssuer, "file:///etc/passwd"),
          std::string("{}"), std::string("no json")}) {
        documents_[kRfc8414] = bad;
        documents_[kOpenid] = bad;
        asked_.clear();
        open();
        const auto refreshed = keys_->refresh_if_due();
        ASSERT_FALSE(refreshed.has_value()) << bad;
        EXPECT_EQ(refreshed.error().code, Code::invalid);
        EXPECT_EQ(asked_, (std::vector<std::string>{kRfc8414, kOpenid})) << bad;
        EXPECT_EQ(keys_->current()->keys, nullptr);
    }
    EXPECT_EQ(refreshes("failed"), 6U);
}

TEST_F(IssuerKeysTest, ConfiguredKeysNeedNoMetadata) {
    settings_.jwks_uri = kKeysUrl;
    open();
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    EXPECT_EQ(asked_, (std::vector<std::string>{kKeysUrl}));
}

TEST_F(IssuerKeysTest, KeysMayLieInAFile) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("issuer_keys_" + std::to_string(::getpid()) + ".json");
    std::ofstream(path) << key_set({ec_key().jwk()});
    settings_.jwks_file = path.string();
    open();
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    EXPECT_TRUE(asked_.empty());
    EXPECT_NE(keys_->current()->keys, nullptr);
    std::filesystem::remove(path);
    clock_.advance_us(settings_.refresh_ms * kUsPerMs);
    EXPECT_FALSE(keys_->refresh_if_due().has_value());
    EXPECT_NE(keys_->current()->keys, nullptr);
}

TEST_F(IssuerKeysTest, FetchesAgainWhenOldAndKeepsTheOldOnesOtherwise) {
    settings_.jwks_uri = kKeysUrl;
    open();
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    clock_.advance_us(settings_.refresh_ms * kUsPerMs - 1);
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    EXPECT_EQ(asked_.size(), 1U);
    EXPECT_EQ(age_s(), 899);
    clock_.advance_us(1);
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    EXPECT_EQ(asked_.size(), 2U);
    EXPECT_EQ(keys_->current()->generation, 1);  // the same keys
    EXPECT_EQ(age_s(), 0);

    documents_[kKeysUrl] = "<html>";
    clock_.advance_us(settings_.refresh_ms * kUsPerMs);
    EXPECT_FALSE(keys_->refresh_if_due().has_value());
    EXPECT_NE(keys_->current()->keys->find({"ES256", "ec-1"}), nullptr);
    EXPECT_EQ(age_s(), 900);

    documents_[kKeysUrl] = key_set({rsa_key().jwk()});
    clock_.advance_us(settings_.min_refresh_ms * kUsPerMs);
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    EXPECT_EQ(keys_->current()->generation, 2);
    EXPECT_EQ(keys_->current()->keys->find({"ES256", "ec-1"}), nullptr);
    EXPECT_NE(keys_->current()->keys->find({"RS256", "rsa-1"}), nullptr);
}

TEST_F(IssuerKeysTest, AStormOfUnknownKeysCausesOneFetchAnInterval) {
    settings_.jwks_uri = kKeysUrl;
    open();
    ASSERT_TRUE(keys_->refresh_if_due().has_value());
    const std::int64_t tick_us = 100 * kUsPerMs;
    for (std::int64_t at_us = 0; at_us < 10 * settings_.min_refresh_ms * kUsPerMs;
         at_us += tick_us) {
        keys_->want();
        clock_.advance_us(tick_us);
        ASSERT_TRUE(keys_->refresh_if_due().has_value());
    }
    EXPECT_EQ(asked_.size(), 11U);
}

TEST_F(IssuerKeysTest, WithoutAnyKeysItTriesAgainSoonButNotAtOnce) {
    settings_.jwks_uri = kKeysUrl;
    documents_.erase(kKeysUrl);
    open();
    std::vector<std::int64_t> at_s;
    for (std::int64_t second = 0; second <= 120; ++second) {
        const std::size_t before = asked_.size();
        static_cast<void>(keys_->refresh_if_due());
        if (asked_.size() > before) {
            at_s.push_back(second);
        }
        clock_.advance_us(kUsPerSecond);
    }
    EXPECT_EQ(at_s, (std::vector<std::int64_t>{0, 1, 3, 7, 15, 31, 61, 91}));
    EXPECT_EQ(age_s(), 120);
}

TEST_F(IssuerKeysTest, FetchesOneAtATime) {
    settings_.jwks_uri = kKeysUrl;
    std::atomic<int> running{0};
    std::atomic<int> most{0};
    std::atomic<bool> go_on{false};
    IssuerKeys keys(settings_, clock_, metrics_, [&](const std::string&) -> Result<std::string> {
        most = std::max(most.load(), ++running);
        go_on.wait(false);
        --running;
        return key_set({ec_key().jwk()});
    });
    std::thread first([&] { EXPECT_TRUE(keys.refresh_if_due().has_value()); });
    while (running.load() == 0) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(keys.refresh_if_due().has_value());  // returns at once
    EXPECT_EQ(keys.current()->keys, nullptr);
    go_on = true;
    go_on.notify_all();
    first.join();
    EXPECT_EQ(most.load(), 1);
    EXPECT_NE(keys.current()->keys, nullptr);
}

}  // namespace
}  // namespace credence::access
