#include "app/app.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string_view>

#include "app/command_line.h"
#include "app/modules.h"
#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/store/migrate.h"
#include "engine/store/sqlite.h"
#include "surface/mcp/mcp.h"

namespace credence {
namespace {

constexpr std::size_t kMaxConfigBytes = 1 << 20;
constexpr std::int64_t kTestingStartUs = 1'735'689'600'000'000;  // 2025-01-01T00:00:00Z
constexpr std::uint64_t kTestingSeed = 1;

// CREDENCE_* variables that are settings; the rest of the environment is not ours.
std::vector<std::string> setting_variables() {
    std::vector<std::string> out;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const bool testing = text.starts_with("CREDENCE_TESTING_");
        if (text.starts_with("CREDENCE_") && !testing) {
            out.emplace_back(text);
        }
    }
    return out;
}

// Where the manual clock of --testing starts: CREDENCE_TESTING_CLOCK, as in 2025-01-01T00:00:00Z.
Result<std::int64_t> testing_start_us() {
    const std::string text = environment_variable("CREDENCE_TESTING_CLOCK");
    if (text.empty()) {
        return kTestingStartUs;
    }
    std::tm time{};
    const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time);
    if (end == nullptr || *end != '\0') {
        return fail(Code::invalid, "CREDENCE_TESTING_CLOCK must be like 2025-01-01T00:00:00Z");
    }
    return static_cast<std::int64_t>(::timegm(&time)) * 1'000'000;
}

std::string home_directory(const char* xdg_variable, std::string_view below_home) {
    if (std::string xdg = environment_variable(xdg_variable); !xdg.empty()) {
        return xdg + "/credence";
    }
    const std::string home = environment_variable("HOME");
    return (home.empty() ? std::string("/var/lib") : home + std::string(below_home)) + "/credence";
}

Result<Settings> load(const CommandLine& line) {
    Settings::Sources sources;
    sources.environment = setting_variables();
    sources.overrides = line.overrides;
    sources.toml_name = line.config_file;
    if (sources.toml_name.empty()) {
        const std::string usual = home_directory("XDG_CONFIG_HOME", "/.config") + "/credence.toml";
        if (::access(usual.c_str(), R_OK) == 0) {
            sources.toml_name = usual;
        }
    }
    if (!sources.toml_name.empty()) {
        auto text = read_file(sources.toml_name, kMaxConfigBytes);
        if (!text) {
            return fail(Code::invalid,
                        "cannot read " + sources.toml_name + ": " + text.error().message);
        }
        sources.toml_text = std::move(*text);
    }
    return Settings::load(std::move(sources));
}

std::string path_of(const ServerSettings& server) {
    const std::string directory =
        server.data.empty() ? home_directory("XDG_DATA_HOME", "/.local/share") : server.data;
    return directory + "/credence.db";
}

// Lets modules be installed where nothing is asked of them: help, documents, configuration.
class NoGatekeeper final : public Gatekeeper {
public:
    Result<Admission> admit(const Credentials&) override {
        return fail(Code::unauthenticated, "no access module is installed");
    }
    bool requires_keys() const override { return true; }
};

class NoAudit final : public AuditSink {
public:
    Result<void> record(const Context&, const AuditEntry&) override {
        return fail(Code::unavailable, "no access module is installed");
    }
};

}  // namespace

Result<std::string> database_path(const CommandLine& line) {
    Settings settings = TRY(load(line));
    return path_of(TRY(settings.section<ServerSettings>("server")));
}

Result<std::unique_ptr<App>> App::open(const CommandLine& line, StoreUse use) {
    auto app = std::unique_ptr<App>(new App());
    if (line.testing) {
        auto clock = std::make_unique<ManualClock>(TRY(testing_start_us()));
        app->manual_clock_ = clock.get();
        app->clock_ = std::move(clock);
        app->random_ = std::make_unique<SeededRandom>(kTestingSeed);
    } else {
        app->clock_ = std::make_unique<SystemClock>();
        app->random_ = std::make_unique<SystemRandom>();
    }
    app->ids_ = std::make_unique<IdMaker>(*app->clock_, *app->random_);
    TRY(app->load_settings(line));
    TRY(app->open_store(use));
    TRY(app->install_modules());
    return app;
}

Result<void> App::load_settings(const CommandLine& line) {
    settings_ = std::make_unique<Settings>(TRY(load(line)));
    server_ = TRY(settings_->section<ServerSettings>("server"));
    live_ = TRY(settings_->section<LiveSettings>("live"));
    prometheus_ = TRY(settings_->section<PrometheusSettings>("prometheus"));
    mcp_ = TRY(settings_->section<surface::McpSettings>("mcp"));
    auto telemetry = TRY(settings_->section<telemetry::TelemetrySettings>("telemetry"));
    if (telemetry.enabled) {
        telemetry_ = TRY(telemetry::OtlpExporter::open(
            {.settings = std::move(telemetry), .clock = *clock_, .metrics = metrics_}));
    }
    store_ = TRY(settings_->section<StoreSettings>("store"));
    log::set_level(TRY(settings_->section<LogSettings>("log")).level);
    return {};
}

Result<void> App::open_store(StoreUse use) {
    events_ = std::make_unique<store::EventLog>(*clock_, metrics_);
    store::SqliteOptions options;
    options.full_sync = store_.full_sync;
    options.max_group = static_cast<int>(store_.max_group);
    options.path = ":memory:";
    if (use == StoreUse::local) {
        database_path_ = path_of(server_);
        options.path = database_path_;
        std::error_code error;
        const auto directory = std::filesystem::path(database_path_).parent_path();
        if (std::filesystem::create_directories(directory, error)) {
            ::chmod(directory.c_str(), S_IRWXU);  // ours alone: prompts and evidence live here
        }
        if (error) {
            return fail(Code::unavailable,
                        "cannot create " + directory.string() + ": " + error.message());
        }
        store::Migrator migrator(database_path_, migrations(), *clock_);
        if (const int applied = TRY(migrator.up()); applied > 0) {
            log::info("store migrated", {{"migrations", applied}, {"path", database_path_}});
        }
    }
    database_ = TRY(store::open_sqlite(options, *clock_, metrics_,
                                       [this](std::int64_t seq) { events_->committed(seq); }));
    return {};
}

Result<void> App::install_modules() {
    sandbox::SandboxOptions sandbox;
    sandbox.settings = TRY(settings_->section<sandbox::SandboxSettings>("sandbox"));
    sandbox_ = sandbox::open(std::move(sandbox), *clock_, metrics_);
    jobs_ = std::make_unique<Jobs>(*database_, catalog_, *clock_, *ids_, metrics_);
    host_ = std::make_unique<Host>(HostParts{*settings_, catalog_, *database_, *events_, *clock_,
                                             *random_, *ids_, metrics_, *jobs_, *sandbox_,
                                             data_directory()});
    for (const Module& module : modules()) {
        if (auto installed = module.install(*host_); !installed) {
            Error error = std::move(installed).error();
            error.message = std::string(module.name) + ": " + error.message;
            return std::unexpected(std::move(error));
        }
    }
    catalog_.freeze();
    for (const Operation& operation : catalog_.operations()) {
        for (const std::string& flag : common_flags()) {
            CHECK(operation.request->find(flag) == nullptr,
                  operation.name + ": field name is taken by a common flag: " + flag);
        }
    }
    TRY(surface::Mcp::check(catalog_, mcp_));
    const std::vector<std::string> unknown = settings_->unknown();
    std::string message;
    for (const std::string& line : unknown) {
        message += message.empty() ? line : "\n" + line;
    }
    if (!unknown.empty()) {
        return fail(Code::invalid, message);
    }
    return {};
}

std::string App::data_directory() const {
    return std::filesystem::path(database_path_).parent_path().string();
}

App::~App() {
    telemetry_.reset();  // it reads metrics that the modules compute
    if (events_ != nullptr) {
        events_->stop();
    }
    host_.reset();      // modules first: they use what follows
    jobs_.reset();      //
    database_.reset();  // its writer tells events_ of the last commits
}

Result<void> App::start_modules() {
    for (const auto& start : host_->starts()) {
        TRY(start());
    }
    return {};
}

void App::stop_modules() {
    for (const auto& stop : host_->stops()) {
        stop();
    }
}

void App::start_telemetry() {
    if (telemetry_ != nullptr) {
        telemetry_->start();
        telemetry_started_ = true;
    }
}

std::unique_ptr<Dispatcher> App::make_dispatcher(WorkerPool* pool, Jobs* jobs) {
    if (host_->gatekeeper() == nullptr) {
        host_->use(host_->keep(std::make_unique<NoGatekeeper>()));
    }
    if (host_->audit() == nullptr) {
        host_->use(host_->keep(std::make_unique<NoAudit>()));
    }
    return std::make_unique<Dispatcher>(
        Dispatcher::Parts{catalog_, *host_->gatekeeper(), *host_->audit(), jobs, pool, *clock_,
                          *ids_, metrics_, host_->flags(), spans()});
}

}  // namespace credence
