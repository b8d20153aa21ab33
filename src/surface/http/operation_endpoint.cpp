#include "surface/http/operation_endpoint.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "surface/http/exchange.h"
#include "surface/http/headers.h"
#include "surface/http/problem.h"
#include "surface/http/request_json.h"

namespace credence::surface {
namespace {

constexpr std::int64_t kMaxTimeoutMs = 24LL * 3600 * 1000;  // keeps the deadline far from overflow
constexpr std::string_view kTimeoutHeader = "Credence-Timeout-Ms";
constexpr std::size_t kReplyBytes = 512;  // of a usual reply

net::HttpResponse route_problem(const Route& route) {
    Problem problem;
    switch (route.outcome) {
        case Route::Outcome::malformed:
            problem.status = 400;
            problem.code = Code::invalid;
            problem.detail = route.reason;
            break;
        case Route::Outcome::wrong_method:
            problem.status = 405;
            problem.code = Code::unsupported;
            problem.detail = "this path does not support the method";
            problem.extra_headers = "Allow: " + route.allow + "\r\n";
            break;
        default:
            problem.status = 404;
            problem.code = Code::not_found;
            problem.detail = "there is nothing at this path; see /docs";
            break;
    }
    return problem_response(problem);
}

std::optional<net::HttpResponse> wrong_content_type(const net::HttpRequest& request,
                                                    const Admission& admission) {
    if (request.body.empty()) {
        return std::nullopt;
    }
    const std::string_view content_type = request.header("Content-Type");
    if (content_type.empty() || is_json(content_type)) {
        return std::nullopt;
    }
    const std::string request_id = admission.context.request_id.to_string();
    Problem problem;
    problem.status = 415;
    problem.code = Code::unsupported;
    problem.detail = "send Content-Type: application/json";
    problem.field = "Content-Type";
    problem.request_id = request_id;
    return problem_response(problem);
}

net::HttpResponse answer_reply(Result<Answer> answer, const ReplyHead& head) {
    if (!answer) {
        return head.failure(answer.error());
    }
    net::HttpResponse response;
    response.body = std::move(answer->json);
    response.extra_headers = head.headers();
    if (answer->job) {
        response.status = 202;
        response.extra_headers += "Location: /v1/jobs/" + answer->job->to_string() + "\r\n";
    }
    return response;
}

}  // namespace

// A request that found its operation. The text is the request's body or `storage`.
struct OperationEndpoint::Call {
    const Operation& operation;
    Admission admission;
    std::string_view text;
    std::string storage;
    std::int64_t wait_ms = 0;
};

Result<void> OperationEndpoint::set_deadline(const net::HttpRequest& request,
                                             const Operation& operation, Context& context) const {
    const std::string_view given = request.header(kTimeoutHeader);
    if (given.empty()) {
        return {};  // the dispatcher applies the operation's own timeout
    }
    const auto asked_ms = parse_integer(given);
    if (!asked_ms || *asked_ms < 1) {
        return fail(Code::invalid, "must be a number of milliseconds, 1 or more",
                    std::string(kTimeoutHeader));
    }
    const std::int64_t limit_ms = operation.timeout_ms > 0 ? operation.timeout_ms : *asked_ms;
    const std::int64_t timeout_ms = std::min({*asked_ms, limit_ms, kMaxTimeoutMs});
    context.deadline_us = clock_.steady_us() + timeout_ms * kUsPerMs;
    return {};
}

void OperationEndpoint::handle(const net::HttpRequest& request, net::Responder responder) {
    Route route = router_.find(request.method, request.path);
    if (route.outcome != Route::Outcome::found) {
        responder.send(route_problem(route));
        return;
    }
    auto admission = admit(dispatcher_, request, "http");
    if (!admission) {
        responder.send(refusal(admission.error(), request));
        return;
    }
    if (auto wrong = wrong_content_type(request, *admission)) {
        responder.send(*std::move(wrong));
        return;
    }
    Call call{*route.operation, *std::move(admission), {}, {}, 0};
    auto text =
        request_json({call.operation, route.values, request.query, request.body}, call.storage);
    if (!text) {
        responder.send(ReplyHead(call.admission).failure(text.error()));
        return;
    }
    call.text = *text;
    if (auto set = set_deadline(request, call.operation, call.admission.context); !set) {
        responder.send(ReplyHead(call.admission).failure(set.error()));
        return;
    }
    if (dispatcher_.runs_inline(call.operation, call.text.size())) {
        run_inline(call, std::move(responder));
        return;
    }
    if (call.operation.lane == Lane::background) {
        call.wait_ms = preferred_wait_ms(request.header("Prefer"));
    }
    run_elsewhere(call, std::move(responder));
}

void OperationEndpoint::run_inline(Call& call, net::Responder responder) {
    const ReplyHead head(call.admission);
    net::HttpResponse response;
    response.body.reserve(kReplyBytes);
    const Result<void> result =
        dispatcher_.run(call.operation, call.admission.context, call.text, response.body);
    if (!result) {
        responder.send(head.failure(result.error()));
        return;
    }
    response.extra_headers = head.headers();
    responder.send(std::move(response));
}

void OperationEndpoint::run_elsewhere(Call& call, net::Responder responder) {
    struct Pending {
        net::Responder responder;
        ReplyHead head;
    };
    auto pending =
        std::make_shared<Pending>(Pending{std::move(responder), ReplyHead(call.admission)});
    std::string owned = call.storage.empty() ? std::string(call.text) : std::move(call.storage);
    dispatcher_.dispatch(
        call.operation, std::move(call.admission.context), std::move(owned), call.wait_ms,
        [pending](Result<Answer> answer) {
            pending->responder.send(answer_reply(std::move(answer), pending->head));
        });
}

}  // namespace credence::surface
