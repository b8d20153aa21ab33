// The inside of McpEndpoint, for its own files.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/text.h"
#include "surface/http/exchange.h"
#include "surface/http/mcp_endpoint.h"
#include "surface/http/mcp_exchange.h"
#include "surface/http/mcp_headers.h"
#include "surface/http/problem.h"
#include "surface/mcp/session/request_meta.h"
#include "surface/mcp/session/sessions.h"

namespace credence::surface {

inline constexpr std::string_view kMcpVersionHeader = "MCP-Protocol-Version";
// What a server assumes without the header (2025-11-25, basic/transports): clients that say it say
// no more than those that are silent, and have the revision of their session.
inline constexpr std::string_view kMcpAssumedRevision = "2025-03-26";
inline constexpr std::string_view kMcpSessionHeader = "Mcp-Session-Id";

// Whether an Accept field admits text/event-stream; an absent one does not.
bool accepts_events(std::string_view accept);

// A request on its way through the endpoint.
struct McpIncoming {
    const net::HttpRequest& request;
    net::Responder responder;
    Context context;
    ReplyHead head;

    std::string_view header(std::string_view name) const { return trim(request.header(name)); }
    // The header of a client with a session; empty: its session's revision.
    std::string_view session_revision() const {
        const std::string_view said = header(kMcpVersionHeader);
        return said == kMcpAssumedRevision ? std::string_view() : said;
    }
    bool events() const { return accepts_events(request.header("Accept")); }

    void refuse(int status, Code code, std::string_view detail, std::string_view field = {},
                std::string headers = {});
    void refuse(int status, std::string_view id, const mcp::RpcError& error);
    void reply(int status, std::string text);
    void refuse_session();
    void refuse_events();
    // The trace of the headers, where the message names none.
    void trace(mcp::Caller& caller) const;
};

struct McpEndpoint::Impl {
    Impl(Dispatcher& to, Mcp& of)
        : dispatcher(to),
          protocol(of),
          sessions(of.settings(), of.clock(), of.random()),
          parameters([&of](std::string_view tool) { return of.input_schema(tool); }),
          exchange{of.settings(), of.clock(), streams},
          sweeper([this](const std::stop_token& stop) { sweep(stop); }) {}

    void post(McpIncoming in);
    void modern(McpIncoming in, mcp::RpcMessage message);
    std::optional<mcp::RpcError> refuse_modern(const McpIncoming& in,
                                               const mcp::RpcMessage& message,
                                               const mcp::RequestMeta& meta);
    void legacy(McpIncoming in, mcp::RpcMessage message);
    void initialize(McpIncoming in, const mcp::RpcMessage& message);
    void call(McpIncoming in, mcp::RpcMessage message, mcp::Caller caller,
              std::shared_ptr<mcp::Session> session);
    void get(McpIncoming in);
    void listen(McpIncoming in, const std::shared_ptr<mcp::Session>& session);
    void resume(McpIncoming in, const std::shared_ptr<mcp::Session>& session,
                std::string_view last_event);
    void del(McpIncoming in);
    // Whether a GET or DELETE is legacy; answers it if not.
    bool is_legacy(McpIncoming& in);
    void sweep(const std::stop_token& stop);

    Dispatcher& dispatcher;
    Mcp& protocol;
    OpenStreams streams;
    mcp::Sessions sessions;
    ParameterHeaders parameters;
    McpExchangeParts exchange;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::jthread sweeper;  // last: it stops first
};

}  // namespace credence::surface
