// The event log: written in the same transaction as the change it tells of, delivered after commit,
// in order, at least once to watchers and with exactly-once effect to durable subscribers.
//
// Table event(seq, tenant, name, at_us, actor, body); seq grows by one writer, so readers that
// remember a seq never miss one. Table event_cursor(subscriber, seq, failures, parked_at_us).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "engine/store/database.h"

namespace credence::store {

struct StoredEvent {
    std::int64_t seq = 0;
    std::string tenant;
    std::string name;  // "claim_closed"
    std::int64_t at_us = 0;
    std::string actor;
    RawJson body;
};
void describe(Describe<StoredEvent>&);

// A handler runs inside the transaction that advances its cursor: its effect and the cursor commit
// together. It must do database work only.
using EventHandler = std::function<Result<void>(Tx&, const StoredEvent&)>;

// Thread-safe.
class EventLog {
public:
    static constexpr int kMaxFailures = 10;  // then the subscriber is parked, counted and logged

    EventLog(const Clock& clock, Metrics& metrics);
    ~EventLog();

    // Before start(): a durable subscriber to the named events (empty: all). Its first delivery is
    // the first event after it was first registered.
    void subscribe(std::string subscriber, std::vector<std::string> names, EventHandler handler);

    // Starts delivery on one thread; resumes every cursor.
    Result<void> start(Database& database);
    void stop();
    // Blocks until all subscribers handled everything up to seq, or until the timeout. For tests
    // and shutdown. Parked subscribers do not count.
    bool drain(std::int64_t seq, std::int64_t timeout_ms);

    // Told by the store after each commit with events; wakes delivery and the watchers.
    void committed(std::int64_t last_seq);

    // Watchers are called on an internal thread with the newest seq; they must not block. They read
    // the events themselves. Used by the WebSocket feed. Returns a token for unwatch().
    std::int64_t watch(std::function<void(std::int64_t last_seq)> watcher);
    void unwatch(std::int64_t token);

    // Events of one tenant after `after`, oldest first, at most `limit` (1..1000); empty names:
    // all.
    static Result<std::vector<StoredEvent>> read(Tx& tx, std::string_view tenant,
                                                 std::int64_t after,
                                                 const std::vector<std::string>& names, int limit);
    // The newest seq, 0 when there is none.
    static Result<std::int64_t> last_seq(Tx& tx);
    // Inside a write: removes events of one name older than before_us, at most `limit`, oldest
    // first; how many went. For what is told often and soon of no interest. Events that a durable
    // subscriber has still to see stay.
    static Result<std::int64_t> forget(Tx& tx, std::string_view name, std::int64_t before_us,
                                       std::int64_t limit);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::store
