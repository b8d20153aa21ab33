#include "engine/sandbox/sandbox.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engine/sandbox/collector.h"
#include "engine/sandbox/confine.h"
#include "engine/sandbox/limits.h"
#include "engine/sandbox/probe.h"
#include "engine/sandbox/request.h"
#include "engine/sandbox/supervisor.h"
#include "engine/sandbox/zygote.h"

namespace credence::sandbox {
namespace {

constexpr std::int64_t kRetryAfterMs = 1'000;
constexpr std::array<double, 12> kBucketsS{.005, .01, .025, .05, .1, .25, .5, 1, 5, 30, 300, 3600};

std::string_view name_of(Runner runner) {
    switch (runner) {
        case Runner::automatic:
            return "automatic";
        case Runner::bubblewrap:
            return "bubblewrap";
        case Runner::native:
            return "native";
    }
    return "unknown";
}

std::string_view name_of(Ending ending) {
    switch (ending) {
        case Ending::exited:
            return "exited";
        case Ending::signalled:
            return "signalled";
        case Ending::timed_out:
            return "timed_out";
        case Ending::not_started:
            return "not_started";
    }
    return "unknown";
}

// At most max_running at once; max_waiting wait.
class Slots {
public:
    Slots(std::int64_t max_running, std::int64_t max_waiting)
        : max_running_(max_running), max_waiting_(max_waiting) {}

    Result<void> enter() {
        std::unique_lock lock(mutex_);
        if (running_ >= max_running_) {
            if (waiting_ >= max_waiting_) {
                return std::unexpected(Error{.code = Code::exhausted,
                                             .message = "too many programs wait for the sandbox",
                                             .field = {},
                                             .retry_after_ms = kRetryAfterMs});
            }
            ++waiting_;
            free_.wait(lock, [this] { return running_ < max_running_; });
            --waiting_;
        }
        ++running_;
        return {};
    }
    void leave() {
        {
            const std::scoped_lock lock(mutex_);
            --running_;
        }
        free_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable free_;
    std::int64_t max_running_;
    std::int64_t max_waiting_;
    std::int64_t running_ = 0;
    std::int64_t waiting_ = 0;
};

// Bubblewrap did not come to start the program; what it wrote says why.
Result<void> read_refusal(Collected& collected) {
    const std::string_view text =
        std::string_view(collected.error.text).substr(0, collected.error.text.find('\n'));
    if (text.starts_with("bwrap: execvp ")) {
        collected.answer.fate = Fate::ended;
        collected.answer.ending = Ending::not_started;
        return {};
    }
    if (text.starts_with("bwrap: Can't chdir to ")) {
        return fail(Code::invalid, "the folder does not exist", "folder");
    }
    return fail(Code::unavailable, "bubblewrap cannot isolate here: " +
                                       to_valid_utf8(text.empty() ? "it said nothing" : text));
}

class Real final : public Sandbox {
public:
    Real(SandboxOptions options, Metrics& metrics)
        : settings_(std::move(options.settings)),
          metrics_(metrics),
          zygote_(std::move(options.zygote_program)),
          slots_(settings_.max_running, settings_.max_waiting),
          running_(metrics.gauge("credence_sandbox_running", "Programs running in the sandbox")),
          duration_(metrics.histogram("credence_sandbox_duration_seconds",
                                      "Wall time of programs in the sandbox", {}, kBucketsS)) {}

    Result<Finished> run(const Command& command) override {
        const Command sound = TRY(checked(command));
        const Runner runner = TRY(usable_runner());
        TRY(slots_.enter());
        running_.add(1);
        auto finished = run_with(runner, sound);
        running_.add(-1);
        slots_.leave();
        if (finished) {
            duration_.observe_us(finished->duration_us);
        }
        const std::string_view ending = finished ? name_of(finished->ending) : "failed";
        metrics_
            .counter("credence_sandbox_runs_total", "Programs run in the sandbox",
                     {{"runner", std::string(name_of(runner))}, {"ending", std::string(ending)}})
            .add();
        return finished;
    }

    Status status() override {
        const std::scoped_lock lock(probe_mutex_);
        if (!status_) {
            status_ = measure();
        }
        return *status_;
    }

private:
    Status measure() {
        Status status;
        status.landlock_abi = landlock_abi();
        const RunOne run = [this](Runner runner, const Command& command) -> Result<Finished> {
            return run_with(runner, TRY(checked(command)));
        };
        for (const Runner runner : {Runner::bubblewrap, Runner::native}) {
            const Probe outcome = probe(runner, run);
            status.user_namespaces = status.user_namespaces || outcome.user_namespaces;
            const bool is_wanted =
                settings_.runner == Runner::automatic || settings_.runner == runner;
            if (outcome.status.usable && is_wanted && !status.usable) {
                status.usable = true;
                status.runner = runner;
            }
            status.runners.push_back(outcome.status);
        }
        if (!status.usable) {
            status.runner = settings_.runner;
            log::error("no program can be isolated on this host", {{"problem", refusal(status)}});
        }
        return status;
    }

    std::string refusal(const Status& status) const {
        std::string text = "this host cannot isolate a program";
        for (const RunnerStatus& runner : status.runners) {
            if (settings_.runner == Runner::automatic || settings_.runner == runner.runner) {
                text += "; ";
                text += name_of(runner.runner);
                text += ": " + runner.reason;
            }
        }
        return text;
    }

    Result<Runner> usable_runner() {
        const Status now = status();
        if (!now.usable) {
            return fail(Code::unavailable, refusal(now));
        }
        return now.runner;
    }

    Result<Finished> run_with(Runner runner, const Command& command) {
        if (runner == Runner::bubblewrap && ::access(settings_.bubblewrap.c_str(), X_OK) != 0) {
            return fail(Code::unavailable, settings_.bubblewrap + " is not there");
        }
        const Request request{.runner = runner,
                              .bubblewrap = settings_.bubblewrap,
                              .user_id = settings_.user_id,
                              .command = command};
        Collected collected = TRY(collect(TRY(launch(request)), command.limits));
        if (collected.answer.fate == Fate::told_on_stderr) {
            TRY(read_refusal(collected));
        }
        if (collected.answer.fate == Fate::bad_folder) {
            return fail(Code::invalid, "the folder does not exist", "folder");
        }
        if (collected.answer.fate == Fate::failed) {
            return fail(Code::unavailable, collected.answer.message);
        }
        return finish(runner, std::move(collected));
    }

    Result<Ends> launch(const Request& request) {
        const Descriptor order = TRY(make_memory_file(pack(request)));
        Pair control = TRY(make_socket_pair());
        Pair output = TRY(make_pipe());
        Pair error = TRY(make_pipe());
        const std::array<int, kLaunchDescriptors> descriptors{
            control.second.get(), output.second.get(), error.second.get(), order.get()};
        TRY(zygote_.launch(descriptors));
        return Ends{.control = std::move(control.first),
                    .output = std::move(output.first),
                    .error = std::move(error.first)};
    }

    static Finished finish(Runner runner, Collected collected) {
        const Answer& answer = collected.answer;
        Finished finished;
        finished.ending = answer.ending;
        finished.exit_code = answer.ending == Ending::exited ? answer.exit_code : -1;
        finished.signal = answer.ending == Ending::signalled ? answer.signal : 0;
        finished.duration_us = answer.duration_us;
        finished.cpu_us = answer.cpu_us;
        finished.runner = runner;
        if (answer.ending == Ending::not_started) {
            // What is in the streams was not the program's.
            finished.output.sha256 = finished.error.sha256 = sha256_hex({});
            return finished;
        }
        finished.output = std::move(collected.output);
        finished.error = std::move(collected.error);
        finished.report = std::move(collected.report);
        return finished;
    }

    SandboxSettings settings_;
    Metrics& metrics_;
    Zygote zygote_;
    Slots slots_;
    Gauge& running_;
    Histogram& duration_;
    std::mutex probe_mutex_;
    std::optional<Status> status_;
};

}  // namespace

std::unique_ptr<Sandbox> open(SandboxOptions options, const Clock& /*clock*/, Metrics& metrics) {
    // Durations come from the supervisor, which lives in another process: the kernel's clock.
    return std::make_unique<Real>(std::move(options), metrics);
}

}  // namespace credence::sandbox
