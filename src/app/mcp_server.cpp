#include "app/mcp_server.h"

#include <unistd.h>

#include <csignal>
#include <utility>

#include "app/commands.h"
#include "app/mcp_extras.h"
#include "app/scheduler.h"
#include "base/log.h"
#include "surface/mcp/session/stdio.h"

namespace credence {
namespace {

constexpr std::size_t kMaxStdioQueued = 128;  // the stdio session itself holds fewer in flight
constexpr std::int64_t kJobStopMs = 2'000;    // then running jobs go back to the queue

// --profile NAME is the setting mcp.profile.
Result<CommandLine> with_profile(const CommandLine& line) {
    static constexpr std::string_view kFlag = "--profile";
    CommandLine out = line;
    for (std::size_t i = 1; i < line.arguments.size(); ++i) {
        const std::string_view argument = line.arguments[i];
        if (argument == kFlag && i + 1 < line.arguments.size()) {
            out.overrides["mcp.profile"] = line.arguments[++i];
        } else if (argument.starts_with(kFlag) && argument.substr(kFlag.size()).starts_with('=')) {
            out.overrides["mcp.profile"] = argument.substr(kFlag.size() + 1);
        } else if (argument != "--json") {
            return fail(Code::invalid, "usage: credence mcp [--profile core|full|list]");
        }
    }
    return out;
}

// A client's process: with the store's jobs and events, unless a server has them already.
int serve_stdio(const CommandLine& line, App& app) {
    auto only = only_server(app.database_path());
    if (!only && only.error().code != Code::conflict) {
        return report(line, only.error());
    }
    const bool owns_store = only.has_value();
    if (auto started = app.start_modules(); !started) {
        return report(line, started.error());
    }
    WorkerPool pool("worker", worker_threads(app.server()), kMaxStdioQueued);
    app.start_telemetry();
    const auto dispatcher = app.make_dispatcher(&pool, owns_store ? &app.jobs() : nullptr);
    if (owns_store) {
        auto started = app.events().start(app.database());
        if (started) {
            started = app.jobs().start(kJobThreads);
        }
        if (!started) {
            return report(line, started.error());
        }
    } else {
        log::info("a server uses the store: background operations run at once", {});
    }
    int code = 0;
    {
        const auto mcp = make_mcp(app, *dispatcher, pool, owns_store);
        Scheduler scheduler(app.host().schedules(), pool, app.metrics());
        code = surface::serve_mcp_stdio(*mcp, *dispatcher, STDIN_FILENO, STDOUT_FILENO);
        scheduler.stop();
        if (owns_store) {
            app.jobs().stop(kJobStopMs);
        }
        pool.stop();
        app.events().stop();
    }
    app.stop_modules();
    return code;
}

}  // namespace

Result<store::FileLock> only_server(const std::string& database_path) {
    auto lock = store::FileLock::take(database_path + ".server", store::FileLock::Mode::exclusive);
    if (!lock && lock.error().code == Code::conflict) {
        return fail(Code::conflict, "another server uses the store " + database_path);
    }
    return lock;
}

std::unique_ptr<surface::Mcp> make_mcp(App& app, Dispatcher& dispatcher, WorkerPool& pool,
                                       bool owns_store) {
    auto mcp = std::make_unique<surface::Mcp>(
        surface::McpParts{.dispatcher = dispatcher,
                          .database = owns_store ? &app.database() : nullptr,
                          .events = owns_store ? &app.events() : nullptr,
                          .jobs = owns_store ? &app.jobs() : nullptr,
                          .pool = &pool,
                          .clock = app.clock(),
                          .random = app.random(),
                          .metrics = app.metrics(),
                          .prompts = app.host().prompts(),
                          .spans = app.spans(),
                          .settings = app.mcp(),
                          .more = extra_mcp_features()});
    attach_mcp_features(mcp->notices());
    return mcp;
}

int serve_mcp(const CommandLine& line) {
    auto wanted = with_profile(line);
    if (!wanted) {
        return report(line, wanted.error());
    }
    std::signal(SIGPIPE,
                SIG_IGN);  // NOLINT(cert-err33-c): a client that hung up is an error code
    auto app = App::open(*wanted, StoreUse::local);
    return app ? serve_stdio(line, **app) : report(line, app.error());
}

}  // namespace credence
