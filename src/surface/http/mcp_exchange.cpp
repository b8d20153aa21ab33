#include "surface/http/mcp_exchange.h"

#include <algorithm>
#include <utility>

#include "base/units.h"

namespace credence::surface {
namespace {

constexpr std::string_view kKeepAlive = ":\n\n";
constexpr std::size_t kQueuedBytes = std::size_t{1} << 20;
// A client that lost its connection waits so long before it resumes.
constexpr std::int64_t kRetryMs = 1'000;

// The status of a modern answer; JSON-RPC errors of a handler are answers like others.
int modern_status(std::optional<mcp::RpcCode> error) {
    if (!error) {
        return 200;
    }
    switch (*error) {
        case mcp::RpcCode::method_not_found:
            return 404;
        case mcp::RpcCode::parse_error:
        case mcp::RpcCode::invalid_request:
        case mcp::RpcCode::header_mismatch:
        case mcp::RpcCode::missing_capability:
        case mcp::RpcCode::unsupported_version:
            return 400;
        default:
            return 200;
    }
}

}  // namespace

void OpenStreams::add(const std::shared_ptr<net::ResponseStream>& stream) {
    const std::scoped_lock lock(mutex_);
    if (streams_.size() >= prune_at_) {
        std::erase_if(streams_, [](const auto& held) { return held.expired(); });
        prune_at_ = std::max<std::size_t>(64, streams_.size() * 2);
    }
    streams_.push_back(stream);
}

void OpenStreams::finish_all() {
    std::vector<std::weak_ptr<net::ResponseStream>> all;
    {
        const std::scoped_lock lock(mutex_);
        all.swap(streams_);
    }
    for (const auto& held : all) {
        if (const auto stream = held.lock()) {
            stream->finish();
        }
    }
}

net::HttpResponse event_stream_head(const ReplyHead& head) {
    net::HttpResponse response;
    response.content_type = "text/event-stream";
    response.extra_headers = head.headers() + "X-Accel-Buffering: no\r\n";
    return response;
}

std::shared_ptr<net::ResponseStream> begin_events(net::Responder& responder, const ReplyHead& head,
                                                  const McpExchangeParts& parts,
                                                  std::function<void()> on_close) {
    net::StreamHandlers handlers;
    handlers.on_close = std::move(on_close);
    handlers.max_queued_bytes = kQueuedBytes;
    handlers.keep_alive_ms = parts.settings.keep_alive_ms;
    handlers.keep_alive_text = kKeepAlive;
    auto stream = responder.stream(event_stream_head(head), std::move(handlers));
    parts.streams.add(stream);
    return stream;
}

net::HttpResponse rpc_reply(int status, const ReplyHead& head, std::string text) {
    net::HttpResponse response;
    response.status = text.empty() ? 202 : status;
    response.extra_headers = head.headers();
    response.body = std::move(text);
    return response;
}

ModernExchange::ModernExchange(net::Responder responder, ReplyHead head, bool events,
                               McpExchangeParts parts)
    : parts_(parts), head_(std::move(head)), events_(events), responder_(std::move(responder)) {}

ModernExchange::~ModernExchange() {
    if (stream_ != nullptr) {
        stream_->finish();
    }
}

void ModernExchange::bind(const mcp::RequestPtr& request) {
    {
        const std::scoped_lock lock(mutex_);
        request_ = request;
        if (!closed_) {
            return;
        }
    }
    request->cancel();
}

void ModernExchange::closed() {
    mcp::RequestPtr request;
    {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
        request = request_.lock();
    }
    if (request != nullptr) {
        request->cancel();
    }
}

void ModernExchange::notify(std::string message) {
    const std::scoped_lock lock(mutex_);
    if (closed_ || !events_) {
        return;
    }
    if (responder_) {
        stream_ = begin_events(*responder_, head_, parts_, [self = weak_from_this()] {
            if (const auto exchange = self.lock()) {
                exchange->closed();
            }
        });
        responder_.reset();
    }
    if (stream_ != nullptr) {
        stream_->send(mcp::sse_event(message));
    }
}

void ModernExchange::ask(std::string_view, std::string, std::function<void(mcp::Outcome)> done) {
    done(std::unexpected(mcp::client_gone()));  // asked with input_required, never like this
}

void ModernExchange::answer(std::string message, std::optional<mcp::RpcCode> error) {
    const std::scoped_lock lock(mutex_);
    if (responder_) {
        responder_->send(rpc_reply(modern_status(error), head_, std::move(message)));
        responder_.reset();
    } else if (stream_ != nullptr) {
        if (!message.empty()) {
            stream_->send(mcp::sse_event(message));
        }
        stream_->finish();
        stream_.reset();
    }
}

LegacyExchange::LegacyExchange(Parts parts)
    : parts_(parts.endpoint),
      head_(std::move(parts.head)),
      events_(parts.events),
      session_(std::move(parts.session)),
      id_(std::move(parts.id)),
      responder_(std::move(parts.responder)) {}

LegacyExchange::~LegacyExchange() {
    if (responder_ && session_ != nullptr) {
        session_->client().running().remove(id_, this);  // net answers for us
    } else {
        answer({}, std::nullopt);
    }
}

void LegacyExchange::bind(const mcp::RequestPtr& request) {
    {
        const std::scoped_lock lock(mutex_);
        request_ = request;
        if (!given_up_) {
            return;
        }
    }
    request->cancel();
}

// Whether there is a stream to send on; begins it if need be. Called with the lock.
bool LegacyExchange::streams(std::int64_t retry_ms) {
    if (!responder_) {
        return number_ != 0 || stream_ != nullptr;
    }
    if (over_ || !events_) {
        return false;
    }
    if (session_ == nullptr) {
        stream_ = begin_events(*responder_, head_, parts_, [] {});
        responder_.reset();
        return true;
    }
    const auto open = [this, retry_ms](std::int64_t stream) {
        auto gone = std::make_shared<std::atomic<bool>>(false);
        mcp::Carrier carrier{
            begin_events(*responder_, head_, parts_, [gone] { gone->store(true); }), gone};
        if (session_->client().revision() >= mcp::Revision::r2025_11_25) {
            carrier.connection->send(mcp::sse_priming({stream, 0}, retry_ms));
        }
        return carrier;
    };
    number_ = session_->open_stream(open);
    if (number_ == 0) {
        return false;
    }
    responder_.reset();
    return true;
}

void LegacyExchange::send(std::string message) {
    if (number_ != 0) {
        session_->send(number_, std::move(message));
    } else if (stream_ != nullptr) {
        stream_->send(mcp::sse_event(message));
    }
}

void LegacyExchange::notify(std::string message) {
    const std::scoped_lock lock(mutex_);
    if (!over_ && streams(kRetryMs)) {
        send(std::move(message));
    }
}

void LegacyExchange::ask(std::string_view method, std::string params_json,
                         std::function<void(mcp::Outcome)> done) {
    if (session_ == nullptr) {
        done(std::unexpected(mcp::client_gone()));
        return;
    }
    mcp::Asks& asks = session_->client().asks();
    const auto id =
        asks.add(parts_.clock.steady_us() + parts_.settings.ask_timeout_ms * kUsPerMs, done);
    if (!id) {
        done(std::unexpected(mcp::client_gone()));
        return;
    }
    const std::string message = mcp::rpc_request(*id, method, params_json);
    bool sent = false;
    {
        const std::scoped_lock lock(mutex_);
        if (!over_ && streams(kRetryMs)) {
            send(message);
            sent = true;
        }
    }
    if (!sent && !session_->send_standalone(message)) {
        asks.settle(*id, std::unexpected(mcp::client_gone()));
    }
}

void LegacyExchange::answer(std::string message, std::optional<mcp::RpcCode>) {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(over_, true)) {
        return;
    }
    if (session_ != nullptr) {
        session_->client().running().remove(id_, this);
    }
    if (responder_) {
        responder_->send(rpc_reply(200, head_, std::move(message)));
        responder_.reset();
        return;
    }
    if (number_ != 0 && !session_->is_connected(number_) &&
        message.size() > session_->max_event_bytes()) {
        message = mcp::rpc_failure(
            id_, {mcp::RpcCode::internal_error,
                  "the answer came while the client was away and is too large to be kept",
                  {}});
    }
    if (!message.empty()) {
        send(std::move(message));
    }
    if (number_ != 0) {
        session_->end(number_, parts_.clock.steady_us());
    } else if (stream_ != nullptr) {
        stream_->finish();
    }
}

void LegacyExchange::pause(std::int64_t retry_ms) {
    const std::scoped_lock lock(mutex_);
    if (!over_ && session_ != nullptr && streams(retry_ms)) {
        session_->pause(number_, retry_ms);
    }
}

void LegacyExchange::give_up() {
    mcp::RequestPtr request;
    {
        const std::scoped_lock lock(mutex_);
        given_up_ = true;
        request = request_.lock();
    }
    if (request != nullptr) {
        request->cancel();
    }
    answer({}, std::nullopt);  // 202, or the end of the stream
}

}  // namespace credence::surface
