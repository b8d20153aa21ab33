#include "capabilities/access/access_gate.h"

#include <atomic>
#include <thread>

#include "base/units.h"
#include "capabilities/access/access_fixture.h"
#include "capabilities/access/key_text.h"

namespace credence::access {
namespace {

Credentials from(std::string_view address) {
    Credentials credentials;
    credentials.address = address;
    credentials.surface = "http";
    return credentials;
}

class GateTest : public AccessFixture {
protected:
    // A gate with other settings, on the same store.
    std::unique_ptr<Gate> gate_with(const AccessSettings& settings) {
        auto gate = std::make_unique<Gate>(*parts_, settings);
        EXPECT_TRUE(gate->refresh().has_value());
        return gate;
    }
};

TEST(IsLoopback, KnowsItsAddresses) {
    EXPECT_TRUE(is_loopback("127.0.0.1"));
    EXPECT_TRUE(is_loopback("127.9.8.7"));
    EXPECT_TRUE(is_loopback("::1"));
    EXPECT_TRUE(is_loopback("::ffff:127.0.0.1"));
    for (const char* other :
         {"", "128.0.0.1", "10.0.0.1", "::2", "::", "::ffff:10.0.0.1", "127.0.0.1.evil.example",
          "127.1", "2001:db8::ffff:7f00:1", "::ff:127.0.0.1", "0.0.0.0"}) {
        EXPECT_FALSE(is_loopback(other)) << other;
    }
}

TEST_F(GateTest, LoopbackNeedsNoKeyByDefault) {
    const auto admission = gate_->admit(from("127.0.0.1"));
    ASSERT_TRUE(admission.has_value());
    EXPECT_EQ(admission->context.tenant, "default");
    EXPECT_EQ(admission->context.name_space, "default");
    EXPECT_EQ(admission->context.actor, "local");
    EXPECT_TRUE(admission->context.scopes.allow("*"));
    EXPECT_EQ(admission->context.surface, "http");
    EXPECT_EQ(admission->rate.limit, 1000);
    EXPECT_EQ(admission->rate.remaining, 999);
    EXPECT_FALSE(gate_->requires_keys());
}

TEST_F(GateTest, EveryOtherAddressNeedsOne) {
    for (const char* address : {"192.0.2.1", "2001:db8::1", "", "nonsense"}) {
        EXPECT_EQ(code_of(gate_->admit(from(address))), Code::unauthenticated) << address;
    }
}

TEST_F(GateTest, RequireKeysClosesLoopbackButNotTheCommandLine) {
    AccessSettings settings;
    settings.require_keys = true;
    const auto strict = gate_with(settings);
    EXPECT_TRUE(strict->requires_keys());
    EXPECT_EQ(code_of(strict->admit(from("127.0.0.1"))), Code::unauthenticated);
    Credentials local = from("");
    local.local = true;
    const auto admission = strict->admit(local);
    ASSERT_TRUE(admission.has_value());
    EXPECT_EQ(admission->context.actor, "local");
    EXPECT_EQ(admission->rate.limit, 0);
}

TEST_F(GateTest, AKeyMakesItsContext) {
    const IssuedKey key = make_key({"guard:read"});
    const auto admission = knock(key.key);
    ASSERT_TRUE(admission.has_value());
    EXPECT_EQ(admission->context.tenant, "default");
    EXPECT_EQ(admission->context.actor, key.id.to_string());
    EXPECT_TRUE(admission->context.scopes.allow("guard:read"));
    EXPECT_FALSE(admission->context.scopes.allow("guard:write"));
}

TEST_F(GateTest, AWrongKeyIsRefusedEvenFromLoopbackAndTheCommandLine) {
    const std::string wrong = make_key_text(random_);
    for (const bool local : {false, true}) {
        Credentials credentials = from("127.0.0.1");
        credentials.bearer = wrong;
        credentials.local = local;
        EXPECT_EQ(code_of(gate_->admit(credentials)), Code::unauthenticated);
    }
}

TEST_F(GateTest, AllRefusalsReadTheSame) {
    const IssuedKey revoked = make_key({"*"});
    ASSERT_TRUE(keys_->revoke(local(), RevokeKey{revoked.id, {}}).has_value());
    CreateKey short_lived{"short", {"*"}, {}, kStartUs + kUsPerSecond, {}, {}};
    const auto expired = keys_->create(local(), short_lived);
    ASSERT_TRUE(expired.has_value());
    EXPECT_TRUE(knock(expired->key).has_value());
    clock_.advance_us(kUsPerSecond);
    for (const std::string& bearer :
         {std::string(), std::string("x"), make_key_text(random_), revoked.key, expired->key}) {
        const auto refused = knock(bearer);
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().code, Code::unauthenticated);
        EXPECT_EQ(refused.error().message, "a valid API key is required");
    }
}

TEST_F(GateTest, NamespacesMustExistAndMatch) {
    ASSERT_TRUE(namespaces_->create(local(), CreateNamespace{"lab", {}}).has_value());
    const IssuedKey free = make_key({"*"});
    EXPECT_EQ(knock(free.key)->context.name_space, "default");
    EXPECT_EQ(knock(free.key, "lab")->context.name_space, "lab");
    EXPECT_EQ(code_of(knock(free.key, "elsewhere")), Code::not_found);

    const auto bound = keys_->create(local(), CreateKey{"bound", {"*"}, "lab", {}, {}, {}});
    ASSERT_TRUE(bound.has_value());
    EXPECT_EQ(knock(bound->key)->context.name_space, "lab");
    EXPECT_EQ(knock(bound->key, "lab")->context.name_space, "lab");
    EXPECT_EQ(code_of(knock(bound->key, "default")), Code::forbidden);

    Credentials keyless = from("127.0.0.1");
    keyless.name_space = "lab";
    EXPECT_EQ(gate_->admit(keyless)->context.name_space, "lab");
    keyless.name_space = "elsewhere";
    EXPECT_EQ(code_of(gate_->admit(keyless)), Code::not_found);
}

TEST_F(GateTest, AnotherTenantsNamespaceIsUnknown) {
    ASSERT_TRUE(tenants_->create(local(), CreateTenant{"acme"}).has_value());
    ASSERT_TRUE(namespaces_->create(local(), CreateNamespace{"lab", {}}).has_value());
    const auto key = keys_->create(local(), CreateKey{"k", {"*"}, {}, {}, {}, "acme"});
    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(knock(key->key)->context.tenant, "acme");
    EXPECT_EQ(code_of(knock(key->key, "lab")), Code::not_found);
}

TEST_F(GateTest, AddressesAreLimitedAndRecover) {
    AccessSettings settings;
    settings.requests_per_second = 10;
    settings.burst = 3;
    const auto gate = gate_with(settings);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(gate->admit(from("127.0.0.1")).has_value());
    }
    const auto refused = gate->admit(from("127.0.0.1"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Code::exhausted);
    EXPECT_EQ(refused.error().retry_after_ms, 100);
    EXPECT_TRUE(gate->admit(from("::1")).has_value()) << "another address";
    clock_.advance_us(100'000);
    EXPECT_TRUE(gate->admit(from("127.0.0.1")).has_value());
}

TEST_F(GateTest, GuessingKeysIsLimitedToo) {
    AccessSettings settings;
    settings.requests_per_second = 2;
    const auto gate = gate_with(settings);
    Credentials guess = from("192.0.2.1");
    const std::string wrong = make_key_text(random_);
    guess.bearer = wrong;
    EXPECT_EQ(code_of(gate->admit(guess)), Code::unauthenticated);
    EXPECT_EQ(code_of(gate->admit(guess)), Code::unauthenticated);
    EXPECT_EQ(code_of(gate->admit(guess)), Code::exhausted);
}

TEST_F(GateTest, AKeyHasItsOwnLimitFromWhereverItIsUsed) {
    const auto key = keys_->create(local(), CreateKey{"slow", {"*"}, {}, {}, 2.0, {}});
    ASSERT_TRUE(key.has_value());
    Credentials credentials;
    credentials.bearer = key->key;
    credentials.address = "192.0.2.1";
    const auto first = gate_->admit(credentials);
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->rate.limit, 2) << "the key's limit is tighter than the address's";
    EXPECT_EQ(first->rate.remaining, 1);
    credentials.address = "192.0.2.2";
    EXPECT_TRUE(gate_->admit(credentials).has_value());
    credentials.address = "192.0.2.3";
    const auto refused = gate_->admit(credentials);
    EXPECT_EQ(code_of(refused), Code::exhausted);
    EXPECT_EQ(refused.error().retry_after_ms, 500);
}

TEST_F(GateTest, UnlimitedIsUnlimited) {
    AccessSettings settings;
    settings.requests_per_second = 0;
    const auto gate = gate_with(settings);
    for (int i = 0; i < 5000; ++i) {
        const auto admission = gate->admit(from("127.0.0.1"));
        ASSERT_TRUE(admission.has_value());
        ASSERT_EQ(admission->rate.limit, 0);
    }
}

TEST_F(GateTest, ChangesOfAnotherProcessAreTakenUp) {
    const auto other = gate_with(AccessSettings{});
    const IssuedKey key = make_key({"*"});
    Credentials credentials = from("192.0.2.1");
    credentials.bearer = key.key;
    EXPECT_EQ(code_of(other->admit(credentials)), Code::unauthenticated);
    ASSERT_TRUE(other->refresh().has_value());
    EXPECT_TRUE(other->admit(credentials).has_value());
    ASSERT_TRUE(keys_->revoke(local(), RevokeKey{key.id, {}}).has_value());
    EXPECT_TRUE(other->admit(credentials).has_value());
    ASSERT_TRUE(other->refresh().has_value());
    EXPECT_EQ(code_of(other->admit(credentials)), Code::unauthenticated);
}

TEST_F(GateTest, LetsCallersInWhileKeysChange) {
    const IssuedKey key = make_key({"*"});
    std::atomic<bool> stop = false;
    std::atomic<int> refused = 0;
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
        callers.emplace_back([&, i] {
            const std::string address = "127.0.0." + std::to_string(i + 1);
            Credentials credentials = from(address);
            credentials.bearer = key.key;
            credentials.local = true;
            while (!stop) {
                refused += gate_->admit(credentials).has_value() ? 0 : 1;
            }
        });
    }
    for (int i = 0; i < 20; ++i) {
        make_key({"guard:read"});
    }
    stop = true;
    for (std::thread& caller : callers) {
        caller.join();
    }
    EXPECT_EQ(refused, 0);
}

TEST_F(GateTest, CountsWhatItRefuses) {
    EXPECT_FALSE(gate_->admit(from("192.0.2.1")).has_value());
    EXPECT_EQ(metrics_
                  .counter("credence_access_refused_total", "Requests the gate refused",
                           {{"reason", "unauthenticated"}})
                  .value(),
              1U);
}

}  // namespace
}  // namespace credence::access
