#include "capabilities/access/rate_limits.h"

#include <arpa/inet.h>
#include <sodium.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/units.h"

namespace credence::access {
namespace {

constexpr std::size_t kMaxAddressBytes = 45;  // the longest text of an IPv6 address
constexpr std::size_t kSubscriberBytes = 8;   // a /64
constexpr double kMaxResetS = 86'400;

bool is_mapped(const CallerKey& address) {
    return std::all_of(address.begin(), address.begin() + 10, [](auto b) { return b == 0; }) &&
           address[10] == 0xff && address[11] == 0xff;
}

std::size_t per_shard(std::int64_t max_tracked) {
    const auto shards = static_cast<std::int64_t>(RateLimits::kShards);
    return static_cast<std::size_t>(std::max<std::int64_t>(1, max_tracked / shards));
}

RateState state_of(const TokenBucket& bucket, const Limit& limit) {
    RateState state;
    state.limit = static_cast<std::int64_t>(std::max(1.0, limit.per_second));
    state.remaining = std::min(bucket.remaining(), state.limit);
    const double missing = limit.burst - static_cast<double>(bucket.remaining());
    const double reset_s = std::ceil(std::max(0.0, missing) / limit.per_second);
    state.reset_s = static_cast<std::int64_t>(std::min(reset_s, kMaxResetS));
    return state;
}

}  // namespace

CallerKey caller_of_address(std::string_view address) {
    CallerKey caller{};
    std::array<char, kMaxAddressBytes + 1> text{};
    address = address.substr(0, address.find('%'));  // "fe80::1%eth0"
    if (address.size() > kMaxAddressBytes) {
        return caller;
    }
    std::ranges::copy(address, text.begin());
    if (inet_pton(AF_INET, text.data(), caller.data() + 12) == 1) {
        caller[10] = 0xff;
        caller[11] = 0xff;
        return caller;
    }
    if (inet_pton(AF_INET6, text.data(), caller.data()) != 1) {
        return CallerKey{};
    }
    if (!is_mapped(caller)) {
        std::fill(caller.begin() + kSubscriberBytes, caller.end(), std::uint8_t{0});
    }
    return caller;
}

std::size_t RateLimits::Hash::operator()(const CallerKey& caller) const {
    std::array<unsigned char, crypto_shorthash_BYTES> out{};
    static_assert(std::tuple_size_v<Seed> == crypto_shorthash_KEYBYTES);
    crypto_shorthash(out.data(), caller.data(), caller.size(), seed.data());
    std::size_t value = 0;
    static_assert(sizeof value == sizeof out);
    std::memcpy(&value, out.data(), sizeof value);
    return value;
}

RateLimits::RateLimits(std::int64_t max_tracked, Random& random)
    : max_per_shard_(per_shard(max_tracked)), hash_{} {
    random.fill(hash_.seed.data(), hash_.seed.size());
    for (Shard& shard : shards_) {
        shard.by_caller = std::unordered_map<CallerKey, Entries::iterator, Hash>(8, hash_);
    }
}

TokenBucket& RateLimits::bucket_of(Shard& shard, const CallerKey& caller, const Limit& limit,
                                   std::int64_t steady_us) {
    const auto found = shard.by_caller.find(caller);
    if (found != shard.by_caller.end()) {
        shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
        return found->second->bucket;
    }
    if (shard.entries.size() >= max_per_shard_) {
        shard.by_caller.erase(shard.entries.back().caller);
        shard.entries.pop_back();
    }
    shard.entries.push_front(Entry{caller, TokenBucket(limit.per_second, limit.burst, steady_us)});
    shard.by_caller.emplace(caller, shard.entries.begin());
    return shard.entries.front().bucket;
}

Charge RateLimits::take(const CallerKey& caller, const Limit& limit, std::int64_t steady_us) {
    if (limit.per_second <= 0) {
        return {};
    }
    // The low bits choose the bucket inside the shard, so the high ones choose the shard.
    Shard& shard = shards_[(hash_(caller) >> 32U) % kShards];
    const std::scoped_lock lock(shard.mutex);
    TokenBucket& bucket = bucket_of(shard, caller, limit, steady_us);
    Charge charge;
    charge.granted = bucket.take(steady_us);
    charge.state = state_of(bucket, limit);
    if (!charge.granted) {
        charge.retry_after_ms = (bucket.wait_us() + kUsPerMs - 1) / kUsPerMs;
    }
    return charge;
}

std::size_t RateLimits::tracked() const {
    std::size_t count = 0;
    for (const Shard& shard : shards_) {
        const std::scoped_lock lock(shard.mutex);
        count += shard.entries.size();
    }
    return count;
}

}  // namespace credence::access
