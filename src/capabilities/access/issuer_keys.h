// The issuer's signing keys, kept fresh: found by its metadata, fetched on a schedule, and sooner
// when a token names a key not seen before.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "capabilities/access/jwk_set.h"
#include "capabilities/access/oauth_settings.h"

namespace credence::access {

// Thread-safe. current() and want() neither block nor reach the network: for I/O threads.
// refresh_if_due() may take several timeouts: for a schedule.
class IssuerKeys {
public:
    static constexpr std::size_t kMaxDocumentBytes = 256 * 1024;  // metadata, and keys

    // The body of a document found at a URL.
    using Fetch = std::function<Result<std::string>(const std::string& url)>;

    struct Loaded {
        std::shared_ptr<const JwkSet> keys;  // null: none yet
        std::int64_t generation = 0;         // grows when the keys differ
        std::int64_t steady_us = 0;          // when they were last confirmed
    };

    // `fetch` empty: by HTTP, no redirects, status 200 only.
    IssuerKeys(const OauthSettings& settings, const Clock& clock, Metrics& metrics,
               Fetch fetch = {});

    // Never null.
    std::shared_ptr<const Loaded> current() const { return loaded_.get(); }
    // A token named a key that is not here: look for it at the next chance.
    void want() { wanted_.store(true, std::memory_order_relaxed); }

    // Fetches when the keys are older than refresh_ms, or wanted; never two at once and never
    // sooner than min_refresh_ms after the last attempt, save that attempts begin at one second
    // apart while there are no keys at all. A failure keeps the old keys and is returned.
    Result<void> refresh_if_due();

private:
    bool is_due(std::int64_t now_us) const;
    Result<void> load();
    Result<std::string> read_keys();
    Result<std::string> find_jwks_uri();
    Result<std::string> jwks_uri_in(const std::string& metadata_url);

    const OauthSettings settings_;
    const Clock& clock_;
    const Fetch fetch_;
    Gauge& age_s_;
    Counter& refreshed_;
    Counter& failed_;
    const std::int64_t started_us_;
    Snapshot<Loaded> loaded_;
    std::atomic<bool> wanted_{false};

    std::mutex refresh_mutex_;  // guards what follows
    std::int64_t attempted_us_ = 0;
    std::int64_t attempts_ = 0;
    std::string text_;  // of the keys in loaded_
};

}  // namespace credence::access
