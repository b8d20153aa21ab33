// The fields of every request, response and event of this module.
#include "base/hash_chain.h"
#include "capabilities/access/audit.h"
#include "capabilities/access/keys.h"
#include "capabilities/access/names.h"
#include "capabilities/access/namespaces.h"
#include "capabilities/access/tenants.h"

namespace credence::access {
namespace {

constexpr const char* kTenantDoc = "Another tenant than your own; for operators only";
constexpr double kMaxTimeUs = 4e18;
constexpr double kMinRate = 0.001;
constexpr double kMaxRate = 1e9;
constexpr int kMaxPage = 1000;
constexpr std::size_t kMaxKeyName = 200;
constexpr std::size_t kMaxFilter = 200;

}  // namespace

void describe(Describe<Tenant>& d) {
    d.field<&Tenant::tenant>("The tenant's name");
    d.field<&Tenant::created_at_us>("0: came with the installation");
    d.field<&Tenant::created_by>("Key id of who created it, or local or system");
}

void describe(Describe<CreateTenant>& d) {
    d.field<&CreateTenant::tenant>("1 to 63 of a-z, 0-9, _ and -")
        .length(1, kMaxNameBytes)
        .example("\"acme\"");
}

void describe(Describe<ListTenants>& d) {
    d.field<&ListTenants::after>("The `next` of the page before")
        .length(0, kMaxNameBytes)
        .or_default();
    d.field<&ListTenants::limit>("At most this many").between(1, kMaxPage).or_default();
}

void describe(Describe<TenantPage>& d) {
    d.field<&TenantPage::tenants>("By name");
    d.field<&TenantPage::next>("Give it as `after` for the next page; absent at the end");
}

void describe(Describe<TenantCreated>& d) {
    d.field<&TenantCreated::tenant>("The new tenant");
}

void describe(Describe<Namespace>& d) {
    d.field<&Namespace::name>("The namespace's name");
    d.field<&Namespace::created_at_us>("0: came with the installation");
    d.field<&Namespace::created_by>("Key id of who created it, or local or system");
}

void describe(Describe<CreateNamespace>& d) {
    d.field<&CreateNamespace::name>("1 to 63 of a-z, 0-9, _ and -")
        .length(1, kMaxNameBytes)
        .example("\"research\"");
    d.field<&CreateNamespace::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<ListNamespaces>& d) {
    d.field<&ListNamespaces::after>("The `next` of the page before")
        .length(0, kMaxNameBytes)
        .or_default();
    d.field<&ListNamespaces::limit>("At most this many").between(1, kMaxPage).or_default();
    d.field<&ListNamespaces::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<NamespacePage>& d) {
    d.field<&NamespacePage::namespaces>("By name");
    d.field<&NamespacePage::next>("Give it as `after` for the next page; absent at the end");
}

void describe(Describe<RemoveNamespace>& d) {
    d.field<&RemoveNamespace::name>("Namespace to remove").length(1, kMaxNameBytes);
    d.field<&RemoveNamespace::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<NamespaceCreated>& d) {
    d.field<&NamespaceCreated::name>("The new namespace");
}

void describe(Describe<NamespaceRemoved>& d) {
    d.field<&NamespaceRemoved::name>("The namespace that is gone");
}

void describe(Describe<Key>& d) {
    d.field<&Key::id>("Names the key everywhere but in the Authorization header");
    d.field<&Key::name>("What its owner calls it");
    d.field<&Key::name_space>("It works in this namespace only; absent: in all of the tenant");
    d.field<&Key::scopes>("What it may do");
    d.field<&Key::prefix>("The first characters of the secret, for recognition");
    d.field<&Key::requests_per_second>("Its own rate limit; absent: the server's");
    d.field<&Key::created_at_us>("When it was created");
    d.field<&Key::created_by>("Key id of who created it, or local");
    d.field<&Key::expires_at_us>("When it ends by itself");
    d.field<&Key::rotated_at_us>("When its secret was last replaced");
    d.field<&Key::revoked_at_us>("When it was revoked");
}

void describe(Describe<CreateKey>& d) {
    d.field<&CreateKey::name>("What you call it").length(1, kMaxKeyName).example("\"ci\"");
    d.field<&CreateKey::scopes>(
         "What it may do: `module:verb`, `module:*` or `*`; only what you may")
        .length(1, kMaxScopes)
        .example(R"(["guard:read"])");
    d.field<&CreateKey::name_space>("Let it work in this namespace only").length(1, kMaxNameBytes);
    d.field<&CreateKey::expires_at_us>("When it shall end by itself").between(1, kMaxTimeUs);
    d.field<&CreateKey::requests_per_second>("Its own rate limit, saved up for one second")
        .between(kMinRate, kMaxRate);
    d.field<&CreateKey::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<IssuedKey>& d) {
    d.field<&IssuedKey::id>("Names the key everywhere but in the Authorization header");
    d.field<&IssuedKey::key>("The secret, for `Authorization: Bearer`; never shown again");
    d.field<&IssuedKey::prefix>("Its first characters, for recognition");
    d.field<&IssuedKey::tenant>("Whose key it is");
    d.field<&IssuedKey::name>("What its owner calls it");
    d.field<&IssuedKey::scopes>("What it may do");
    d.field<&IssuedKey::name_space>("It works in this namespace only");
    d.field<&IssuedKey::expires_at_us>("When it ends by itself");
    d.field<&IssuedKey::old_key_until_us>("After a rotation with grace: the old secret's end");
}

void describe(Describe<ListKeys>& d) {
    d.field<&ListKeys::after>("The `next` of the page before");
    d.field<&ListKeys::limit>("At most this many").between(1, kMaxPage).or_default();
    d.field<&ListKeys::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<KeyPage>& d) {
    d.field<&KeyPage::keys>("Oldest first");
    d.field<&KeyPage::next>("Give it as `after` for the next page; absent at the end");
}

void describe(Describe<RotateKey>& d) {
    d.field<&RotateKey::key_id>("Key to rotate");
    d.field<&RotateKey::grace_ms>("How long the old secret stays valid too")
        .between(0, static_cast<double>(Keys::kMaxGraceMs))
        .or_default();
    d.field<&RotateKey::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<RevokeKey>& d) {
    d.field<&RevokeKey::key_id>("Key to revoke");
    d.field<&RevokeKey::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<KeyCreated>& d) {
    d.field<&KeyCreated::id>("The new key");
    d.field<&KeyCreated::name>("What its owner calls it");
}

void describe(Describe<KeyRotated>& d) {
    d.field<&KeyRotated::id>("The key with a new secret");
}

void describe(Describe<KeyRevoked>& d) {
    d.field<&KeyRevoked::id>("The key that ended");
}

void describe(Describe<AuditRecord>& d) {
    d.field<&AuditRecord::seq>("Place in the tenant's chain: 1, 2, 3, …");
    d.field<&AuditRecord::at_us>("When it was recorded");
    d.field<&AuditRecord::actor>("Key id of who called, or local or system");
    d.field<&AuditRecord::name_space>("In which namespace");
    d.field<&AuditRecord::operation>("What was called");
    d.field<&AuditRecord::outcome>("ok, or the error code");
    d.field<&AuditRecord::request_digest>("SHA-256 of the request, which may hold secrets");
    d.field<&AuditRecord::request_id>("As in the log");
    d.field<&AuditRecord::surface>("http, mcp, cli, job or internal");
    d.field<&AuditRecord::previous_hash>("Hash of the entry before; zeros for the first");
    d.field<&AuditRecord::hash>("SHA-256 over all of the above and the tenant");
}

void describe(Describe<VerifyAudit>& d) {
    d.field<&VerifyAudit::anchor>("A `head_hash` noted earlier, which the chain must still contain")
        .length(kHashDigits, kHashDigits);
    d.field<&VerifyAudit::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<AuditedChain>& d) {
    d.field<&AuditedChain::name>("Whose: trust, …");
    d.field<&AuditedChain::entries>("Entries in the chain");
    d.field<&AuditedChain::head_hash>("Hash of the newest");
}

void describe(Describe<AuditReport>& d) {
    d.field<&AuditReport::intact>("True: a broken chain is an error instead");
    d.field<&AuditReport::entries>("Entries in the chain");
    d.field<&AuditReport::head_hash>("Hash of the newest; note it elsewhere as an anchor");
    d.field<&AuditReport::chains>("The chains of other modules, verified with it");
}

void describe(Describe<ListAudit>& d) {
    d.field<&ListAudit::limit>("At most this many").between(1, kMaxPage).or_default();
    d.field<&ListAudit::before_seq>("The `next_before_seq` of the page before")
        .between(1, kMaxTimeUs);
    d.field<&ListAudit::actor>("Only of this caller").length(1, kMaxFilter);
    d.field<&ListAudit::operation>("Only of this operation").length(1, kMaxFilter);
    d.field<&ListAudit::outcome>("Only with this outcome").length(1, kMaxFilter);
    d.field<&ListAudit::tenant>(kTenantDoc).length(1, kMaxNameBytes);
}

void describe(Describe<AuditPage>& d) {
    d.field<&AuditPage::entries>("Newest first");
    d.field<&AuditPage::next_before_seq>("Give it as `before_seq` for the next page");
}

}  // namespace credence::access
