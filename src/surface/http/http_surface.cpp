#include "surface/http/http_surface.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "surface/http/events_feed.h"
#include "surface/http/exchange.h"
#include "surface/http/headers.h"
#include "surface/http/health.h"
#include "surface/http/mcp_endpoint.h"
#include "surface/http/operation_endpoint.h"
#include "surface/http/pages.h"
#include "surface/http/problem.h"
#include "surface/http/resource_metadata.h"
#include "surface/http/router.h"
#include "surface/http/scrape.h"

namespace credence::surface {
namespace {

constexpr std::string_view kMetricsScope = "system:read";
constexpr std::string_view kEventsScope = "events:read";
constexpr std::string_view kEventsPath = "/v1/events";
constexpr std::size_t kMaxSurfaceTasks = 256;

net::HttpResponse plain_reply(int status, std::string body) {
    net::HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.extra_headers = common_headers();
    return response;
}

net::HttpResponse wrong_method(HttpMethod allowed) {
    Problem problem;
    problem.status = 405;
    problem.code = Code::unsupported;
    problem.detail = "this path does not support the method";
    problem.extra_headers = allowed == HttpMethod::get ? "Allow: GET, HEAD\r\n" : "Allow: POST\r\n";
    return problem_response(problem);
}

// The cheapest question that needs the file, its schema and a reader.
Result<void> probe(store::Database& database) {
    const auto newest = database.read([](store::Tx& tx) { return store::EventLog::last_seq(tx); });
    return newest ? Result<void>() : std::unexpected(newest.error());
}

Error missing_scope(std::string_view scope) {
    return Error{Code::forbidden, "needs the scope " + std::string(scope), {}, 0};
}

}  // namespace

struct HttpSurface::Impl {
    using Handler = void (Impl::*)(const net::HttpRequest&, net::Responder);
    struct FixedRoute {
        HttpMethod method;
        Handler handler;
        bool only_own_origin = false;
        bool any_method = false;  // the handler decides
    };

    explicit Impl(HttpParts p);

    void handle(const net::HttpRequest& request, net::Responder responder);
    void page(const net::HttpRequest& request, net::Responder responder);
    void health(const net::HttpRequest& request, net::Responder responder);
    void live(const net::HttpRequest& request, net::Responder responder);
    void ready(const net::HttpRequest& request, net::Responder responder);
    void metrics(const net::HttpRequest& request, net::Responder responder);
    void events(const net::HttpRequest& request, net::Responder responder);
    void mcp(const net::HttpRequest& request, net::Responder responder);

    HttpParts parts;
    OperationEndpoint operations;
    McpEndpoint mcp_endpoint;
    EventsFeed feed;
    std::map<std::string, Page, std::less<>> pages;
    std::map<const Page*, std::string> documents;  // made so far; of the thread of surface_pool
    std::map<std::string_view, FixedRoute> fixed;
    Health health_check;
    // Scrapes and health checks must work when the request workers are all busy. Last: it stops
    // first.
    WorkerPool surface_pool;
};

HttpSurface::Impl::Impl(HttpParts p)
    : parts(p),
      operations(p.dispatcher, p.clock),
      mcp_endpoint(p.dispatcher, p.mcp),
      feed(FeedParts{p.database, p.events, p.pool, p.metrics}),
      pages(build_pages(p.dispatcher.catalog())),
      health_check(HealthParts{p.pool, surface_pool, p.clock,
                               [&database = p.database] { return probe(database); }}),
      surface_pool("surface", 1, kMaxSurfaceTasks) {
    fixed["/health"] = {HttpMethod::get, &Impl::health};
    fixed["/health/live"] = {HttpMethod::get, &Impl::live};
    fixed["/health/ready"] = {HttpMethod::get, &Impl::ready};
    fixed["/metrics"] = {HttpMethod::get, &Impl::metrics};
    fixed[kEventsPath] = {HttpMethod::get, &Impl::events, true};
    fixed["/mcp"] = {HttpMethod::post, &Impl::mcp, true, true};
    add_resource_metadata(p.resource, p.dispatcher.catalog(), pages);
    for (const auto& [path, page_of_path] : pages) {
        fixed[path] = {HttpMethod::get, &Impl::page};
    }
}

void HttpSurface::Impl::handle(const net::HttpRequest& request, net::Responder responder) {
    const auto found = fixed.find(request.path);
    const bool is_fixed = found != fixed.end();
    const SenderRule rule{parts.loopback, is_fixed && found->second.only_own_origin};
    if (auto refused = refuse_foreign(request, rule)) {
        responder.send(*std::move(refused));
        return;
    }
    if (!is_fixed) {
        operations.handle(request, std::move(responder));
        return;
    }
    if (!found->second.any_method && parse_method(request.method) != found->second.method) {
        responder.send(wrong_method(found->second.method));
        return;
    }
    (this->*found->second.handler)(request, std::move(responder));
}

void HttpSurface::Impl::page(const net::HttpRequest& request, net::Responder responder) {
    const Page& wanted = pages.find(request.path)->second;
    if (!wanted.open) {
        if (auto admission = admit(parts.dispatcher, request, "http"); !admission) {
            responder.send(refusal(admission.error(), request));
            return;
        }
    }
    const auto reply = [&wanted](std::string body) {
        net::HttpResponse response = plain_reply(200, std::move(body));
        response.content_type = wanted.content_type;
        response.extra_headers += wanted.headers;
        return response;
    };
    if (!wanted.make) {
        responder.send(reply(wanted.body));
        return;
    }
    auto waiting = std::make_shared<net::Responder>(std::move(responder));
    const bool taken = surface_pool.submit([this, &wanted, reply, waiting] {
        std::string& document = documents[&wanted];
        if (document.empty()) {
            document = wanted.make();
        }
        waiting->send(reply(document));
    });
    if (!taken) {
        waiting->send(refusal(
            Error{Code::exhausted, "too many documents are waiting", {}, kBusyRetryMs}, request));
    }
}

void HttpSurface::Impl::health(const net::HttpRequest&, net::Responder responder) {
    auto waiting = std::make_shared<net::Responder>(std::move(responder));
    health_check.report([waiting](HealthReport report) {
        waiting->send(plain_reply(report.healthy ? 200 : 503, std::move(report.body)));
    });
}

void HttpSurface::Impl::live(const net::HttpRequest&, net::Responder responder) {
    responder.send(plain_reply(200, R"({"status":"live"})"));
}

void HttpSurface::Impl::ready(const net::HttpRequest&, net::Responder responder) {
    if (parts.ready.load(std::memory_order_relaxed)) {
        responder.send(plain_reply(200, R"({"status":"ready"})"));
        return;
    }
    net::HttpResponse response = plain_reply(503, R"({"status":"not_ready"})");
    response.extra_headers += "Retry-After: 1\r\n";
    responder.send(std::move(response));
}

void HttpSurface::Impl::metrics(const net::HttpRequest& request, net::Responder responder) {
    auto admission = admit(parts.dispatcher, request, "http");
    if (!admission) {
        responder.send(refusal(admission.error(), request));
        return;
    }
    const ReplyHead head(*admission);
    if (!admission->context.scopes.allow(kMetricsScope)) {
        responder.send(head.failure(missing_scope(kMetricsScope)));
        return;
    }
    const bool open_metrics = wants_open_metrics(request.header("Accept"));
    auto waiting = std::make_shared<net::Responder>(std::move(responder));
    const bool taken =
        surface_pool.submit([waiting, head, open_metrics, &registry = parts.metrics] {
            net::HttpResponse response = scrape_reply(registry, open_metrics);
            response.extra_headers = head.headers();
            waiting->send(std::move(response));
        });
    if (!taken) {
        waiting->send(
            head.failure(Error{Code::exhausted, "too many scrapes are waiting", {}, kBusyRetryMs}));
    }
}

void HttpSurface::Impl::events(const net::HttpRequest& request, net::Responder responder) {
    auto admission = admit(parts.dispatcher, request, "http");
    if (!admission) {
        responder.send(refusal(admission.error(), request));
        return;
    }
    const ReplyHead head(*admission);
    if (!admission->context.scopes.allow(kEventsScope)) {
        responder.send(head.failure(missing_scope(kEventsScope)));
        return;
    }
    if (!net::is_websocket_upgrade(request)) {
        Problem problem;
        problem.status = 426;
        problem.code = Code::unsupported;
        problem.detail = "the event feed is a WebSocket: send an upgrade";
        problem.request_id = head.request_id;
        problem.extra_headers = "Upgrade: websocket\r\n";
        responder.send(problem_response(problem));
        return;
    }
    auto wanted = parse_feed_request(request.query);
    if (!wanted) {
        responder.send(head.failure(wanted.error()));
        return;
    }
    wanted->tenant = admission->context.tenant;
    auto handlers = feed.open(*std::move(wanted));
    if (!handlers) {
        responder.send(head.failure(handlers.error()));
        return;
    }
    responder.upgrade(*std::move(handlers));
}

void HttpSurface::Impl::mcp(const net::HttpRequest& request, net::Responder responder) {
    mcp_endpoint.handle(request, std::move(responder));
}

HttpSurface::HttpSurface(HttpParts parts) : impl_(std::make_unique<Impl>(parts)) {}

HttpSurface::~HttpSurface() = default;

void HttpSurface::handle(const net::HttpRequest& request, net::Responder responder) {
    impl_->handle(request, std::move(responder));
}

void HttpSurface::end_streams() {
    impl_->mcp_endpoint.end_streams();
}

}  // namespace credence::surface
