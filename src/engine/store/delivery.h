// Delivers the event log to durable subscribers on one thread: a handler's effect and its cursor's
// advance are one transaction.
//
// A batch is one transaction. When it fails, its events go one at a time, so the failure is of one
// event; that one is retried with growing pauses until the subscriber is parked. A fault of the
// store itself (disk full, busy) is retried and counts for nobody. A parked subscriber gets a new
// chance when delivery starts again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "engine/store/database.h"
#include "engine/store/event.h"

namespace credence::store {

// Thread-safe.
class Delivery {
public:
    static constexpr int kMaxBatch = 64;  // events in one transaction
    // Events of other processes, of which committed() does not tell, are seen this late at most.
    static constexpr std::int64_t kPollMs = 1'000;
    // How far a cursor may trail behind events the subscriber did not ask for.
    static constexpr std::int64_t kMaxUnsavedSkip = 10'000;

    using Noticed = std::function<void(std::int64_t last_seq)>;

    Delivery(const Clock& clock, Metrics& metrics);
    ~Delivery() { stop(); }
    void subscribe(std::string subscriber, std::vector<std::string> names, EventHandler handler);
    Result<void> start(Database& database, Noticed noticed);
    void stop();
    bool drain(std::int64_t seq, std::int64_t timeout_ms);
    void committed(std::int64_t last_seq);

private:
    using Time = std::chrono::steady_clock::time_point;

    struct Subscriber {
        std::string name;
        std::vector<std::string> names;
        EventHandler handler;
        // The delivery thread's own, except position and parked, which the mutex guards.
        std::int64_t saved_seq = 0;  // in the database
        std::int64_t failures = 0;
        int store_faults = 0;
        Time not_before{};
        std::int64_t position = 0;  // everything up to here is handled or not asked for
        bool parked = false;
    };
    enum class Step : std::uint8_t { idle, progress, later };

    Result<void> open_cursors();
    void run();
    Result<std::int64_t> newest_seq();
    Step deliver(Subscriber& subscriber, std::int64_t newest);
    Step deliver_events(Subscriber& subscriber, const std::vector<StoredEvent>& events);
    // One transaction over events[first, last).
    Result<void> handle(Subscriber& subscriber, std::span<const StoredEvent> events,
                        bool* handler_failed);
    Step store_fault(Subscriber& subscriber, const Error& error);
    Step handler_failure(Subscriber& subscriber, const StoredEvent& event, const Error& error);
    void move(Subscriber& subscriber, std::int64_t seq);
    void skip_to(Subscriber& subscriber, std::int64_t seq);
    void save_positions();
    bool stopping();

    const Clock& clock_;
    Counter& delivered_;
    Counter& failed_;
    Gauge& parked_;
    Database* database_ = nullptr;
    Noticed noticed_;
    std::vector<Subscriber> subscribers_;

    std::mutex mutex_;
    std::condition_variable wake_;      // for the delivery thread
    std::condition_variable advanced_;  // for drain()
    std::int64_t committed_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace credence::store
