// What a legacy client (before 2026-07-28) has told us and left with us: its introduction, the
// requests it has under way, what we asked it, what it wants to be told. One for a session over
// HTTP, one for a process over stdio.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "surface/mcp/mcp.h"
#include "surface/mcp/protocol/caller.h"
#include "surface/mcp/protocol/notices.h"
#include "surface/mcp/session/request_meta.h"

namespace credence::surface::mcp {

// A request under way in its transport.
class Running {
public:
    virtual ~Running() = default;
    // The client cancelled it: nothing is sent for it any more.
    virtual void give_up() = 0;
};

// By the JSON text of their ids. Thread-safe.
class RunningRequests {
public:
    static constexpr std::size_t kMaxRunning = 512;

    // False when there are too many.
    bool add(const std::string& id, const std::shared_ptr<Running>& request);
    void remove(const std::string& id, const Running* request);
    void give_up(const std::string& id);
    void give_up_all();
    bool any() const;

private:
    mutable std::mutex mutex_;
    std::unordered_map<std::string, std::weak_ptr<Running>> requests_;
};

// Our requests to the client. Thread-safe; every `done` is called once, never under a lock of ours.
class Asks {
public:
    static constexpr std::size_t kMaxAsks = 64;
    using Done = std::function<void(Outcome)>;

    // The id (JSON) to send; nothing when there are too many: then done is not taken.
    std::optional<std::string> add(std::int64_t deadline_us, Done& done);
    // The client's answer; false when nobody waits for it.
    bool settle(std::string_view id, Outcome outcome);
    // Fails those whose deadline is over.
    void expire(std::int64_t now_us);
    // Fails all: the client is gone.
    void fail_all();
    bool any() const;

private:
    struct Ask {
        std::int64_t deadline_us = 0;
        Done done;
    };
    mutable std::mutex mutex_;
    std::map<std::int64_t, Ask> asks_;
    std::int64_t next_ = 1;
};

RpcError client_gone();

// Thread-safe.
class ClientState {
public:
    static constexpr std::size_t kMaxSubscriptions = 256;
    static constexpr std::size_t kMaxUriBytes = 2048;

    ClientState(Introduction introduction, std::string tenant);
    ~ClientState();
    ClientState(const ClientState&) = delete;
    ClientState& operator=(const ClientState&) = delete;

    Revision revision() const { return introduction_.revision; }
    RunningRequests& running() { return running_; }
    const RunningRequests& running() const { return running_; }
    Asks& asks() { return asks_; }

    // Who sends this message.
    Caller caller(Context context, const RpcMessage& message) const;

    // logging/setLevel, resources/subscribe and resources/unsubscribe; nothing: not ours.
    std::optional<Outcome> answer(const Mcp& mcp, const Caller& caller, const RpcMessage& message);
    // notifications/cancelled; the others ask for nothing.
    void take_notification(const RpcMessage& message);

    // Begins to tell of changes: list changes, and resources as subscribed. Idempotent.
    void listen(Notices& notices, Notices::Told told);
    // When it returns, nothing is told any more.
    void stop_listening();

private:
    Outcome set_level(const RpcMessage& message);
    Outcome subscribe(const Mcp& mcp, const Caller& caller, const RpcMessage& message);
    Outcome unsubscribe(const RpcMessage& message);
    NoticeFilter filter() const;

    const Introduction introduction_;
    const std::string tenant_;
    std::atomic<LogLevel> log_level_{LogLevel::info};
    RunningRequests running_;
    Asks asks_;
    std::mutex mutex_;  // of what follows; taken before the one of Notices
    std::vector<std::string> uris_;
    Notices* notices_ = nullptr;
    std::int64_t token_ = 0;
};

// The caller of a legacy request outside any session.
Caller sessionless_caller(Context context, Revision revision, const RpcMessage& message);

// A notice as its notification, {"jsonrpc":"2.0","method":"notifications/…"}; empty: legacy clients
// do not know it.
std::string legacy_notification(const Notice& notice);

}  // namespace credence::surface::mcp
