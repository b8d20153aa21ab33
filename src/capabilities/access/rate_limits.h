// Token buckets by the thousand: one per caller, in bounded memory.
//
// The buckets lie in shards with a mutex each, so threads seldom meet. A full shard forgets the
// bucket that was idle longest; a bucket that comes back starts full. Forgetting a bucket before it
// has refilled takes more callers than `max_tracked` within its refill time. Thread-safe; about
// 100 ns a call; allocates only for a caller not seen before.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include "api/gatekeeper.h"
#include "base/random.h"
#include "base/token_bucket.h"

namespace credence::access {

// An address, or a key's id.
using CallerKey = std::array<std::uint8_t, 16>;

// IPv4 as ::ffff:a.b.c.d; IPv6 cut to its /64, since one subscriber holds a whole /64; what is
// neither shares one bucket.
CallerKey caller_of_address(std::string_view address);

struct Limit {
    double per_second = 0;  // 0: unlimited
    double burst = 1;       // at least 1
};

struct Charge {
    bool granted = true;
    RateState state;
    std::int64_t retry_after_ms = 0;  // when not granted
};

class RateLimits {
public:
    static constexpr std::size_t kShards = 64;

    // Tracks at most max_tracked callers, rounded to kShards (at least one each).
    RateLimits(std::int64_t max_tracked, Random& random);

    // Takes one token from the caller's bucket. A caller's limit must not change.
    Charge take(const CallerKey& caller, const Limit& limit, std::int64_t steady_us);

    std::size_t tracked() const;

private:
    using Seed = std::array<std::uint8_t, 16>;
    // Seeded, so that nobody can choose addresses that collide.
    struct Hash {
        Seed seed;
        std::size_t operator()(const CallerKey& caller) const;
    };
    struct Entry {
        CallerKey caller;
        TokenBucket bucket;
    };
    using Entries = std::list<Entry>;  // the most recently used first
    struct alignas(64) Shard {
        mutable std::mutex mutex;
        Entries entries;
        std::unordered_map<CallerKey, Entries::iterator, Hash> by_caller;
    };

    TokenBucket& bucket_of(Shard& shard, const CallerKey& caller, const Limit& limit,
                           std::int64_t steady_us);

    const std::size_t max_per_shard_;
    Hash hash_;
    std::array<Shard, kShards> shards_;
};

}  // namespace credence::access
