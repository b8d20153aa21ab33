#include "surface/http/events_feed.h"

#include <mutex>
#include <unordered_set>
#include <vector>

#include "surface/http/problem.h"

namespace credence::surface {
namespace {

FeedIo feed_io(const FeedParts& parts) {
    FeedIo io;
    io.read = [&database = parts.database](const FeedRequest& request,
                                           std::optional<std::int64_t> after) -> Result<FeedBatch> {
        return database.read([&](store::Tx& tx) -> Result<FeedBatch> {
            FeedBatch batch;
            if (after) {
                batch.events = TRY(store::EventLog::read(tx, request.tenant, *after, request.topics,
                                                         FeedClient::kBatch));
            }
            batch.last_seq = TRY(store::EventLog::last_seq(tx));
            return batch;
        });
    };
    io.submit = [&pool = parts.pool](std::function<void()> task) {
        return pool.submit(std::move(task));
    };
    return io;
}

}  // namespace

// Shared with connections and the watcher, which may outlive the feed.
struct EventsFeed::Clients {
    explicit Clients(Metrics& metrics)
        : connected(
              metrics.gauge("credence_event_listeners", "Open connections to the event feed")) {}

    bool add(const std::shared_ptr<FeedClient>& client) {
        const std::scoped_lock lock(mutex);
        if (set.size() >= kMaxClients) {
            return false;
        }
        set.insert(client);
        connected.set(static_cast<std::int64_t>(set.size()));
        return true;
    }

    void remove(const std::shared_ptr<FeedClient>& client) {
        const std::scoped_lock lock(mutex);
        set.erase(client);
        connected.set(static_cast<std::int64_t>(set.size()));
    }

    std::vector<std::shared_ptr<FeedClient>> all() {
        const std::scoped_lock lock(mutex);
        return {set.begin(), set.end()};
    }

    std::size_t size() {
        const std::scoped_lock lock(mutex);
        return set.size();
    }

    Gauge& connected;
    std::mutex mutex;
    std::unordered_set<std::shared_ptr<FeedClient>> set;
};

EventsFeed::EventsFeed(FeedParts parts)
    : parts_(parts), clients_(std::make_shared<Clients>(parts.metrics)) {
    watch_token_ = parts_.events.watch([clients = clients_](std::int64_t) {
        for (const std::shared_ptr<FeedClient>& client : clients->all()) {
            client->wake();
        }
    });
}

EventsFeed::~EventsFeed() {
    parts_.events.unwatch(watch_token_);
}

Result<net::WebSocketHandlers> EventsFeed::open(FeedRequest request) {
    if (clients_->size() >= kMaxClients) {
        return std::unexpected(
            Error{Code::unavailable, "too many event listeners", {}, kBusyRetryMs});
    }
    auto client = std::make_shared<FeedClient>(std::move(request), feed_io(parts_));
    net::WebSocketHandlers handlers;
    // Registered when really open, so that an upgrade that fails leaves nothing behind.
    handlers.on_open = [clients = clients_, client](std::shared_ptr<net::WebSocket> socket) {
        if (clients->add(client)) {
            client->attach(std::move(socket));
        } else {
            socket->close(kTryAgainLater, "too many event listeners");
        }
    };
    handlers.max_queued_bytes = kMaxQueuedBytes;
    handlers.on_message = [](std::string_view) {};  // the feed goes one way
    handlers.on_close = [clients = clients_, client] {
        clients->remove(client);
        client->detach();
    };
    return handlers;
}

}  // namespace credence::surface
