#include "surface/http/exchange.h"

#include "surface/http/headers.h"
#include "surface/http/problem.h"

namespace credence::surface {
namespace {

constexpr std::size_t kHeadBytes = 256;  // of all header lines of a usual reply

// draft-ietf-httpapi-ratelimit-headers: q and r are requests, w and t seconds.
void append_rate(const RateState& rate, std::string& out) {
    if (rate.limit <= 0) {
        return;
    }
    out.append("RateLimit-Policy: \"default\";q=").append(std::to_string(rate.limit));
    out.append(";w=1\r\nRateLimit: \"default\";r=").append(std::to_string(rate.remaining));
    out.append(";t=").append(std::to_string(rate.reset_s)).append("\r\n");
}

}  // namespace

std::optional<net::HttpResponse> refuse_foreign(const net::HttpRequest& request, SenderRule rule) {
    if (!rule.loopback && !rule.only_own_origin) {
        return std::nullopt;
    }
    const std::string_view host = request.header("Host");
    Problem problem;
    problem.code = Code::forbidden;
    if (rule.loopback && !is_loopback_host(host)) {
        problem.status = 421;
        problem.detail = "this server answers to localhost, 127.0.0.1 and [::1] only";
        problem.field = "Host";
        return problem_response(problem);
    }
    const std::string_view origin = request.header("Origin");
    if (origin.empty()) {
        return std::nullopt;
    }
    const bool ours = rule.loopback ? is_loopback_origin(origin) : is_same_origin(origin, host);
    if (ours) {
        return std::nullopt;
    }
    problem.status = 403;
    problem.detail = "requests from pages of other sites are refused";
    problem.field = "Origin";
    return problem_response(problem);
}

Result<Admission> admit(Dispatcher& dispatcher, const net::HttpRequest& request,
                        std::string_view surface) {
    Credentials credentials;
    credentials.bearer = bearer_token(request.header("Authorization"));
    credentials.address = request.peer;
    credentials.name_space = request.header("Credence-Namespace");
    credentials.surface = surface;
    Admission admission = TRY(dispatcher.admit(credentials, request.header("Credence-Request-Id")));
    admission.context.trace =
        TraceContext::parse(request.header("traceparent")).value_or(TraceContext{});
    return admission;
}

net::HttpResponse refusal(const Error& error, const net::HttpRequest& request) {
    Problem problem;
    problem.status = http_status(error.code);
    problem.code = error.code;
    problem.detail = error.message;
    problem.field = error.field;
    problem.retry_after_ms = error.retry_after_ms;
    problem.credential_refused = !request.header("Authorization").empty();
    const std::string_view given = request.header("Credence-Request-Id");
    // Only a well-formed id is repeated: anything else would be a header of the caller's making.
    if (!given.empty() && RequestId::parse(given)) {
        problem.request_id = given;
    }
    if (error.code == Code::exhausted) {
        problem.extra_headers =
            "RateLimit: \"default\";r=0;t=" + std::to_string(retry_after_s(error.retry_after_ms)) +
            "\r\n";
    }
    return problem_response(problem);
}

ReplyHead::ReplyHead(const Admission& admission)
    : request_id(admission.context.request_id.to_string()), rate(admission.rate) {}

std::string ReplyHead::headers() const {
    std::string out;
    out.reserve(kHeadBytes);
    out = common_headers();
    out.append("Credence-Request-Id: ").append(request_id).append("\r\n");
    append_rate(rate, out);
    return out;
}

net::HttpResponse ReplyHead::failure(const Error& error) const {
    net::HttpResponse response = problem_response(error, request_id);
    append_rate(rate, response.extra_headers);
    return response;
}

}  // namespace credence::surface
