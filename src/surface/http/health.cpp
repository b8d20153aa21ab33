#include "surface/http/health.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/units.h"
#include "base/version.h"

namespace credence::surface {
namespace {

constexpr std::string_view kOk = "ok";

}  // namespace

// One question to the store. Shared with the worker, which may answer long after we stopped
// waiting.
struct Health::Probe {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<bool> ok;
};

struct Health::State {
    std::mutex mutex;
    std::string store = "unknown";  // the last outcome, a word of checks.store
    std::optional<std::int64_t> checked_us;
    bool probing = false;
    std::vector<std::function<void(HealthReport)>> waiting;
};

Health::Health(HealthParts parts)
    : parts_(std::move(parts)),
      started_us_(parts_.clock.steady_us()),
      state_(std::make_unique<State>()) {}

Health::~Health() = default;

HealthReport Health::compose(std::string_view store) const {
    const std::int64_t uptime_s = (parts_.clock.steady_us() - started_us_) / kUsPerSecond;
    HealthReport report;
    report.healthy = store == kOk;
    report.body = report.healthy ? "{\"status\":\"healthy\"" : "{\"status\":\"unhealthy\"";
    report.body.append(",\"version\":\"").append(kVersion);
    report.body += "\",\"uptime_s\":" + std::to_string(uptime_s);
    report.body.append(",\"checks\":{\"store\":\"").append(store).append("\"}}");
    return report;
}

void Health::report(std::function<void(HealthReport)> reply) {
    std::string store;
    {
        const std::scoped_lock lock(state_->mutex);
        const bool is_fresh =
            state_->checked_us && parts_.clock.steady_us() - *state_->checked_us < kCacheUs;
        if (is_fresh || state_->waiting.size() >= kMaxWaiting) {
            store = state_->store;
        } else {
            state_->waiting.push_back(std::move(reply));
            if (state_->probing || parts_.coordinator.submit([this] { probe(); })) {
                state_->probing = true;
                return;
            }
            reply = std::move(state_->waiting.back());
            state_->waiting.pop_back();
            store = "busy";
        }
    }
    reply(compose(store));
}

void Health::probe() {
    auto question = std::make_shared<Probe>();
    const bool asked = parts_.pool.submit([question, ask = parts_.probe_store] {
        const Result<void> answer = ask();
        if (!answer) {
            log::warning("health: the store failed", {{"reason", answer.error().message}});
        }
        const std::scoped_lock lock(question->mutex);
        question->ok = answer.has_value();
        question->answered.notify_all();
    });
    std::string_view store = "busy";
    if (asked) {
        std::unique_lock lock(question->mutex);
        question->answered.wait_for(lock, std::chrono::milliseconds(parts_.probe_timeout_ms),
                                    [&] { return question->ok.has_value(); });
        store = !question->ok ? "timeout" : *question->ok ? kOk : "failed";
    }
    std::vector<std::function<void(HealthReport)>> waiting;
    {
        const std::scoped_lock lock(state_->mutex);
        state_->store = store;
        state_->checked_us = parts_.clock.steady_us();
        state_->probing = false;
        waiting.swap(state_->waiting);
    }
    for (const auto& reply : waiting) {
        reply(compose(store));
    }
}

}  // namespace credence::surface
