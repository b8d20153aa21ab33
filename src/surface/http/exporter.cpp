#include "surface/http/exporter.h"

#include "surface/http/exchange.h"
#include "surface/http/problem.h"
#include "surface/http/scrape.h"

namespace credence::surface {
namespace {

constexpr std::string_view kScrapeScope = "system:read";
constexpr std::size_t kMaxScrapes = 64;  // waiting

net::HttpResponse exporter_problem(int status, Code code, std::string_view detail) {
    Problem problem;
    problem.status = status;
    problem.code = code;
    problem.detail = detail;
    problem.extra_headers = status == 405 ? "Allow: GET, HEAD\r\n" : "";
    return problem_response(problem);
}

}  // namespace

Exporter::Exporter(ExporterParts parts)
    : parts_(std::move(parts)), pool_("exporter", 1, kMaxScrapes) {}

void Exporter::handle(const net::HttpRequest& request, net::Responder responder) {
    if (auto refused = refuse_foreign(request, {parts_.loopback, false})) {
        responder.send(*std::move(refused));
        return;
    }
    const bool is_health = request.path == "/health";
    if (!is_health && request.path != parts_.path) {
        responder.send(exporter_problem(404, Code::not_found, "the metrics are at another path"));
        return;
    }
    if (request.method != "GET" && request.method != "HEAD") {
        responder.send(exporter_problem(405, Code::unsupported, "only GET is supported here"));
        return;
    }
    if (!is_health) {
        scrape(request, std::move(responder));
        return;
    }
    const bool ready = parts_.ready.load(std::memory_order_relaxed);
    net::HttpResponse response;
    response.status = ready ? 200 : 503;
    response.body = ready ? R"({"status":"ready"})" : R"({"status":"not_ready"})";
    response.extra_headers = common_headers();
    responder.send(std::move(response));
}

void Exporter::scrape(const net::HttpRequest& request, net::Responder responder) {
    auto admission = admit(parts_.dispatcher, request, "http");
    if (!admission) {
        responder.send(refusal(admission.error(), request));
        return;
    }
    const ReplyHead head(*admission);
    if (!admission->context.scopes.allow(kScrapeScope)) {
        responder.send(head.failure(
            Error{Code::forbidden, "needs the scope " + std::string(kScrapeScope), {}, 0}));
        return;
    }
    const bool open_metrics = wants_open_metrics(request.header("Accept"));
    auto waiting = std::make_shared<net::Responder>(std::move(responder));
    const bool taken = pool_.submit([waiting, head, open_metrics, &registry = parts_.metrics] {
        net::HttpResponse response = scrape_reply(registry, open_metrics);
        response.extra_headers = head.headers();
        waiting->send(std::move(response));
    });
    if (!taken) {
        waiting->send(
            head.failure(Error{Code::exhausted, "too many scrapes are waiting", {}, kBusyRetryMs}));
    }
}

}  // namespace credence::surface
