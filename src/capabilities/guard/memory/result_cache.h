// Results of recent scans, by everything that they depend on. Bounded, in parts with a lock each,
// the least recently used one goes first; an entry dies after a time to live. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "capabilities/guard/kinds.h"

namespace credence::guard {

// All that a verdict depends on. What is left out here would be answered wrongly.
struct ResultSource {
    std::string_view text = {};
    std::string_view tenant = {};
    std::string_view name_space = {};
    SourceKind channel = SourceKind::user;
    Direction direction = Direction::input;
    Mode mode = Mode::text_only;
    std::string_view rule_digest = {};
    std::string_view model_version = {};
    std::uint64_t memory_generation = 0;
    std::string_view policy_digest = {};
    std::string_view options = {};  // whatever else the request says, in one spelling
};

using ResultKey = std::array<std::uint8_t, 32>;

// BLAKE2b-256 over the fields, each with its length. About 1 us for 500 bytes.
ResultKey result_key(const ResultSource& source);

struct CacheLimits {
    std::size_t max_entries = 10'000;  // 0: nothing is kept
    std::int64_t time_to_live_us = 3'600'000'000;
};

struct CacheCounts {
    std::uint64_t hits = 0;
    std::uint64_t misses = 0;
    std::uint64_t evictions = 0;  // for lack of room
    std::uint64_t expired = 0;
    std::size_t size = 0;
};

template <class Value = std::string>
class ResultCache {
public:
    static constexpr std::size_t kShards = 16;

    ResultCache(const CacheLimits& limits, const Clock& clock) : limits_(limits), clock_(clock) {}

    // nullptr: not known, or too old.
    std::shared_ptr<const Value> get(const ResultKey& key) {
        Shard& shard = shard_of(key);
        const std::int64_t now_us = clock_.steady_us();
        const std::scoped_lock lock(shard.mutex);
        const auto found = shard.places.find(key);
        if (found == shard.places.end()) {
            misses_.fetch_add(1, std::memory_order_relaxed);
            return nullptr;
        }
        if (found->second->until_us <= now_us) {
            shard.entries.erase(found->second);
            shard.places.erase(found);
            expired_.fetch_add(1, std::memory_order_relaxed);
            misses_.fetch_add(1, std::memory_order_relaxed);
            return nullptr;
        }
        shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
        hits_.fetch_add(1, std::memory_order_relaxed);
        return found->second->value;
    }

    void put(const ResultKey& key, Value value) {
        if (limits_.max_entries == 0) {
            return;
        }
        auto kept = std::make_shared<const Value>(std::move(value));
        const std::int64_t until_us = clock_.steady_us() + limits_.time_to_live_us;
        Shard& shard = shard_of(key);
        const std::scoped_lock lock(shard.mutex);
        if (const auto found = shard.places.find(key); found != shard.places.end()) {
            found->second->value = std::move(kept);
            found->second->until_us = until_us;
            shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
            return;
        }
        if (shard.entries.size() >= room_of(shard)) {
            if (shard.entries.empty()) {
                return;
            }
            shard.places.erase(shard.entries.back().key);
            shard.entries.pop_back();
            evictions_.fetch_add(1, std::memory_order_relaxed);
        }
        shard.entries.push_front({key, std::move(kept), until_us});
        shard.places.emplace(key, shard.entries.begin());
    }

    void clear() {
        for (Shard& shard : shards_) {
            const std::scoped_lock lock(shard.mutex);
            shard.places.clear();
            shard.entries.clear();
        }
    }

    CacheCounts counts() const {
        CacheCounts out{hits_.load(), misses_.load(), evictions_.load(), expired_.load(), 0};
        for (const Shard& shard : shards_) {
            const std::scoped_lock lock(shard.mutex);
            out.size += shard.entries.size();
        }
        return out;
    }

private:
    struct Entry {
        ResultKey key;
        std::shared_ptr<const Value> value;
        std::int64_t until_us;
    };
    // The key is a cryptographic digest: any of its bytes do. The shard takes the last, this the
    // first.
    struct First {
        std::size_t operator()(const ResultKey& key) const {
            std::size_t out = 0;
            std::memcpy(&out, key.data(), sizeof out);
            return out;
        }
    };
    struct Shard {
        mutable std::mutex mutex;
        std::list<Entry> entries;  // the most recently used first
        std::unordered_map<ResultKey, typename std::list<Entry>::iterator, First> places;
    };

    Shard& shard_of(const ResultKey& key) { return shards_[key.back() % kShards]; }
    // Together exactly max_entries.
    std::size_t room_of(const Shard& shard) const {
        const auto number = static_cast<std::size_t>(&shard - shards_.data());
        return limits_.max_entries / kShards + (number < limits_.max_entries % kShards ? 1 : 0);
    }

    CacheLimits limits_;
    const Clock& clock_;
    std::array<Shard, kShards> shards_;
    std::atomic<std::uint64_t> hits_{0};
    std::atomic<std::uint64_t> misses_{0};
    std::atomic<std::uint64_t> evictions_{0};
    std::atomic<std::uint64_t> expired_{0};
};

}  // namespace credence::guard
