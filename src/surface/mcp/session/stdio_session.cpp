#include "surface/mcp/session/stdio_session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "base/units.h"

namespace credence::surface::mcp {
namespace {

constexpr auto kTick = std::chrono::milliseconds(500);
constexpr std::int64_t kCancelledMs = 5'000;  // for what was cancelled at the end of input

}  // namespace

// Of both eras.
class StdioExchange final : public Exchange,
                            public Running,
                            public std::enable_shared_from_this<StdioExchange> {
public:
    StdioExchange(std::shared_ptr<StdioSession> session, std::string id, bool subscription,
                  bool legacy)
        : session_(std::move(session)),
          id_(std::move(id)),
          subscription_(subscription),
          legacy_(legacy) {
        session_->count(subscription_, 1);
    }
    ~StdioExchange() override { finish(); }

    void bind(const RequestPtr& request) {
        {
            const std::scoped_lock lock(mutex_);
            request_ = request;
            if (!given_up_) {
                return;
            }
        }
        request->cancel();
    }

    void notify(std::string message) override {
        // A listener is told by those who change things: they must not wait for the client.
        const std::scoped_lock lock(mutex_);
        if (over_) {
            return;
        }
        if (subscription_) {
            session_->out_.write_or_drop(std::move(message));
        } else {
            session_->send(std::move(message));
        }
    }

    void ask(std::string_view method, std::string params_json,
             std::function<void(Outcome)> done) override {
        const auto session = session_;
        if (!legacy_ || is_over()) {
            done(std::unexpected(client_gone()));
            return;
        }
        // Whoever waits for the client must not keep us from reading its answer.
        session->count(subscription_, -1);
        Asks::Done counted = [session, subscription = subscription_,
                              told = std::move(done)](Outcome outcome) {
            session->count(subscription, 1);
            told(std::move(outcome));
        };
        const auto id = session->asks_.add(
            session->mcp_.clock().steady_us() + session->mcp_.settings().ask_timeout_ms * kUsPerMs,
            counted);
        if (!id) {
            counted(std::unexpected(client_gone()));
            return;
        }
        session->send(rpc_request(*id, method, params_json));
        session->flush();
    }

    void answer(std::string message, std::optional<RpcCode>) override {
        {
            const std::scoped_lock lock(mutex_);
            if (!over_ && !message.empty()) {
                session_->send(std::move(message));
            }
        }
        finish();
    }

    void pause(std::int64_t) override {}

    void give_up() override {
        RequestPtr request;
        {
            const std::scoped_lock lock(mutex_);
            given_up_ = true;
            request = request_.lock();
        }
        if (request != nullptr) {
            request->cancel();
        }
        finish();
    }

private:
    bool is_over() {
        const std::scoped_lock lock(mutex_);
        return over_;
    }

    void finish() {
        {
            const std::scoped_lock lock(mutex_);
            if (std::exchange(over_, true)) {
                return;
            }
        }
        session_->running_.remove(id_, this);
        session_->count(subscription_, -1);
    }

    const std::shared_ptr<StdioSession> session_;
    const std::string id_;
    const bool subscription_;
    const bool legacy_;
    std::mutex mutex_;  // of what follows
    std::weak_ptr<Request> request_;
    bool over_ = false;
    bool given_up_ = false;
};

StdioSession::StdioSession(Mcp& mcp, Dispatcher& dispatcher, int output, StdioLimits limits)
    : mcp_(mcp),
      dispatcher_(dispatcher),
      limits_(limits),
      reader_(std::this_thread::get_id()),
      out_(output) {}

void StdioSession::send(std::string message) {
    if (on_reader()) {
        out_.write_later(std::move(message));
    } else {
        out_.write(std::move(message));
    }
}

void StdioSession::count(bool subscription, int by) {
    {
        const std::scoped_lock lock(mutex_);
        (subscription ? subscriptions_ : in_flight_) += by;
    }
    if (by < 0 && !on_reader()) {
        changed_.notify_all();
    }
}

bool StdioSession::wait_for_room() {
    std::unique_lock lock(mutex_);
    if (in_flight_ < limits_.max_in_flight) {
        return true;
    }
    lock.unlock();
    out_.flush();
    lock.lock();
    while (in_flight_ >= limits_.max_in_flight) {
        changed_.wait_for(lock, kTick);
        lock.unlock();
        asks_.expire(mcp_.clock().steady_us());
        const bool broken = out_.broken();
        lock.lock();
        if (broken) {
            return false;
        }
    }
    return true;
}

void StdioSession::expire() {
    asks_.expire(mcp_.clock().steady_us());
}

void StdioSession::reply(const std::string& id, const Outcome& outcome) {
    send(outcome ? rpc_result(id, *outcome) : rpc_failure(id, outcome.error()));
}

void StdioSession::refuse_long_line() {
    reply("null", std::unexpected(RpcError{
                      RpcCode::invalid_request,
                      "a message has at most " + std::to_string(limits_.max_line_bytes) + " bytes",
                      {}}));
}

void StdioSession::take(std::string_view line) {
    if (trim(line).empty()) {
        return;
    }
    auto message = parse_rpc(line);
    if (!message) {
        reply(message.error().id, std::unexpected(message.error().error));
        return;
    }
    if (message->kind == RpcMessage::Kind::response) {
        asks_.settle(message->id, std::move(message->outcome));
        return;
    }
    if (message->kind == RpcMessage::Kind::notification) {
        notification(*message);
        return;
    }
    Credentials credentials;
    credentials.surface = "mcp";
    credentials.local = true;
    auto admission = dispatcher_.admit(credentials);
    if (!admission) {
        std::string data;
        append_error_json(admission.error(), data);
        reply(message->id, std::unexpected(RpcError{RpcCode::internal_error,
                                                    admission.error().message, std::move(data)}));
        return;
    }
    request(std::move(admission->context), *std::move(message));
}

void StdioSession::notification(const RpcMessage& message) {
    if (message.method == "notifications/cancelled") {
        const Member& id = message.params["requestId"];
        if (id.is_text() || id.type == Member::Type::integer) {
            running_.give_up(id.json());
        }
    } else if (message.method == "notifications/initialized" && client_ != nullptr) {
        client_->listen(mcp_.notices(), [held = weak_from_this()](const Notice& notice) {
            const auto session = held.lock();
            std::string text = legacy_notification(notice);
            if (session != nullptr && !text.empty()) {
                session->out_.write_or_drop(std::move(text));
            }
        });
    }
}

std::expected<Caller, RpcError> StdioSession::modern_caller_of(Context context,
                                                               const RpcMessage& message) {
    auto meta = read_modern_meta(message);
    if (!meta) {
        return std::unexpected(std::move(meta.error()));
    }
    if (auto error = refuse_version(meta->version)) {
        return std::unexpected(*std::move(error));
    }
    return modern_caller(std::move(context), *std::move(meta));
}

void StdioSession::request(Context context, RpcMessage message) {
    if (has_modern_meta(message) || is_modern_method(message.method)) {
        auto caller = modern_caller_of(std::move(context), message);
        if (!caller) {
            reply(message.id, std::unexpected(std::move(caller.error())));
            return;
        }
        run(*std::move(caller), std::move(message));
        return;
    }
    if (message.method == "initialize") {
        initialize(context, message);
        return;
    }
    if (client_ == nullptr) {
        Caller caller = sessionless_caller(std::move(context), Revision::r2025_06_18, message);
        run(std::move(caller), std::move(message));
        return;
    }
    Caller caller = client_->caller(std::move(context), message);
    if (const auto outcome = client_->answer(mcp_, caller, message)) {
        reply(message.id, *outcome);
        return;
    }
    run(std::move(caller), std::move(message));
}

void StdioSession::initialize(const Context& context, const RpcMessage& message) {
    auto introduction = read_initialize(message);
    if (!introduction) {
        reply(message.id, std::unexpected(introduction.error()));
        return;
    }
    const Revision revision = introduction->revision;
    client_ = std::make_shared<ClientState>(*std::move(introduction), context.tenant);
    reply(message.id, mcp_.initialize_result(revision));
}

void StdioSession::run(Caller caller, RpcMessage message) {
    const bool subscription = message.method == "subscriptions/listen";
    if (subscription) {
        const std::scoped_lock lock(mutex_);
        if (subscriptions_ >= limits_.max_subscriptions) {
            send(rpc_failure(message.id,
                             {RpcCode::invalid_request, "too many subscriptions are open", {}}));
            return;
        }
    } else if (!wait_for_room()) {
        return;
    }
    const bool legacy = !caller.modern() && client_ != nullptr;
    auto exchange =
        std::make_shared<StdioExchange>(shared_from_this(), message.id, subscription, legacy);
    if (!running_.add(message.id, exchange)) {
        exchange->answer(
            rpc_failure(message.id,
                        {RpcCode::invalid_request, "too many requests are under way", {}}),
            RpcCode::invalid_request);
        return;
    }
    if (auto request = mcp_.handle(std::move(caller), std::move(message), exchange)) {
        exchange->bind(request);
    }
}

void StdioSession::end() {
    out_.flush();
    asks_.fail_all();  // nobody answers any more
    const auto wait = [this](std::int64_t limit_ms) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
        std::unique_lock lock(mutex_);
        while (in_flight_ > 0 && std::chrono::steady_clock::now() < until) {
            changed_.wait_for(lock, kTick);
            lock.unlock();
            asks_.fail_all();
            const bool broken = out_.broken();
            lock.lock();
            if (broken) {
                break;
            }
        }
    };
    wait(limits_.drain_ms);
    running_.give_up_all();
    wait(kCancelledMs);
    if (client_ != nullptr) {
        client_->stop_listening();
    }
    out_.flush();
}

}  // namespace credence::surface::mcp
