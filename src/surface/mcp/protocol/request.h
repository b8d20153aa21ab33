// One request under way, as a feature sees it: what was asked, by whom, and every way to answer.
// Knows the revision, so that features need not. Thread-safe; exactly one of finish(), fail() and
// need_input() ends a turn of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "surface/mcp/protocol/caller.h"
#include "surface/mcp/protocol/exchange.h"
#include "surface/mcp/protocol/json_rpc.h"

namespace credence::surface::mcp {

class StateSeal;

// A question to the client's side: {"elicitation/create", params}, {"sampling/createMessage", …} or
// {"roots/list", "{}"}.
struct InputRequest {
    std::string method;
    std::string params_json = "{}";
};

// What a handler needs before it can go on.
struct InputNeed {
    std::map<std::string, InputRequest> requests;  // by a key unique in this request
    std::string state;  // plain text the handler wants back; sealed on its way through the client
};

class Request : public std::enable_shared_from_this<Request> {
public:
    // Runs a turn: called first with no inputs, and again with them after need_input().
    using Handler = std::function<void(const std::shared_ptr<Request>&)>;

    struct Parts {
        Caller caller;
        RpcMessage message;
        std::shared_ptr<Exchange> exchange;
        const StateSeal* seal = nullptr;
        std::int64_t now_us = 0;  // wall clock
    };
    explicit Request(Parts parts);

    const Caller& caller() const { return caller_; }
    const std::string& id() const { return message_.id; }
    const std::string& method() const { return message_.method; }
    const Members& params() const { return message_.params; }

    // Starts the first turn. Modern: verifies requestState and takes inputResponses first; what
    // does not verify is answered with invalid_params here. Mcp calls it before it asks a feature;
    // a feature may call it again with a handler of its own, which then gets the later turns.
    void run(Handler handler);

    // Of this turn: the client's result, always an object. Null: not given. A legacy client's
    // error is the object {"error":{"code","message"}}; a modern one's retry simply lacks the key.
    // A modern client may send inputs nobody asked for: state() says what we asked.
    const Member* input(std::string_view key) const;
    const std::string& state() const { return state_; }

    // notifications/progress; nothing when the client gave no token. Values must increase.
    void progress(double done, std::optional<double> total, std::string_view message);
    // notifications/message at or above the caller's level.
    void log(LogLevel level, std::string_view logger, std::string_view data_json);
    void notify(std::string_view method, std::string_view params_json);
    // Legacy over HTTP: see Exchange::pause().
    void pause(std::int64_t retry_ms) { exchange_->pause(retry_ms); }

    // Set by the transport: the client gave up. The callback runs once, at once when it already
    // happened. After it nothing needs to be answered; answers are dropped. After an answer it does
    // nothing.
    void cancel();
    bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
    void on_cancelled(std::function<void()> told);

    // The result's members as a JSON object; resultType and _meta of a modern revision are added,
    // and error codes are those of the revision (resource_not_found: modern invalid_params).
    void finish(std::string result_json);
    void fail(RpcError error);
    void settle(Outcome outcome);
    // Legacy: asks the client over the exchange and runs the next turn. Modern: answers
    // input_required; the client's retry is a new Request. What the client cannot do is
    // missing_capability (legacy: invalid_request) instead.
    void need_input(InputNeed need);

    // Whether nothing can be answered any more.
    bool ended() const { return ended_.load(); }

    // Told once of the outcome, before the exchange: the error, or null and the result's JSON. An
    // error with the message kCancelled: the client gave up. Set before run(); for telemetry.
    static constexpr std::string_view kCancelled = "cancelled";
    using Observer = std::function<void(const RpcError* error, std::string_view result)>;
    void observe(Observer observer) { observer_ = std::move(observer); }

private:
    struct Gathering;
    // True for the one that ends the request; then nobody else may answer.
    bool end();
    void run_turn();
    void answer(std::string&& result_json);
    std::optional<RpcError> refusal_of(const InputNeed& need) const;
    void answer_input_required(const InputNeed& need);
    void ask_all(InputNeed need);
    std::optional<RpcError> take_inputs();

    const Caller caller_;
    const RpcMessage message_;
    const std::shared_ptr<Exchange> exchange_;
    const StateSeal* const seal_;
    const std::int64_t now_us_;
    Observer observer_;
    std::map<std::string, Member, std::less<>> inputs_;
    std::string state_;
    std::atomic<bool> ended_{false};
    std::atomic<bool> cancelled_{false};
    std::mutex mutex_;  // of told_ and handler_
    std::vector<std::function<void()>> told_;
    std::shared_ptr<const Handler> handler_;
    std::mutex progress_mutex_;  // of progress_, held while it is sent: values must not overtake
    std::optional<double> progress_;
};

using RequestPtr = std::shared_ptr<Request>;

}  // namespace credence::surface::mcp
