#include "capabilities/access/issuer_keys.h"

#include <simdjson.h>

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/net/client.h"

namespace credence::access {
namespace {

constexpr std::string_view kOauthMetadata = "oauth-authorization-server";
constexpr std::string_view kOpenidMetadata = "/.well-known/openid-configuration";
constexpr std::int64_t kFirstRetryMs = 1'000;
constexpr std::int64_t kMaxDoublings = 20;

IssuerKeys::Fetch by_http(std::int64_t timeout_ms) {
    return [timeout_ms](const std::string& url) -> Result<std::string> {
        net::ClientRequest request;
        request.url = url;
        request.headers = {"Accept: application/json"};
        request.timeout_ms = timeout_ms;
        request.max_response_bytes = IssuerKeys::kMaxDocumentBytes;
        net::ClientResponse response = TRY(net::perform(request));
        if (response.status != 200) {
            return fail(Code::unavailable,
                        "the issuer answered " + std::to_string(response.status) + " for " + url);
        }
        return std::move(response.body);
    };
}

Result<std::string> metadata_text(const simdjson::dom::element& document, const char* name) {
    std::string_view text;
    if (document[name].get_string().get(text) != simdjson::SUCCESS) {
        return fail(Code::invalid, "the issuer's metadata has no " + std::string(name));
    }
    return std::string(text);
}

}  // namespace

IssuerKeys::IssuerKeys(const OauthSettings& settings, const Clock& clock, Metrics& metrics,
                       Fetch fetch)
    : settings_(settings),
      clock_(clock),
      fetch_(fetch ? std::move(fetch) : by_http(settings.timeout_ms)),
      age_s_(metrics.gauge("credence_oauth_jwks_age_seconds",
                           "Since the issuer's signing keys were last confirmed; without any, "
                           "since the start")),
      refreshed_(metrics.counter("credence_oauth_jwks_refreshes_total",
                                 "Attempts to fetch the issuer's signing keys",
                                 {{"outcome", "ok"}})),
      failed_(metrics.counter("credence_oauth_jwks_refreshes_total",
                              "Attempts to fetch the issuer's signing keys",
                              {{"outcome", "failed"}})),
      started_us_(clock.steady_us()),
      loaded_(std::make_shared<const Loaded>()) {}

bool IssuerKeys::is_due(std::int64_t now_us) const {
    const auto loaded = loaded_.get();
    std::int64_t wait_ms = settings_.min_refresh_ms;
    if (loaded->keys == nullptr && attempts_ > 0) {
        const std::int64_t doublings = std::min(attempts_ - 1, kMaxDoublings);
        wait_ms = std::min(wait_ms, kFirstRetryMs << doublings);
    }
    if (attempts_ > 0 && now_us - attempted_us_ < wait_ms * kUsPerMs) {
        return false;
    }
    return loaded->keys == nullptr || wanted_.load(std::memory_order_relaxed) ||
           now_us - loaded->steady_us >= settings_.refresh_ms * kUsPerMs;
}

Result<void> IssuerKeys::refresh_if_due() {
    const std::unique_lock lock(refresh_mutex_, std::try_to_lock);
    if (!lock.owns_lock()) {
        return {};
    }
    const std::int64_t now_us = clock_.steady_us();
    Result<void> done;
    if (is_due(now_us)) {
        attempted_us_ = now_us;
        ++attempts_;
        wanted_.store(false, std::memory_order_relaxed);
        done = load();
        (done ? refreshed_ : failed_).add();
    }
    const auto loaded = loaded_.get();
    const std::int64_t since_us = loaded->keys != nullptr ? loaded->steady_us : started_us_;
    age_s_.set((clock_.steady_us() - since_us) / kUsPerSecond);
    return done;
}

Result<void> IssuerKeys::load() {
    std::string text = TRY(read_keys());
    const auto before = loaded_.get();
    auto next = std::make_shared<Loaded>(*before);
    next->steady_us = clock_.steady_us();
    if (before->keys == nullptr || text != text_) {
        JwkSet keys = TRY(JwkSet::parse(text));
        next->keys = std::make_shared<const JwkSet>(std::move(keys));
        ++next->generation;
        text_ = std::move(text);
        log::info("issuer keys loaded",
                  {{"issuer", settings_.issuer}, {"keys", next->keys->size()}});
    }
    loaded_.set(std::move(next));
    return {};
}

Result<std::string> IssuerKeys::read_keys() {
    if (!settings_.jwks_file.empty()) {
        return read_file(settings_.jwks_file, kMaxDocumentBytes);
    }
    if (!settings_.jwks_uri.empty()) {
        return fetch_(settings_.jwks_uri);
    }
    return fetch_(TRY(find_jwks_uri()));
}

// RFC 8414 first, OpenID Connect Discovery 1.0 where that is all the issuer has.
Result<std::string> IssuerKeys::find_jwks_uri() {
    auto found = jwks_uri_in(well_known_url(settings_.issuer, kOauthMetadata));
    if (found) {
        return found;
    }
    std::string_view issuer = settings_.issuer;
    if (issuer.ends_with('/')) {
        issuer.remove_suffix(1);
    }
    auto fallback = jwks_uri_in(std::string(issuer).append(kOpenidMetadata));
    return fallback ? std::move(fallback) : std::move(found);
}

Result<std::string> IssuerKeys::jwks_uri_in(const std::string& metadata_url) {
    const std::string text = TRY(fetch_(metadata_url));
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (parser.parse(text).get(document) != simdjson::SUCCESS) {
        return fail(Code::invalid, "the issuer's metadata is not JSON");
    }
    // RFC 8414 section 3.3: or another issuer could speak for this one.
    if (TRY(metadata_text(document, "issuer")) != settings_.issuer) {
        return fail(Code::invalid, "the issuer's metadata is of another issuer");
    }
    std::string uri = TRY(metadata_text(document, "jwks_uri"));
    if (!is_trustworthy_url(uri, true)) {
        return fail(Code::invalid, "the issuer's jwks_uri is not an https:// address");
    }
    return uri;
}

}  // namespace credence::access
