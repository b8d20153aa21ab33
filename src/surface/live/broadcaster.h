// One feed's clients, told what happens by one thread: one read of the store and one text for all
// clients of a tenant with the same filter. Sending never waits: each client has a bounded queue,
// and one that does not empty it is dropped (1013) while the others hear on.
//
// A client is told everything after its position in the event log in order, without gaps or
// repeats: from a short memory of the newest events, or from the store, a batch at a time as its
// connection takes them. A snapshot with seq S tells at least everything up to S, and the events
// after S follow it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/gatekeeper.h"
#include "base/metrics.h"
#include "base/result.h"
#include "engine/store/event.h"
#include "surface/live/live_client.h"
#include "surface/live/live_inbox.h"
#include "surface/live/live_metrics.h"

namespace credence::surface {

struct LiveLimits {
    std::int64_t heartbeat_us = 15'000'000;
    std::int64_t token_timeout_us = 5'000'000;
    std::size_t max_queued_bytes = std::size_t{1} << 20;
    std::size_t remembered_events = 256;  // of a tenant, in memory
};

// One consistent look at the log.
struct LiveBatch {
    std::vector<store::StoredEvent> events;
    std::int64_t last_seq = 0;  // of the whole log
    bool more = false;          // the limit was reached
};

struct LiveIo {
    // Events of the feed's topics after `after`, oldest first; without it, last_seq only. Blocking.
    std::function<Result<LiveBatch>(const std::string& tenant, std::optional<std::int64_t> after)>
        read;
    // Calls done once, from any thread. Empty: the feed has no snapshot.
    std::function<void(const Context&, std::function<void(Result<std::string>)> done)> snapshot;
    // Does not block. Scope included.
    std::function<Result<Context>(const LiveClient&, std::string_view token)> admit;
    std::function<std::int64_t()> now_us;  // as clients are told
};

class Broadcaster {
public:
    static constexpr int kMaxErrors = 10;
    static constexpr std::size_t kMaxMemoryBytes = std::size_t{4} << 20;  // of a tenant's events
    static constexpr std::int64_t kRetryUs = 1'000'000;
    static constexpr std::uint16_t kBadToken = 4001;

    Broadcaster(LiveFeed feed, LiveIo io, LiveLimits limits, Metrics& metrics);
    ~Broadcaster();

    const LiveFeed& feed() const { return feed_; }
    LiveMetrics& metrics() { return metrics_; }

    // From any thread.
    void open(const std::shared_ptr<LiveClient>& client);
    void message(const std::shared_ptr<LiveClient>& client, std::string_view text);
    void flooded(const std::shared_ptr<LiveClient>& client);  // it says too much
    void closed(const std::shared_ptr<LiveClient>& client);
    void committed(std::int64_t last_seq);
    // Does turns until stop(), on the calling thread.
    void run();
    void stop();

    // Does what there is to do; when to call again at the latest (steady, microseconds). One
    // thread; for run() and tests.
    std::int64_t turn(std::int64_t steady_us);

private:
    using ClientPointer = std::shared_ptr<LiveClient>;
    using State = LiveClient::State;
    struct Channel;
    struct LastText;

    // broadcaster.cpp
    Channel* channel_of(const LiveClient& client);
    Result<Channel*> channel_for(const std::string& tenant);
    void pump(Channel& channel);
    void tell_all(Channel& channel, const LiveEvent& event);
    void remember(Channel& channel, std::shared_ptr<const LiveEvent> event);
    void heartbeat();
    void check_tokens();
    void enter(Channel& channel, const ClientPointer& client);
    void leave(Channel& channel, const ClientPointer& client);
    void forget(const ClientPointer& client);
    void drop(const ClientPointer& client, std::uint16_t code, std::string_view reason);
    bool tell(const ClientPointer& client, std::shared_ptr<const std::string> text);
    LiveStamp stamp_of(const LiveClient& client);

    // broadcaster_clients.cpp
    void accept(const ClientPointer& client);
    void join(const ClientPointer& client);
    void hear(const ClientPointer& client, const std::string& text);
    void obey(const ClientPointer& client, ClientMessage message);
    void resume(const ClientPointer& client, std::int64_t after);
    void refuse(const ClientPointer& client, const Error& error);
    void ask_snapshot(Channel& channel, const ClientPointer& client);
    void start_snapshot(Channel& channel);
    void end_snapshot(const std::string& tenant, Result<std::string> data);

    // broadcaster_replay.cpp
    void replay_all();
    // Whether a read of the store was used.
    bool replay(Channel& channel, const ClientPointer& client, bool may_read);
    void deliver(Channel& channel, const ClientPointer& client,
                 std::vector<std::shared_ptr<const LiveEvent>> events, std::int64_t through_seq);

    const LiveFeed feed_;
    const LiveIo io_;
    const LiveLimits limits_;
    LiveMetrics metrics_;
    std::shared_ptr<LiveInbox> inbox_ = std::make_shared<LiveInbox>();
    std::atomic<std::int64_t> committed_seq_{0};

    // The rest belongs to the thread of turn().
    std::int64_t now_us_ = 0;  // steady
    std::int64_t next_heartbeat_us_ = 0;
    std::int64_t call_again_us_ = 0;
    std::map<std::string, std::unique_ptr<Channel>, std::less<>> channels_;
    std::vector<ClientPointer> unnamed_;  // have not said who they are
    std::vector<ClientPointer> behind_;
};

}  // namespace credence::surface
