#include "app/server_settings.h"

#include <algorithm>
#include <limits>
#include <thread>

#include "base/text.h"
#include "base/units.h"

namespace credence {
namespace {

constexpr std::int64_t kMaxThreads = 256;
constexpr std::int64_t kMaxBodyBytes = std::int64_t{1} << 30;

std::int64_t cores() {
    return std::max<std::int64_t>(1, std::thread::hardware_concurrency());
}

}  // namespace

void describe(Describe<ServerSettings>& d) {
    d.doc("The server");
    d.field<&ServerSettings::listen>(
         "Address and port; anything but loopback needs access.require_keys = true")
        .or_default();
    d.field<&ServerSettings::data>(
         "Directory of the embedded store; empty: $XDG_DATA_HOME/credence or "
         "~/.local/share/credence")
        .or_default();
    d.field<&ServerSettings::io_threads>("Network threads; 0: one per core, at most 4")
        .between(0, kMaxThreads)
        .or_default();
    d.field<&ServerSettings::workers>("Threads for operations that use the store; 0: 4 per core")
        .between(0, kMaxThreads)
        .or_default();
    d.field<&ServerSettings::max_queued_requests>("Requests waiting for a worker; beyond: 429")
        .between(1, 1'000'000)
        .or_default();
    d.field<&ServerSettings::max_connections>("Open connections; beyond: 503")
        .between(1, 1'000'000)
        .or_default();
    d.field<&ServerSettings::max_body_bytes>("Largest request body; beyond: 413")
        .between(1024, static_cast<double>(kMaxBodyBytes))
        .or_default();
    d.field<&ServerSettings::head_timeout_ms>("Time to send a request's head; beyond: 408")
        .between(10, kMsPerHour)
        .or_default();
    d.field<&ServerSettings::body_timeout_ms>("Time to send a request's body; beyond: 408")
        .between(10, kMsPerHour)
        .or_default();
    d.field<&ServerSettings::idle_timeout_ms>("Keep-alive connections close after this")
        .between(10, kMsPerHour)
        .or_default();
    d.field<&ServerSettings::write_timeout_ms>("A client that does not read is cut after this")
        .between(10, kMsPerHour)
        .or_default();
    d.field<&ServerSettings::shutdown_timeout_ms>("Bound of a graceful shutdown")
        .between(0, kMsPerHour)
        .or_default();
    d.field<&ServerSettings::tls_certificate_file>("PEM certificate chain; empty: no TLS")
        .or_default();
    d.field<&ServerSettings::tls_key_file>("PEM private key").or_default();
}

void describe(Describe<LogSettings>& d) {
    d.doc("Structured log on stderr");
    d.field<&LogSettings::level>("Lines below this level are not written").or_default();
}

void describe(Describe<StoreSettings>& d) {
    d.doc("The embedded store");
    d.field<&StoreSettings::full_sync>("Flush to disk at each commit; false risks the last ones")
        .or_default();
    d.field<&StoreSettings::max_group>("Writes that share one commit at most")
        .between(1, 10'000)
        .or_default();
}

void describe(Describe<LiveSettings>& d) {
    d.doc("The live feed: WebSocket on a listener of its own, as wscat -c ws://localhost:8765");
    d.field<&LiveSettings::enabled>("Whether it is served").or_default();
    d.field<&LiveSettings::listen>(
         "Address and port; anything but loopback needs access.require_keys = true")
        .or_default();
    d.field<&LiveSettings::heartbeat_ms>("Between heartbeats to each client")
        .between(100, kMsPerHour)
        .or_default();
    d.field<&LiveSettings::ping_ms>("Between protocol pings; two without a pong: dropped")
        .between(100, kMsPerHour)
        .or_default();
    d.field<&LiveSettings::max_clients>("Clients at once; beyond: 503")
        .between(1, 100'000)
        .or_default();
    d.field<&LiveSettings::max_queued_bytes>("Waiting for one client; beyond it is dropped")
        .between(16'384, static_cast<double>(kMaxBodyBytes))
        .or_default();
    d.field<&LiveSettings::remembered_events>("Newest events in memory, for clients that resume")
        .between(1, 100'000)
        .or_default();
    d.field<&LiveSettings::token_timeout_ms>("For a client to send its key, where one is needed")
        .between(10, kMsPerHour)
        .or_default();
}

void describe(Describe<PrometheusSettings>& d) {
    d.doc("The Prometheus exporter: the metrics on a listener of their own");
    d.field<&PrometheusSettings::enabled>("Whether it is served").or_default();
    d.field<&PrometheusSettings::listen>(
         "Address and port, 1 to 65535; anything but loopback needs access.require_keys = true")
        .or_default();
    d.field<&PrometheusSettings::path>("Where the metrics are, beginning with /")
        .length(1, 200)
        .or_default();
}

Result<ListenAddress> parse_listen(const std::string& text, const std::string& setting) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) {
        return fail(Code::invalid, "must be ADDRESS:PORT, as in 127.0.0.1:8787", setting);
    }
    std::string_view host = std::string_view(text).substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) {
        host = host.substr(1, host.size() - 2);
    }
    const auto port = parse_integer(std::string_view(text).substr(colon + 1));
    if (host.empty() || !port || *port < 0 || *port > std::numeric_limits<std::uint16_t>::max()) {
        return fail(Code::invalid, "must be ADDRESS:PORT, as in 127.0.0.1:8787", setting);
    }
    ListenAddress listen;
    listen.address = host == "localhost" ? "127.0.0.1" : std::string(host);
    listen.port = static_cast<std::uint16_t>(*port);
    listen.loopback = listen.address.starts_with("127.") || listen.address == "::1";
    return listen;
}

Result<net::ServerOptions> server_options(const ServerSettings& settings) {
    const ListenAddress listen = TRY(parse_listen(settings.listen));
    constexpr std::int64_t kMostIoThreads = 4;
    net::ServerOptions options;
    options.address = listen.address;
    options.port = listen.port;
    options.threads = static_cast<int>(settings.io_threads > 0 ? settings.io_threads
                                                               : std::min(cores(), kMostIoThreads));
    options.max_connections = static_cast<std::size_t>(settings.max_connections);
    options.max_body_bytes = static_cast<std::size_t>(settings.max_body_bytes);
    options.head_timeout_ms = settings.head_timeout_ms;
    options.body_timeout_ms = settings.body_timeout_ms;
    options.idle_timeout_ms = settings.idle_timeout_ms;
    options.write_timeout_ms = settings.write_timeout_ms;
    options.tls_certificate_file = settings.tls_certificate_file;
    options.tls_key_file = settings.tls_key_file;
    return options;
}

std::size_t worker_threads(const ServerSettings& settings) {
    constexpr std::int64_t kWorkersPerCore = 4;
    return static_cast<std::size_t>(settings.workers > 0 ? settings.workers
                                                         : cores() * kWorkersPerCore);
}

}  // namespace credence
