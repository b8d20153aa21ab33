// What is about sessions and their streams, and how requests are refused.
#include <memory>
#include <utility>

#include "surface/http/mcp_endpoint_parts.h"

namespace credence::surface {

namespace {

constexpr std::int64_t kStandaloneRetryMs = 1'000;

}  // namespace

bool accepts_events(std::string_view accept) {
    for (const std::string_view range : split(accept, ',')) {
        const std::string_view type = trim(range.substr(0, range.find(';')));
        if (type == "*/*" || equals_ignoring_case(type, "text/event-stream") ||
            equals_ignoring_case(type, "text/*")) {
            return true;
        }
    }
    return false;
}

void McpIncoming::refuse(int status, Code code, std::string_view detail, std::string_view field,
                         std::string headers) {
    Problem problem;
    problem.status = status;
    problem.code = code;
    problem.detail = detail;
    problem.field = field;
    problem.retry_after_ms = code == Code::exhausted ? kBusyRetryMs : 0;
    problem.request_id = head.request_id;
    problem.extra_headers = std::move(headers);
    responder.send(problem_response(problem));
}

void McpIncoming::refuse(int status, std::string_view id, const mcp::RpcError& error) {
    reply(status, mcp::rpc_failure(id, error));
}

void McpIncoming::reply(int status, std::string text) {
    responder.send(rpc_reply(status, head, std::move(text)));
}

void McpIncoming::refuse_session() {
    refuse(404, "null",
           {mcp::RpcCode::invalid_request,
            "there is no such session (any more): initialize again",
            {}});
}

void McpIncoming::refuse_events() {
    refuse(406, Code::unsupported, "Accept must admit text/event-stream", "Accept");
}

void McpIncoming::trace(mcp::Caller& caller) const {
    if (!caller.context.trace.valid()) {
        caller.context.trace = TraceContext::parse(header("traceparent")).value_or(TraceContext{});
    }
}

bool McpEndpoint::Impl::is_legacy(McpIncoming& in) {
    const std::string_view said = in.session_revision();
    const auto revision = mcp::parse_revision(said);
    // Without a session there is nothing to get or to delete.
    if ((revision && mcp::is_modern(*revision)) || in.header(kMcpSessionHeader).empty()) {
        in.refuse(405, Code::unsupported, "this path does not support the method", {},
                  "Allow: POST\r\n");
        return false;
    }
    if (!said.empty() && !revision) {
        in.refuse(400, "null", *mcp::refuse_version(said));
        return false;
    }
    return true;
}

void McpEndpoint::Impl::get(McpIncoming in) {
    if (!is_legacy(in)) {
        return;
    }
    if (!in.events()) {
        in.refuse_events();
        return;
    }
    const auto session = sessions.find(in.header(kMcpSessionHeader), in.context);
    if (session == nullptr) {
        in.refuse_session();
        return;
    }
    const std::string_view last_event = in.header("Last-Event-ID");
    if (last_event.empty()) {
        listen(std::move(in), session);
    } else {
        resume(std::move(in), session, last_event);
    }
}

void McpEndpoint::Impl::listen(McpIncoming in, const std::shared_ptr<mcp::Session>& session) {
    const bool primed = session->client().revision() >= mcp::Revision::r2025_11_25;
    const bool opened = session->open_standalone([&](std::int64_t stream) {
        auto gone = std::make_shared<std::atomic<bool>>(false);
        mcp::Carrier carrier{
            begin_events(in.responder, in.head, exchange, [gone] { gone->store(true); }), gone};
        if (primed) {
            carrier.connection->send(mcp::sse_priming({stream, 0}, kStandaloneRetryMs));
        }
        return carrier;
    });
    if (!opened) {
        in.refuse(503, Code::exhausted, "this session has too many streams");
        return;
    }
    session->client().listen(protocol.notices(),
                             [held = std::weak_ptr(session)](const mcp::Notice& notice) {
                                 const auto told = held.lock();
                                 std::string message = mcp::legacy_notification(notice);
                                 if (told != nullptr && !message.empty()) {
                                     told->send_standalone(std::move(message));
                                 }
                             });
}

void McpEndpoint::Impl::resume(McpIncoming in, const std::shared_ptr<mcp::Session>& session,
                               std::string_view last_event) {
    const auto last = mcp::EventId::parse(last_event);
    if (!last) {
        in.refuse(400, "null",
                  {mcp::RpcCode::invalid_request, "Last-Event-ID is none of ours", {}});
        return;
    }
    const auto resumed = session->resume(*last, [&](std::int64_t) {
        auto gone = std::make_shared<std::atomic<bool>>(false);
        return mcp::Carrier{
            begin_events(in.responder, in.head, exchange, [gone] { gone->store(true); }), gone};
    });
    if (resumed == mcp::Session::Resumed::unknown) {
        in.refuse(404, "null",
                  {mcp::RpcCode::invalid_request,
                   "what followed this event is not remembered (any more)",
                   {}});
    }
}

void McpEndpoint::Impl::del(McpIncoming in) {
    if (!is_legacy(in)) {
        return;
    }
    if (!sessions.end(in.header(kMcpSessionHeader), in.context)) {
        in.refuse_session();
        return;
    }
    net::HttpResponse response;
    response.status = 204;
    response.extra_headers = in.head.headers();
    in.responder.send(std::move(response));
}

}  // namespace credence::surface
