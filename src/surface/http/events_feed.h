// The listeners of /v1/events, woken by the event log. See feed_client.h for what they receive.
#pragma once

#include <memory>

#include "base/metrics.h"
#include "base/result.h"
#include "base/worker_pool.h"
#include "engine/net/server.h"
#include "engine/store/database.h"
#include "engine/store/event.h"
#include "surface/http/feed_client.h"

namespace credence::surface {

struct FeedParts {
    store::Database& database;
    store::EventLog& events;
    WorkerPool& pool;
    Metrics& metrics;
};

// Thread-safe. The parts must outlive it and every connection it accepted.
class EventsFeed {
public:
    static constexpr std::size_t kMaxClients = 1000;
    // Holds a batch (FeedClient::kBatchBytes) and an event larger than any we write.
    static constexpr std::size_t kMaxQueuedBytes = std::size_t{4} << 20;

    explicit EventsFeed(FeedParts parts);
    ~EventsFeed();

    // What to upgrade a connection with. Code::unavailable when there are kMaxClients already.
    Result<net::WebSocketHandlers> open(FeedRequest request);

private:
    struct Clients;

    FeedParts parts_;
    std::shared_ptr<Clients> clients_;
    std::int64_t watch_token_ = 0;
};

}  // namespace credence::surface
