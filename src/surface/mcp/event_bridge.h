// From the event log to the features: while anybody listens, reads what was committed, for the
// tenants that are listened for, and hands it over oldest first.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/worker_pool.h"
#include "engine/store/event.h"
#include "surface/mcp/protocol/feature.h"

namespace credence::surface::mcp {

// Thread-safe. What happened while nobody listened is not told later.
class EventBridge {
public:
    static constexpr int kBatch = 500;  // events of one tenant read at once

    struct Parts {
        store::Database& database;
        store::EventLog& events;
        WorkerPool* pool = nullptr;  // null: reads on the log's own thread
        Notices& notices;
        std::vector<Feature*> features;
    };
    explicit EventBridge(Parts parts);
    // Waits for what is under way; nothing is handed over afterwards.
    ~EventBridge();
    EventBridge(const EventBridge&) = delete;
    EventBridge& operator=(const EventBridge&) = delete;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // shared with a task of the pool that begins after the end
    std::int64_t token_ = 0;
};

}  // namespace credence::surface::mcp
