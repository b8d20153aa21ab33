// The wiring: from settings to a host with every module installed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/dispatch.h"
#include "api/host.h"
#include "app/command_line.h"
#include "app/server_settings.h"
#include "base/worker_pool.h"
#include "engine/sandbox/sandbox.h"
#include "engine/store/database.h"
#include "engine/telemetry/otlp_exporter.h"
#include "surface/mcp/protocol/settings.h"

namespace credence {

// What the store is for this run.
enum class StoreUse : std::uint8_t {
    none,   // in memory and empty: help, documents, configuration
    local,  // the data directory, migrated: commands, stdio, server
};

class App {
public:
    // Loads settings, opens and migrates the store, installs every module and freezes the
    // catalogue. Unknown settings are Code::invalid, all of them in the message.
    static Result<std::unique_ptr<App>> open(const CommandLine& line, StoreUse use);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    // Runs what the modules want done before the first call (local store only).
    Result<void> start_modules();
    void stop_modules();

    // Sends spans and metrics from now on, where the settings want it. Before the dispatcher is
    // made, and after the last fork.
    void start_telemetry();
    // Null: no telemetry.
    SpanSink* spans() { return telemetry_started_ ? telemetry_.get() : nullptr; }

    // The dispatcher of this run; pool and jobs are null outside the server.
    std::unique_ptr<Dispatcher> make_dispatcher(WorkerPool* pool, Jobs* jobs);

    Settings& settings() { return *settings_; }
    const ServerSettings& server() const { return server_; }
    const LiveSettings& live() const { return live_; }
    const PrometheusSettings& prometheus() const { return prometheus_; }
    const surface::McpSettings& mcp() const { return mcp_; }
    // The folder of database_path(); empty for a store in memory.
    std::string data_directory() const;
    const std::string& database_path() const { return database_path_; }
    Catalog& catalog() { return catalog_; }
    Host& host() { return *host_; }
    store::Database& database() { return *database_; }
    store::EventLog& events() { return *events_; }
    Jobs& jobs() { return *jobs_; }
    Metrics& metrics() { return metrics_; }
    const Clock& clock() const { return *clock_; }
    Random& random() { return *random_; }
    ManualClock* manual_clock() { return manual_clock_; }

private:
    App() = default;
    Result<void> load_settings(const CommandLine& line);
    Result<void> open_store(StoreUse use);
    Result<void> install_modules();

    std::unique_ptr<Clock> clock_;
    ManualClock* manual_clock_ = nullptr;  // clock_, when testing
    std::unique_ptr<Random> random_;
    std::unique_ptr<IdMaker> ids_;
    Metrics metrics_;
    std::unique_ptr<Settings> settings_;
    ServerSettings server_;
    LiveSettings live_;
    PrometheusSettings prometheus_;
    surface::McpSettings mcp_;
    StoreSettings store_;
    std::string database_path_;
    Catalog catalog_;
    std::unique_ptr<store::EventLog> events_;
    std::unique_ptr<store::Database> database_;
    std::unique_ptr<sandbox::Sandbox> sandbox_;
    std::unique_ptr<Jobs> jobs_;
    std::unique_ptr<Host> host_;
    std::unique_ptr<telemetry::OtlpExporter> telemetry_;  // null: off
    bool telemetry_started_ = false;
};

// "<data>/credence.db"; reads the settings only.
Result<std::string> database_path(const CommandLine& line);

}  // namespace credence
