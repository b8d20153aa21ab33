// The settings of the program itself: sections [server], [live], [prometheus], [store] and [log].
#pragma once

#include <cstdint>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "base/shape.h"
#include "engine/net/server.h"

namespace credence {

struct ServerSettings {
    std::string listen = "127.0.0.1:8787";
    std::string data;
    std::int64_t io_threads = 0;
    std::int64_t workers = 0;
    std::int64_t max_queued_requests = 1'000;
    std::int64_t max_connections = 20'000;
    std::int64_t max_body_bytes = std::int64_t{8} << 20;
    std::int64_t head_timeout_ms = 10'000;
    std::int64_t body_timeout_ms = 30'000;
    std::int64_t idle_timeout_ms = 75'000;
    std::int64_t write_timeout_ms = 30'000;
    std::int64_t shutdown_timeout_ms = 10'000;
    std::string tls_certificate_file;
    std::string tls_key_file;
};
void describe(Describe<ServerSettings>&);

struct LogSettings {
    log::Level level = log::Level::info;
};
void describe(Describe<LogSettings>&);

struct StoreSettings {
    bool full_sync = true;
    std::int64_t max_group = 256;
};
void describe(Describe<StoreSettings>&);

// The live feed's listener.
struct LiveSettings {
    bool enabled = false;
    std::string listen = "127.0.0.1:8765";
    std::int64_t heartbeat_ms = 15'000;
    std::int64_t ping_ms = 10'000;
    std::int64_t max_clients = 2'000;
    std::int64_t max_queued_bytes = std::int64_t{1} << 20;
    std::int64_t remembered_events = 256;
    std::int64_t token_timeout_ms = 5'000;
};
void describe(Describe<LiveSettings>&);

// The Prometheus exporter's listener.
struct PrometheusSettings {
    bool enabled = false;
    std::string listen = "127.0.0.1:9090";
    std::string path = "/metrics";
};
void describe(Describe<PrometheusSettings>&);

struct ListenAddress {
    std::string address;  // "127.0.0.1", "::1"
    std::uint16_t port = 0;
    bool loopback = false;
};

// "127.0.0.1:8787", "[::1]:8787", "localhost:0". Code::invalid with the setting otherwise.
Result<ListenAddress> parse_listen(const std::string& text,
                                   const std::string& setting = "server.listen");

// The net server's options; thread counts resolved for this machine.
Result<net::ServerOptions> server_options(const ServerSettings& settings);

// Worker threads for the pool lane.
std::size_t worker_threads(const ServerSettings& settings);

}  // namespace credence
