// The inside of serve_mcp_stdio: a process's one client, and the requests it has under way.
#pragma once

#include <condition_variable>
#include <expected>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "surface/mcp/protocol/exchange.h"
#include "surface/mcp/session/client_state.h"
#include "surface/mcp/session/line_writer.h"
#include "surface/mcp/session/stdio.h"

namespace credence::surface::mcp {

// Thread-safe, except that one thread alone reads and calls take(), begin() and end().
class StdioSession : public std::enable_shared_from_this<StdioSession> {
public:
    StdioSession(Mcp& mcp, Dispatcher& dispatcher, int output, StdioLimits limits);

    // One line of input.
    void take(std::string_view line);
    void refuse_long_line();
    // Before the reader waits for input.
    void flush() { out_.flush(); }
    // Fails the questions the client did not answer in time; to be called now and then.
    void expire();
    // No more input comes: waits for what runs, cancels the rest.
    void end();
    bool broken() const { return out_.broken(); }

private:
    friend class StdioExchange;

    void request(Context context, RpcMessage message);
    std::expected<Caller, RpcError> modern_caller_of(Context context, const RpcMessage& message);
    void initialize(const Context& context, const RpcMessage& message);
    void run(Caller caller, RpcMessage message);
    void notification(const RpcMessage& message);
    void reply(const std::string& id, const Outcome& outcome);
    void send(std::string message);
    bool on_reader() const { return std::this_thread::get_id() == reader_; }

    // What is counted: requests (in flight) or subscriptions.
    void count(bool subscription, int by);
    bool wait_for_room();

    Mcp& mcp_;
    Dispatcher& dispatcher_;
    const StdioLimits limits_;
    const std::thread::id reader_;
    LineWriter out_;
    RunningRequests running_;
    Asks asks_;
    std::shared_ptr<ClientState> client_;  // of the reader; null before initialize
    std::mutex mutex_;                     // of what follows
    std::condition_variable changed_;
    int in_flight_ = 0;
    int subscriptions_ = 0;
};

}  // namespace credence::surface::mcp
