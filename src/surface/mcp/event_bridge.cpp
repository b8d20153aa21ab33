#include "surface/mcp/event_bridge.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"

namespace credence::surface::mcp {
namespace {

using store::StoredEvent;
using store::Tx;

struct Batch {
    std::vector<StoredEvent> events;  // oldest first
    std::int64_t seen = 0;            // everything up to here is in it or concerns nobody
    bool more = false;
};

// A batch of each tenant, cut where the first of them has more: beyond, the order is not known yet.
Result<Batch> read_batch(Tx& tx, const std::vector<std::string>& tenants, std::int64_t after) {
    Batch batch;
    batch.seen = TRY(store::EventLog::last_seq(tx));
    for (const std::string& tenant : tenants) {
        auto events = TRY(store::EventLog::read(tx, tenant, after, {}, EventBridge::kBatch));
        if (events.size() == EventBridge::kBatch) {
            batch.seen = std::min(batch.seen, events.back().seq);
            batch.more = true;
        }
        std::ranges::move(events, std::back_inserter(batch.events));
    }
    std::erase_if(batch.events, [&](const StoredEvent& event) { return event.seq > batch.seen; });
    std::ranges::sort(batch.events, {}, &StoredEvent::seq);
    return batch;
}

}  // namespace

struct EventBridge::Impl {
    explicit Impl(Parts given) : parts(std::move(given)) {}

    // Where events begin to count: those before the server's start concern nobody.
    void find_start() {
        const std::scoped_lock lock(reading);
        if (stopped || seen) {
            return;
        }
        const auto last = parts.database.read([](Tx& tx) { return store::EventLog::last_seq(tx); });
        if (last) {
            seen = *last;
        }
    }

    // Nobody listens: what happened up to here is not told later.
    void skip(std::int64_t last_seq) { skipped.store(last_seq); }

    // Something was committed. True: somebody must run catch_up().
    bool wake(std::int64_t last_seq) {
        const std::scoped_lock lock(waking);
        if (first == 0) {
            first = last_seq;
        }
        again = true;
        return !std::exchange(running, true);
    }

    void give_up() {
        const std::scoped_lock lock(waking);
        running = false;
    }

    // Hands over until nothing is left. One at a time.
    void catch_up() {
        while (true) {
            {
                const std::scoped_lock lock(waking);
                if (!std::exchange(again, false)) {
                    running = false;
                    return;
                }
            }
            const std::scoped_lock lock(reading);
            bool more = true;
            while (more && !stopped) {
                more = hand_over();
            }
        }
    }

    bool hand_over() {
        seen = std::max(seen.value_or(first - 1), skipped.load());
        const std::vector<std::string> tenants = parts.notices.tenants();
        auto batch = parts.database.read([&](Tx& tx) { return read_batch(tx, tenants, *seen); });
        if (!batch) {
            // The next commit tries again from the same place.
            log::warning("events for MCP clients could not be read",
                         {{"error", batch.error().message}});
            return false;
        }
        for (const StoredEvent& event : batch->events) {
            for (Feature* feature : parts.features) {
                feature->on_event(event, parts.notices);
            }
        }
        seen = batch->seen;
        return batch->more;
    }

    Parts parts;
    std::atomic<std::int64_t> skipped{0};

    std::mutex waking;
    bool running = false;
    bool again = false;
    std::int64_t first = 0;  // seq of the first commit we were told of

    std::mutex reading;  // of what follows; held while features are told
    bool stopped = false;
    std::optional<std::int64_t> seen;
};

EventBridge::EventBridge(Parts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {
    const auto start = [impl = impl_] { impl->find_start(); };
    if (impl_->parts.pool == nullptr || !impl_->parts.pool->submit(start)) {
        start();
    }
    token_ = impl_->parts.events.watch([impl = impl_](std::int64_t last_seq) {
        if (!impl->parts.notices.wanted()) {
            impl->skip(last_seq);
            return;
        }
        if (!impl->wake(last_seq)) {
            return;
        }
        if (impl->parts.pool == nullptr) {
            impl->catch_up();
        } else if (!impl->parts.pool->submit([impl] { impl->catch_up(); })) {
            impl->give_up();  // a full pool: the next commit tries again
        }
    });
}

EventBridge::~EventBridge() {
    impl_->parts.events.unwatch(token_);
    const std::scoped_lock lock(impl_->reading);
    impl_->stopped = true;
}

}  // namespace credence::surface::mcp
