#include "surface/http/mcp_endpoint.h"

#include <chrono>
#include <optional>
#include <utility>

#include "surface/http/headers.h"
#include "surface/http/mcp_endpoint_parts.h"

namespace credence::surface {

using mcp::Caller;
using mcp::Revision;
using mcp::RpcCode;
using mcp::RpcError;
using mcp::RpcMessage;

namespace {

constexpr auto kSweepEvery = std::chrono::seconds(1);

struct Objection {
    int status;
    Code code;
    std::string_view detail;
    std::string_view field;
};

std::optional<Objection> objection_to(const net::HttpRequest& request) {
    const std::string_view content_type = request.header("Content-Type");
    if (!content_type.empty() && !is_json(content_type)) {
        return Objection{415, Code::unsupported, "send Content-Type: application/json",
                         "Content-Type"};
    }
    if (!accepts_json(request.header("Accept"))) {
        return Objection{406, Code::unsupported, "Accept must admit application/json", "Accept"};
    }
    if (request.body.size() > McpEndpoint::kMaxMessageBytes) {
        return Objection{413, Code::too_large, "an MCP message must have at most 4 MiB", {}};
    }
    return std::nullopt;
}

bool is_modern_request(const McpIncoming& in, const RpcMessage& message) {
    const auto said = mcp::parse_revision(in.header(kMcpVersionHeader));
    return (said && mcp::is_modern(*said)) || mcp::has_modern_meta(message) ||
           mcp::is_modern_method(message.method);
}

}  // namespace

void McpEndpoint::Impl::sweep(const std::stop_token& stop) {
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        wake.wait_for(lock, stop, kSweepEvery, [] { return false; });
        sessions.sweep();
    }
}

void McpEndpoint::Impl::post(McpIncoming in) {
    if (const auto objection = objection_to(in.request)) {
        in.refuse(objection->status, objection->code, objection->detail, objection->field);
        return;
    }
    auto message = mcp::parse_rpc(in.request.body);
    if (!message) {
        in.refuse(400, message.error().id, message.error().error);
        return;
    }
    if (is_modern_request(in, *message)) {
        modern(std::move(in), *std::move(message));
    } else {
        legacy(std::move(in), *std::move(message));
    }
}

std::optional<RpcError> McpEndpoint::Impl::refuse_modern(const McpIncoming& in,
                                                         const RpcMessage& message,
                                                         const mcp::RequestMeta& meta) {
    const HeaderLookup header = [&in](std::string_view name) { return in.header(name); };
    if (auto error = check_standard_headers(header, message, meta.version)) {
        return error;
    }
    if (auto error = mcp::refuse_version(meta.version)) {
        return error;
    }
    if (message.method != "tools/call" || !message.params["name"].is_text()) {
        return std::nullopt;
    }
    return check_parameter_headers(header, message, *parameters.of(message.params["name"].value));
}

void McpEndpoint::Impl::modern(McpIncoming in, RpcMessage message) {
    if (message.kind == RpcMessage::Kind::notification) {
        in.reply(202, {});
        return;
    }
    if (message.kind == RpcMessage::Kind::response) {
        in.refuse(400, "null",
                  {RpcCode::invalid_request,
                   "this revision has no responses of the "
                   "client's",
                   {}});
        return;
    }
    auto meta = mcp::read_modern_meta(message);
    if (!meta) {
        in.refuse(400, message.id, meta.error());
        return;
    }
    if (const auto error = refuse_modern(in, message, *meta)) {
        in.refuse(400, message.id, *error);
        return;
    }
    const bool events = in.events();
    if (!events && message.method == "subscriptions/listen") {
        in.refuse_events();
        return;
    }
    Caller caller = mcp::modern_caller(std::move(in.context), *std::move(meta));
    in.trace(caller);
    auto under_way = std::make_shared<ModernExchange>(std::move(in.responder), std::move(in.head),
                                                      events, exchange);
    if (auto request = protocol.handle(std::move(caller), std::move(message), under_way)) {
        under_way->bind(request);
    }
}

void McpEndpoint::Impl::legacy(McpIncoming in, RpcMessage message) {
    const std::string_view said = in.session_revision();
    const auto revision = mcp::parse_revision(said);
    if (!said.empty() && !revision) {
        in.refuse(400, message.id, *mcp::refuse_version(said));
        return;
    }
    if (message.kind == RpcMessage::Kind::request && message.method == "initialize") {
        initialize(std::move(in), message);
        return;
    }
    const std::string_view id = in.header(kMcpSessionHeader);
    std::shared_ptr<mcp::Session> session;
    if (!id.empty()) {
        session = sessions.find(id, in.context);
        if (session == nullptr) {
            in.refuse_session();
            return;
        }
        if (revision && *revision != session->client().revision()) {
            in.refuse(400, message.id,
                      {RpcCode::invalid_request,
                       "MCP-Protocol-Version is not the one the session negotiated",
                       {}});
            return;
        }
    }
    if (message.kind == RpcMessage::Kind::response) {
        if (session == nullptr) {
            in.refuse(400, "null", {RpcCode::invalid_request, "an answer needs a session", {}});
            return;
        }
        session->client().asks().settle(message.id, std::move(message.outcome));
        in.reply(202, {});
        return;
    }
    if (message.kind == RpcMessage::Kind::notification) {
        if (session != nullptr) {
            session->client().take_notification(message);
        }
        in.reply(202, {});
        return;
    }
    Caller caller = session != nullptr ? session->client().caller(std::move(in.context), message)
                                       : mcp::sessionless_caller(
                                             std::move(in.context),
                                             revision.value_or(Revision::r2025_06_18), message);
    in.trace(caller);
    call(std::move(in), std::move(message), std::move(caller), std::move(session));
}

void McpEndpoint::Impl::initialize(McpIncoming in, const RpcMessage& message) {
    auto introduction = mcp::read_initialize(message);
    if (!introduction) {
        in.refuse(200, message.id, introduction.error());
        return;
    }
    const Revision revision = introduction->revision;
    const auto session = sessions.create(in.context, *std::move(introduction));
    if (!session) {
        in.refuse(503, Code::exhausted, session.error().message);
        return;
    }
    net::HttpResponse reply =
        rpc_reply(200, in.head, mcp::rpc_result(message.id, protocol.initialize_result(revision)));
    reply.extra_headers += std::string(kMcpSessionHeader) + ": " + (*session)->id() + "\r\n";
    in.responder.send(std::move(reply));
}

void McpEndpoint::Impl::call(McpIncoming in, RpcMessage message, Caller caller,
                             std::shared_ptr<mcp::Session> session) {
    if (session != nullptr) {
        caller.session_id = session->id();
        if (const auto outcome = session->client().answer(protocol, caller, message)) {
            in.reply(200, *outcome ? mcp::rpc_result(message.id, **outcome)
                                   : mcp::rpc_failure(message.id, outcome->error()));
            return;
        }
    } else if (message.method == "logging/setLevel" || message.method == "resources/subscribe" ||
               message.method == "resources/unsubscribe") {
        in.refuse(400, message.id,
                  {RpcCode::invalid_request, message.method + " needs a session", {}});
        return;
    }
    const bool events = in.events();
    auto under_way = std::make_shared<LegacyExchange>(LegacyExchange::Parts{
        std::move(in.responder), std::move(in.head), events, session, message.id, exchange});
    if (session != nullptr && !session->client().running().add(message.id, under_way)) {
        under_way->answer(
            mcp::rpc_failure(
                message.id,
                {RpcCode::invalid_request, "too many requests of this session are under way", {}}),
            RpcCode::invalid_request);
        return;
    }
    if (auto request = protocol.handle(std::move(caller), std::move(message), under_way)) {
        under_way->bind(request);
    }
}

McpEndpoint::McpEndpoint(Dispatcher& dispatcher, Mcp& mcp)
    : impl_(std::make_unique<Impl>(dispatcher, mcp)) {}

McpEndpoint::~McpEndpoint() = default;

void McpEndpoint::handle(const net::HttpRequest& request, net::Responder responder) {
    const bool post = request.method == "POST";
    const bool get = request.method == "GET";
    if (!post && !get && request.method != "DELETE") {
        Problem problem;
        problem.status = 405;
        problem.code = Code::unsupported;
        problem.detail = "this path does not support the method";
        problem.extra_headers = "Allow: GET, POST, DELETE\r\n";
        responder.send(problem_response(problem));
        return;
    }
    auto admission = admit(impl_->dispatcher, request, "mcp");
    if (!admission) {
        responder.send(refusal(admission.error(), request));
        return;
    }
    ReplyHead head(*admission);
    McpIncoming in{request, std::move(responder), std::move(admission->context), std::move(head)};
    if (post) {
        impl_->post(std::move(in));
    } else if (get) {
        impl_->get(std::move(in));
    } else {
        impl_->del(std::move(in));
    }
}

void McpEndpoint::end_streams() {
    impl_->protocol.end_subscriptions();  // each is told that it ends, and does not just break off
    impl_->streams.finish_all();
}

}  // namespace credence::surface
