#include "surface/http/mcp_endpoint.h"

#include <memory>
#include <optional>

#include "surface/http/exchange.h"
#include "surface/http/headers.h"
#include "surface/http/problem.h"

namespace credence::surface {
namespace {

// A message under way: everything the answer needs, and the message itself, which the protocol may
// still be reading on another thread.
struct Pending {
    Pending(net::Responder to, Admission admission, std::string_view text)
        : responder(std::move(to)),
          head(admission),
          context(std::move(admission.context)),
          message(text) {}

    net::Responder responder;
    ReplyHead head;
    Context context;
    std::string message;
};

std::optional<Problem> objection(const net::HttpRequest& request) {
    Problem problem;
    problem.code = Code::unsupported;
    const std::string_view content_type = request.header("Content-Type");
    if (!content_type.empty() && !is_json(content_type)) {
        problem.status = 415;
        problem.detail = "send Content-Type: application/json";
        problem.field = "Content-Type";
        return problem;
    }
    if (!accepts_json(request.header("Accept"))) {
        problem.status = 406;
        problem.detail = "Accept must admit application/json";
        problem.field = "Accept";
        return problem;
    }
    const std::string_view revision = request.header("MCP-Protocol-Version");
    if (!revision.empty() && !Mcp::supports_revision(revision)) {
        problem.status = 400;
        problem.code = Code::invalid;
        problem.detail = "this protocol revision is not supported";
        problem.field = "MCP-Protocol-Version";
        return problem;
    }
    if (request.body.size() > McpEndpoint::kMaxMessageBytes) {
        problem.status = 413;
        problem.code = Code::too_large;
        problem.detail = "an MCP message must have at most 4 MiB";
        return problem;
    }
    return std::nullopt;
}

void answer(Pending& pending, std::string text) {
    net::HttpResponse response;
    response.extra_headers = pending.head.headers();
    if (text.empty()) {
        response.status = 202;  // a notification or a response of the client's: nothing to say
    }
    response.body = std::move(text);
    pending.responder.send(std::move(response));
}

}  // namespace

void McpEndpoint::handle(const net::HttpRequest& request, net::Responder responder) {
    auto admission = admit(dispatcher_, request, "mcp");
    if (!admission) {
        responder.send(refusal(admission.error(), request));
        return;
    }
    if (auto problem = objection(request)) {
        const std::string request_id = admission->context.request_id.to_string();
        problem->request_id = request_id;
        responder.send(problem_response(*problem));
        return;
    }
    auto pending =
        std::make_shared<Pending>(std::move(responder), *std::move(admission), request.body);
    mcp_.handle(pending->context, pending->message,
                [pending](std::string text) { answer(*pending, std::move(text)); });
}

}  // namespace credence::surface
