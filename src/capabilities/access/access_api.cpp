#include <memory>
#include <string>
#include <vector>

#include "capabilities/access/access.h"
#include "capabilities/access/access_gate.h"
#include "capabilities/access/audit.h"
#include "capabilities/access/issuer_keys.h"
#include "capabilities/access/keys.h"
#include "capabilities/access/namespaces.h"
#include "capabilities/access/oauth_settings.h"
#include "capabilities/access/tenants.h"
#include "capabilities/access/token_verifier.h"

namespace credence::access {
namespace {

constexpr std::int64_t kVerifyTimeoutMs = 300'000;
// How soon the schedule takes up that signing keys are wanted; mostly it finds nothing to do.
constexpr std::int64_t kIssuerKeysTickMs = 250;

void serve_tenants(Host& host, const AccessParts& parts, Gate& gate) {
    auto& tenants = host.keep(std::make_unique<Tenants>(parts, gate));
    host.serve<&Tenants::create>(tenants, "Create a tenant with its namespace default")
        .post("/v1/tenants")
        .needs("tenants:write")
        .positional("tenant");
    host.serve<&Tenants::list>(tenants, "List tenants: all for an operator, else your own")
        .get("/v1/tenants")
        .needs("tenants:read");

    auto& namespaces = host.keep(std::make_unique<Namespaces>(parts, gate));
    host.serve<&Namespaces::create>(namespaces, "Create a namespace")
        .post("/v1/namespaces")
        .needs("namespaces:write")
        .positional("name");
    host.serve<&Namespaces::list>(namespaces, "List namespaces")
        .get("/v1/namespaces")
        .needs("namespaces:read");
    host.serve<&Namespaces::remove>(namespaces, "Remove a namespace no live key is bound to")
        .del("/v1/namespaces/{name}")
        .needs("namespaces:write")
        .positional("name");
}

void serve_keys(Host& host, const AccessParts& parts, Gate& gate) {
    auto& keys = host.keep(std::make_unique<Keys>(parts, gate));
    host.serve<&Keys::create>(keys, "Create an API key; its secret is shown this once")
        .post("/v1/keys")
        .needs("keys:write")
        .positional("name");
    host.serve<&Keys::list>(keys, "List API keys, without their secrets")
        .get("/v1/keys")
        .needs("keys:read");
    host.serve<&Keys::rotate>(keys, "Give a key a new secret, shown this once")
        .post("/v1/keys/{key_id}/rotation")
        .needs("keys:write")
        .positional("key_id");
    host.serve<&Keys::revoke>(keys, "Revoke a key")
        .del("/v1/keys/{key_id}")
        .needs("keys:write")
        .positional("key_id");
}

void serve_audit(Host& host, const AccessParts& parts) {
    auto& audit = host.keep(std::make_unique<Audit>(parts, host.chains()));
    host.use(audit);
    host.serve<&Audit::verify>(
            audit, "Check that no entry of audit and trust was changed, removed or added")
        .get("/v1/audit/verification")
        .needs("audit:read")
        .within_ms(kVerifyTimeoutMs)
        .describe(
            "Walks the tenant's hash chains. A broken chain is answered with the error `conflict`, "
            "which names the first broken entry; the command line exits non-zero.");
    host.serve<&Audit::list>(audit, "List audit entries, newest first")
        .get("/v1/audit")
        .needs("audit:read")
        .resource("credence://audit");
}

// Every scope that an operation or a feed asks for.
std::vector<std::string> scopes_of(Host& host) {
    std::vector<std::string> scopes = {"system:read"};  // of /metrics, which is no operation
    for (const Operation& operation : host.catalog().operations()) {
        scopes.push_back(operation.scope);
    }
    for (const LiveFeed& feed : host.feeds()) {
        scopes.push_back(feed.scope);
    }
    return scopes;
}

// Null when OAuth is off.
Result<TokenVerifier*> make_verifier(Host& host) {
    const auto settings = TRY(host.settings<OauthSettings>("oauth"));
    TRY(check_oauth(settings));
    host.provide(host.keep(std::make_unique<ProtectedResource>(protected_resource(settings))));
    if (!settings.enabled()) {
        return nullptr;
    }
    auto& keys = host.keep(std::make_unique<IssuerKeys>(settings, host.clock(), host.metrics()));
    auto& verifier =
        host.keep(std::make_unique<TokenVerifier>(settings, keys, host.clock(), host.metrics()));
    host.on_start([&host, &verifier]() -> Result<void> {
        verifier.know_scopes(scopes_of(host));
        return {};
    });
    // Not at start: a silent issuer must not keep the server, or a command, from starting.
    host.every(
        {"access.issuer_keys", kIssuerKeysTickMs, [&keys] { return keys.refresh_if_due(); }});
    return &verifier;
}

}  // namespace

void describe(Describe<AccessSettings>& d) {
    d.field<&AccessSettings::require_keys>(
         "Refuse callers without an API key also from loopback; set it behind a reverse proxy")
        .or_default();
    d.field<&AccessSettings::requests_per_second>(
         "Rate limit of each address, and of each key without its own; 0: unlimited")
        .between(0, 1e9)
        .or_default();
    d.field<&AccessSettings::burst>(
         "Requests that may come at once; 0: as many as requests_per_second")
        .between(0, 1e9)
        .or_default();
    d.field<&AccessSettings::max_tracked_addresses>(
         "Addresses whose rate is remembered; the longest idle is forgotten first")
        .between(64, 10'000'000)
        .or_default();
    d.field<&AccessSettings::refresh_ms>("How often keys changed by another process are looked for")
        .between(10, 60'000)
        .or_default();
}

Result<void> install(Host& host) {
    const auto settings = TRY(host.settings<AccessSettings>("access"));
    const AccessParts parts{host.database(), host.clock(), host.random(), host.ids(),
                            host.metrics()};
    TokenVerifier* const tokens = TRY(make_verifier(host));
    auto& gate = host.keep(std::make_unique<Gate>(parts, settings, tokens));
    host.use(gate);
    host.on_start([&gate] { return gate.refresh(); });
    host.every({"access.refresh", settings.refresh_ms, [&gate] { return gate.refresh(); }});
    serve_tenants(host, parts, gate);
    serve_keys(host, parts, gate);
    serve_audit(host, parts);
    return {};
}

}  // namespace credence::access
