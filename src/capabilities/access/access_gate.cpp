#include "capabilities/access/access_gate.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "capabilities/access/access_rows.h"
#include "capabilities/access/key_text.h"
#include "capabilities/access/names.h"
#include "capabilities/access/token_verifier.h"

namespace credence::access {
namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

// The digest is random already: its first bytes are a good hash.
struct DigestHash {
    std::size_t operator()(const KeyDigest& digest) const {
        std::size_t value = 0;
        std::memcpy(&value, digest.data(), sizeof value);
        return value;
    }
};

struct DigestEqual {
    bool operator()(const KeyDigest& a, const KeyDigest& b) const { return equal(a, b); }
};

Limit make_limit(double per_second, std::int64_t burst) {
    const double saved = burst > 0 ? static_cast<double>(burst) : per_second;
    return Limit{per_second, std::max(1.0, saved)};
}

// Keeps the state of the limit that leaves the fewest calls.
Result<void> settle(const Charge& charge, RateState& tightest) {
    if (!charge.granted) {
        auto refused = fail(Code::exhausted, "too many requests");
        refused.error().retry_after_ms = charge.retry_after_ms;
        return refused;
    }
    const bool first = tightest.limit == 0;
    if (charge.state.limit != 0 && (first || charge.state.remaining < tightest.remaining)) {
        tightest = charge.state;
    }
    return {};
}

}  // namespace

struct Gate::KeyRecord {
    std::string tenant;
    std::string id_text;
    CallerKey caller{};
    std::string name_space;  // empty: any of the tenant
    Scopes scopes;
    double requests_per_second = 0;  // 0: the server's default
};

struct Gate::Known {
    struct Accepted {
        std::size_t key = 0;  // index into keys
        std::int64_t until_us = kForever;
    };
    std::int64_t generation = -1;  // below any stored one
    std::vector<KeyRecord> keys;
    std::unordered_map<KeyDigest, Accepted, DigestHash, DigestEqual> by_digest;
    std::unordered_map<std::string, std::set<std::string, std::less<>>> namespaces;  // by tenant

    bool has_tenant(const std::string& tenant) const {
        return tenant == kDefaultName || namespaces.contains(tenant);
    }

    bool has_namespace(const std::string& tenant, std::string_view name) const {
        if (name == kDefaultName) {
            return true;  // every tenant has it
        }
        const auto found = namespaces.find(tenant);
        return found != namespaces.end() && found->second.contains(name);
    }

    Result<void> add(const rows::LiveKey& row);
};

Result<void> Gate::Known::add(const rows::LiveKey& row) {
    const auto digest = parse_digest(row.hash);
    if (!digest) {
        return fail(Code::internal, "the hash of a stored key is damaged");
    }
    const std::int64_t until_us = row.expires_at_us.value_or(kForever);
    by_digest[*digest] = Accepted{keys.size(), until_us};
    if (row.previous_hash && row.previous_until_us) {
        if (const auto previous = parse_digest(*row.previous_hash)) {
            by_digest[*previous] =
                Accepted{keys.size(), std::min(until_us, *row.previous_until_us)};
        }
    }
    keys.push_back(KeyRecord{row.tenant, row.id.to_string(), row.id.bytes(),
                             row.name_space.value_or(""), Scopes(row.scopes),
                             row.requests_per_second.value_or(0)});
    return {};
}

Gate::Gate(const AccessParts& parts, const AccessSettings& settings, TokenVerifier* tokens)
    : parts_(parts),
      settings_(settings),
      tokens_(tokens),
      default_limit_(make_limit(settings.requests_per_second, settings.burst)),
      addresses_(settings.max_tracked_addresses, parts.random),
      keys_(Keys::kMaxLiveKeys, parts.random),
      refusals_{parts_.metrics.counter("credence_access_refused_total", "Requests the gate refused",
                                       {{"reason", "unauthenticated"}}),
                parts_.metrics.counter("credence_access_refused_total", "Requests the gate refused",
                                       {{"reason", "forbidden"}}),
                parts_.metrics.counter("credence_access_refused_total", "Requests the gate refused",
                                       {{"reason", "exhausted"}}),
                parts_.metrics.counter("credence_access_refused_total", "Requests the gate refused",
                                       {{"reason", "unavailable"}})},
      known_(std::make_shared<const Known>()) {
    // Chooses the processor's fastest BLAKE2b; idempotent.
    CHECK(sodium_init() >= 0, "libsodium does not start");
}

Gate::~Gate() = default;

Result<Admission> Gate::admit(const Credentials& credentials) {
    auto admission = decide(credentials);
    if (!admission) {
        switch (admission.error().code) {
            case Code::unauthenticated:
                refusals_.unauthenticated.add();
                break;
            case Code::exhausted:
                refusals_.exhausted.add();
                break;
            case Code::unavailable:
                refusals_.unavailable.add();
                break;
            default:
                refusals_.forbidden.add();
                break;
        }
    }
    return admission;
}

Result<Admission> Gate::decide(const Credentials& credentials) {
    Result<Admission> admission;
    admission->context.surface = credentials.surface;
    if (!credentials.local && default_limit_.per_second > 0) {
        const CallerKey caller = caller_of_address(credentials.address);
        TRY(settle(addresses_.take(caller, default_limit_, parts_.clock.steady_us()),
                   admission->rate));
    }
    if (credentials.bearer.empty()) {
        TRY(admit_without_key(credentials, *admission));
    } else if (tokens_ != nullptr && is_jwt_shaped(credentials.bearer)) {
        TRY(admit_with_token(credentials, *admission));
    } else {
        TRY(admit_with_key(credentials, *admission));
    }
    return admission;
}

// One text for every way of failing, so that none of them can be told apart.
std::unexpected<Error> Gate::unauthenticated() const {
    return fail(Code::unauthenticated, tokens_ != nullptr
                                           ? "a valid API key or access token is required"
                                           : "a valid API key is required");
}

// The context already names the tenant, namespace and actor of a caller without a key.
Result<void> Gate::admit_without_key(const Credentials& credentials, Admission& admission) const {
    const bool open = !requires_keys() && is_loopback(credentials.address);
    if (!credentials.local && !open) {
        return unauthenticated();
    }
    Context& context = admission.context;
    if (!credentials.name_space.empty() && credentials.name_space != kDefaultName) {
        if (!known_.get()->has_namespace(context.tenant, credentials.name_space)) {
            return fail(Code::not_found, "no such namespace", "name_space");
        }
        context.name_space = credentials.name_space;
    }
    context.scopes = Scopes::all();
    return {};
}

Result<void> Gate::admit_with_key(const Credentials& credentials, Admission& admission) {
    const auto digest = digest_of_key(credentials.bearer);
    if (!digest) {
        return unauthenticated();
    }
    const auto known = known_.get();
    const auto accepted = known->by_digest.find(*digest);
    if (accepted == known->by_digest.end() || parts_.clock.now_us() >= accepted->second.until_us) {
        return unauthenticated();
    }
    const KeyRecord& key = known->keys[accepted->second.key];
    if (const Limit limit = limit_of(key); !credentials.local && limit.per_second > 0) {
        TRY(settle(keys_.take(key.caller, limit, parts_.clock.steady_us()), admission.rate));
    }
    const std::string_view asked = credentials.name_space;
    if (!key.name_space.empty() && !asked.empty() && asked != key.name_space) {
        return fail(Code::forbidden, "your key works in another namespace only", "name_space");
    }
    if (!asked.empty() && !known->has_namespace(key.tenant, asked)) {
        return fail(Code::not_found, "no such namespace", "name_space");
    }
    Context& context = admission.context;
    context.tenant = key.tenant;
    context.actor = key.id_text;
    context.scopes = key.scopes;
    if (!key.name_space.empty()) {
        context.name_space = key.name_space;
    } else if (!asked.empty()) {
        context.name_space = asked;
    }
    return {};
}

Result<void> Gate::admit_with_token(const Credentials& credentials, Admission& admission) {
    const auto identity = TRY(tokens_->verify(credentials.bearer));
    if (!credentials.local && default_limit_.per_second > 0) {
        TRY(settle(keys_.take(identity->caller, default_limit_, parts_.clock.steady_us()),
                   admission.rate));
    }
    const auto known = known_.get();
    if (!known->has_tenant(identity->tenant)) {
        return fail(Code::forbidden, "the access token's tenant does not exist here");
    }
    const std::string_view asked = credentials.name_space;
    if (!asked.empty() && !known->has_namespace(identity->tenant, asked)) {
        return fail(Code::not_found, "no such namespace", "name_space");
    }
    Context& context = admission.context;
    context.tenant = identity->tenant;
    context.actor = identity->actor;
    context.scopes = identity->scopes;
    if (!asked.empty()) {
        context.name_space = asked;
    }
    return {};
}

Limit Gate::limit_of(const KeyRecord& key) const {
    return key.requests_per_second > 0 ? make_limit(key.requests_per_second, 0) : default_limit_;
}

Result<void> Gate::refresh() {
    const std::int64_t current = known_.get()->generation;
    const std::int64_t now_us = parts_.clock.now_us();
    auto next = std::make_shared<Known>();
    const bool changed = TRY(parts_.database.read([&](store::Tx& tx) -> Result<bool> {
        *next = Known{};
        next->generation = TRY(rows::generation(tx));
        if (next->generation == current) {
            return false;
        }
        for (const rows::LiveKey& row : TRY(rows::live_keys(tx, now_us))) {
            TRY(next->add(row));
        }
        for (rows::TenantNamespace& row : TRY(rows::all_namespaces(tx))) {
            next->namespaces[row.tenant].insert(std::move(row.name));
        }
        return true;
    }));
    if (!changed) {
        return {};
    }
    log::info("keys loaded", {{"generation", next->generation}, {"keys", std::ssize(next->keys)}});
    const std::scoped_lock lock(install_mutex_);
    if (next->generation > known_.get()->generation) {
        known_.set(std::move(next));
    }
    return {};
}

void Gate::refresh_or_log() {
    if (const auto refreshed = refresh(); !refreshed) {
        log::warning("keys not loaded", {{"reason", refreshed.error().message}});
    }
}

bool is_loopback(std::string_view address) {
    const CallerKey caller = caller_of_address(address);
    const bool ipv4 = caller[10] == 0xff && caller[11] == 0xff;
    return address == "::1" || (ipv4 && caller[12] == 127);
}

}  // namespace credence::access
