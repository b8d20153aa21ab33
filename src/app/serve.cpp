// `credence serve`: from settings to a running server, and back down in order.
#include <pthread.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "app/app.h"
#include "app/commands.h"
#include "app/listeners.h"
#include "app/mcp_server.h"
#include "app/scheduler.h"
#include "base/log.h"
#include "base/version.h"
#include "engine/net/server.h"
#include "engine/store/database.h"
#include "engine/store/file_lock.h"
#include "surface/http/http_surface.h"
#include "surface/mcp/mcp.h"

namespace credence {
namespace {

constexpr std::int64_t kOtherFiles = 256;  // of the store, pipes, logs

struct TestingClock {
    std::int64_t now_us = 0;
};

void describe(Describe<TestingClock>& d) {
    d.field<&TestingClock::now_us>("The manual clock's new time");
}

// SIGINT and SIGTERM, blocked before any thread exists and waited for by the main thread.
class StopSignals {
public:
    StopSignals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
        std::signal(SIGPIPE,
                    SIG_IGN);  // NOLINT(cert-err33-c): a peer that hung up is an error code
    }
    int wait() {
        int signal = 0;
        sigwait(&set_, &signal);
        return signal;
    }

private:
    sigset_t set_{};
};

// A connection is a file: the usual soft limit of 1,024 would end below the connections allowed.
void raise_file_limit(const App& app) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));  // else the old one stays
    const std::int64_t wanted = app.server().max_connections +
                                (app.live().enabled ? app.live().max_clients : 0) + kOtherFiles;
    if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < static_cast<rlim_t>(wanted)) {
        log::warning("few files may be open", {{"limit", limit.rlim_cur}, {"wanted", wanted}});
    }
}

// The server's parts in the order they start; stopped in reverse.
class Running {
public:
    explicit Running(App& app)
        : app_(app),
          pool_("worker", worker_threads(app.server()),
                static_cast<std::size_t>(app.server().max_queued_requests)),
          dispatcher_(app.make_dispatcher(&pool_, &app.jobs())),
          mcp_(make_mcp(app, *dispatcher_, pool_, true)),
          surface_({*dispatcher_, app.database(), app.events(), app.metrics(), app.clock(), pool_,
                    *mcp_, ready_, loopback(app), &app.host().find<ProtectedResource>()}),
          listeners_(app, *dispatcher_, ready_) {}

    Result<void> start() {
        const ListenAddress listen = TRY(parse_listen(app_.server().listen));
        TRY(check_exposure(app_, listen, "server.listen"));
        raise_file_limit(app_);
        only_ = TRY(only_server(app_.database_path()));
        TRY(app_.start_modules());
        TRY(app_.events().start(app_.database()));
        TRY(app_.jobs().start(kJobThreads));
        server_ = TRY(net::Server::open(
            TRY(server_options(app_.server())),
            [this](const net::HttpRequest& request, net::Responder responder) {
                handle(request, std::move(responder));
            },
            app_.metrics()));
        TRY(listeners_.open());
        scheduler_.emplace(app_.host().schedules(), pool_, app_.metrics());
        ready_ = true;
        server_->start(&store::forbid_store_on_this_thread);
        listeners_.start();
        log::info("listening", {{"address", listen.address},
                                {"port", server_->port()},
                                {"data", app_.database_path()},
                                {"version", kVersion}});
        log::flush();
        return {};
    }

    void stop() {
        const std::int64_t timeout_ms = app_.server().shutdown_timeout_ms;
        ready_ = false;
        listeners_.stop(timeout_ms);
        surface_.end_streams();
        if (server_ != nullptr) {
            server_->stop(timeout_ms);
        }
        if (scheduler_) {
            scheduler_->stop();
        }
        app_.jobs().stop(timeout_ms);
        pool_.stop();
        app_.events().stop();
        app_.stop_modules();
    }

private:
    static bool loopback(App& app) {
        const auto listen = parse_listen(app.server().listen);
        return listen && listen->loopback;
    }

    void handle(const net::HttpRequest& request, net::Responder responder) {
        if (app_.manual_clock() != nullptr && request.path == "/testing/clock") {
            auto clock = from_json<TestingClock>(request.body);
            if (clock) {
                app_.manual_clock()->set_us(clock->now_us);
            }
            net::HttpResponse response;
            response.status = clock ? 200 : 400;
            response.body = "{}";
            responder.send(std::move(response));
            return;
        }
        surface_.handle(request, std::move(responder));
    }

    App& app_;
    store::FileLock only_;
    std::atomic<bool> ready_{false};
    WorkerPool pool_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::unique_ptr<surface::Mcp> mcp_;
    surface::HttpSurface surface_;
    Listeners listeners_;
    std::optional<Scheduler> scheduler_;
    std::unique_ptr<net::Server> server_;
};

}  // namespace

int serve(const CommandLine& line) {
    StopSignals signals;
    auto app = App::open(line, StoreUse::local);
    if (!app) {
        return report(line, app.error());
    }
    (*app)->start_telemetry();
    Running running(**app);
    if (auto started = running.start(); !started) {
        running.stop();
        return report(line, started.error());
    }
    const int signal = signals.wait();
    log::info("stopping", {{"signal", signal}});
    running.stop();
    log::info("stopped", {});
    return 0;
}

}  // namespace credence
