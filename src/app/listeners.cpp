#include "app/listeners.h"

#include "base/log.h"

namespace credence {
namespace {

constexpr std::size_t kSpareConnections = 64;  // that are no clients, or are refused
constexpr std::size_t kExporterConnections = 128;
constexpr std::size_t kSmallBodyBytes = 1024;

Result<std::unique_ptr<net::Server>> open_listener(const net::ServerOptions& options,
                                                   net::HttpHandler handler, App& app,
                                                   const std::string& setting) {
    auto server = net::Server::open(options, std::move(handler), app.metrics());
    if (!server) {
        Error error = std::move(server).error();
        error.message = setting + ": " + error.message;
        error.field = setting;
        return std::unexpected(std::move(error));
    }
    return server;
}

surface::LiveOptions live_options(const LiveSettings& settings) {
    return {.heartbeat_ms = settings.heartbeat_ms,
            .ping_ms = settings.ping_ms,
            .max_clients = settings.max_clients,
            .max_queued_bytes = settings.max_queued_bytes,
            .remembered_events = settings.remembered_events,
            .token_timeout_ms = settings.token_timeout_ms};
}

}  // namespace

Result<void> check_exposure(App& app, const ListenAddress& listen, const std::string& setting) {
    if (listen.loopback || app.host().gatekeeper() == nullptr) {
        return {};
    }
    if (!app.host().gatekeeper()->requires_keys()) {
        return fail(Code::invalid,
                    "listening on " + listen.address +
                        " needs keys: set access.require_keys = true and create one with "
                        "'credence keys create --name admin --scopes \"*\"'",
                    setting);
    }
    return {};
}

Result<void> Listeners::open() {
    if (app_.live().enabled) {
        TRY(open_live());
    }
    if (app_.prometheus().enabled) {
        TRY(open_exporter());
    }
    return {};
}

Result<void> Listeners::open_live() {
    const LiveSettings& settings = app_.live();
    const ListenAddress listen = TRY(parse_listen(settings.listen, "live.listen"));
    TRY(check_exposure(app_, listen, "live.listen"));
    net::ServerOptions options = TRY(server_options(app_.server()));
    options.address = listen.address;
    options.port = listen.port;
    options.threads = 1;
    options.max_connections = static_cast<std::size_t>(settings.max_clients) + kSpareConnections;
    options.max_body_bytes = kSmallBodyBytes;
    live_ = TRY(surface::LiveSurface::open(
        {dispatcher_, app_.database(), app_.events(), app_.metrics(), app_.clock(), ready_,
         app_.host().feeds(), live_options(settings), listen.loopback,
         app_.host().gatekeeper() != nullptr && app_.host().gatekeeper()->requires_keys()}));
    live_server_ = TRY(open_listener(
        options,
        [this](const net::HttpRequest& request, net::Responder responder) {
            live_->handle(request, std::move(responder));
        },
        app_, "live.listen"));
    return {};
}

Result<void> Listeners::open_exporter() {
    const PrometheusSettings& settings = app_.prometheus();
    const ListenAddress listen = TRY(parse_listen(settings.listen, "prometheus.listen"));
    if (listen.port == 0) {
        return fail(Code::invalid, "the port must be 1 to 65535: a scraper must know it",
                    "prometheus.listen");
    }
    if (!settings.path.starts_with('/') || settings.path == "/health") {
        return fail(Code::invalid, "must begin with / and not be /health", "prometheus.path");
    }
    TRY(check_exposure(app_, listen, "prometheus.listen"));
    net::ServerOptions options = TRY(server_options(app_.server()));
    options.address = listen.address;
    options.port = listen.port;
    options.threads = 1;
    options.max_connections = kExporterConnections;
    options.max_body_bytes = kSmallBodyBytes;
    exporter_ = std::make_unique<surface::Exporter>(surface::ExporterParts{
        dispatcher_, app_.metrics(), ready_, settings.path, listen.loopback});
    exporter_server_ = TRY(open_listener(
        options,
        [this](const net::HttpRequest& request, net::Responder responder) {
            exporter_->handle(request, std::move(responder));
        },
        app_, "prometheus.listen"));
    return {};
}

void Listeners::start() {
    if (live_server_ != nullptr) {
        live_server_->start(&store::forbid_store_on_this_thread);
        log::info("live feed listening",
                  {{"listen", app_.live().listen}, {"port", live_server_->port()}});
    }
    if (exporter_server_ != nullptr) {
        exporter_server_->start(&store::forbid_store_on_this_thread);
        log::info("prometheus exporter listening",
                  {{"listen", app_.prometheus().listen}, {"port", exporter_server_->port()}});
    }
}

void Listeners::stop(std::int64_t timeout_ms) {
    if (live_server_ != nullptr) {
        live_server_->stop(timeout_ms);
    }
    if (live_ != nullptr) {
        live_->stop();
    }
    if (exporter_server_ != nullptr) {
        exporter_server_->stop(timeout_ms);
    }
}

}  // namespace credence
