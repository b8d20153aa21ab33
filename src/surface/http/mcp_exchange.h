// The Exchange of an MCP request over HTTP, one for each era: a JSON answer, or a stream of
// Server-Sent Events when something has to be said before it. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/gatekeeper.h"
#include "base/clock.h"
#include "engine/net/server.h"
#include "surface/http/exchange.h"
#include "surface/mcp/protocol/exchange.h"
#include "surface/mcp/protocol/request.h"
#include "surface/mcp/protocol/settings.h"
#include "surface/mcp/session/sessions.h"

namespace credence::surface {

// The open streams of a server, so that its stop need not wait for them. Thread-safe.
class OpenStreams {
public:
    void add(const std::shared_ptr<net::ResponseStream>& stream);
    void finish_all();

private:
    std::mutex mutex_;
    std::vector<std::weak_ptr<net::ResponseStream>> streams_;
    std::size_t prune_at_ = 64;
};

// What every exchange of the endpoint needs; outlives them.
struct McpExchangeParts {
    const McpSettings& settings;
    const Clock& clock;
    OpenStreams& streams;
};

// The head of a stream of events.
net::HttpResponse event_stream_head(const ReplyHead& head);
// Begins one. on_close as net::StreamHandlers says.
std::shared_ptr<net::ResponseStream> begin_events(net::Responder& responder, const ReplyHead& head,
                                                  const McpExchangeParts& parts,
                                                  std::function<void()> on_close);
// A JSON-RPC message as a whole reply. Empty text: 202.
net::HttpResponse rpc_reply(int status, const ReplyHead& head, std::string text);

// Of 2026-07-28. The client that closes the stream cancels the request.
class ModernExchange final : public mcp::Exchange,
                             public std::enable_shared_from_this<ModernExchange> {
public:
    // events: the client takes a stream.
    ModernExchange(net::Responder responder, ReplyHead head, bool events, McpExchangeParts parts);
    ~ModernExchange() override;

    // The request this is of, once it is known.
    void bind(const mcp::RequestPtr& request);

    void notify(std::string message) override;
    void ask(std::string_view method, std::string params_json,
             std::function<void(mcp::Outcome)> done) override;
    void answer(std::string message, std::optional<mcp::RpcCode> error) override;
    void pause(std::int64_t) override {}

private:
    void closed();

    McpExchangeParts parts_;
    ReplyHead head_;
    bool events_;
    std::mutex mutex_;  // of what follows
    std::optional<net::Responder> responder_;
    std::shared_ptr<net::ResponseStream> stream_;
    std::weak_ptr<mcp::Request> request_;
    bool closed_ = false;
};

// Before 2026-07-28. A client that leaves does not cancel: the stream goes on and is resumed.
class LegacyExchange final : public mcp::Exchange,
                             public mcp::Running,
                             public std::enable_shared_from_this<LegacyExchange> {
public:
    struct Parts {
        net::Responder responder;
        ReplyHead head;
        bool events = false;                    // the client takes a stream
        std::shared_ptr<mcp::Session> session;  // null: none
        std::string id;                         // of the request, JSON
        McpExchangeParts endpoint;
    };
    explicit LegacyExchange(Parts parts);
    ~LegacyExchange() override;

    void bind(const mcp::RequestPtr& request);

    void notify(std::string message) override;
    void ask(std::string_view method, std::string params_json,
             std::function<void(mcp::Outcome)> done) override;
    void answer(std::string message, std::optional<mcp::RpcCode> error) override;
    void pause(std::int64_t retry_ms) override;
    void give_up() override;

private:
    bool streams(std::int64_t retry_ms);
    void send(std::string message);

    McpExchangeParts parts_;
    ReplyHead head_;
    bool events_;
    std::shared_ptr<mcp::Session> session_;
    std::string id_;
    std::mutex mutex_;  // of what follows; taken before the session's
    std::optional<net::Responder> responder_;
    std::int64_t number_ = 0;                      // of the session's stream
    std::shared_ptr<net::ResponseStream> stream_;  // without a session
    std::weak_ptr<mcp::Request> request_;
    bool over_ = false;
    bool given_up_ = false;
};

}  // namespace credence::surface
