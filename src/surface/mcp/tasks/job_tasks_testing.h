// Tasks over real jobs, and a client that keeps what it is sent.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/gatekeeper.h"
#include "api/job_testing.h"
#include "surface/mcp/protocol/exchange.h"
#include "surface/mcp/tasks/job_tasks.h"

namespace credence::surface::mcp {

class ClientSide final : public Exchange {
public:
    void notify(std::string message) override {
        const std::lock_guard lock(mutex_);
        notices_.push_back(std::move(message));
        changed_.notify_all();
    }
    void ask(std::string_view, std::string, std::function<void(Outcome)> done) override {
        done(std::unexpected(RpcError{}));
    }
    void answer(std::string message, std::optional<RpcCode>) override {
        const std::lock_guard lock(mutex_);
        EXPECT_FALSE(answer_) << "answered twice";
        answer_ = std::move(message);
        changed_.notify_all();
    }
    void pause(std::int64_t) override {}

    bool answered() {
        const std::lock_guard lock(mutex_);
        return answer_.has_value();
    }
    // The whole message; empty when none came in time.
    std::string answer_text() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::milliseconds(kPatienceMs), [&] { return !!answer_; });
        return answer_.value_or("");
    }
    Members result() {
        const Members message = Members::parse(answer_text()).value_or(Members());
        EXPECT_TRUE(message["result"].is_object()) << answer_text();
        return Members::of(message["result"]);
    }
    Members error() {
        const Members message = Members::parse(answer_text()).value_or(Members());
        EXPECT_TRUE(message["error"].is_object()) << answer_text();
        return Members::of(message["error"]);
    }
    std::int64_t error_code() { return error()["code"].integer().value_or(0); }
    std::vector<std::string> notices() {
        const std::lock_guard lock(mutex_);
        return notices_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<std::string> answer_;
    std::vector<std::string> notices_;
};

class NoGate final : public Gatekeeper {
public:
    Result<Admission> admit(const Credentials&) override { return Admission(); }
    bool requires_keys() const override { return false; }
};

class NoAudit final : public AuditSink {
public:
    Result<void> record(const Context&, const AuditEntry&) override { return {}; }
};

struct Asked {
    RequestPtr request;
    std::shared_ptr<ClientSide> client;
    ClientSide* operator->() const { return client.get(); }
};

class JobTasksTest : public JobTest {
protected:
    JobTasksTest() { context_.scopes = Scopes({"test:*"}); }
    ~JobTasksTest() override { close(); }

    Operation& add(const std::string& verb, Call call) {
        Operation& added = JobTest::add(verb, std::move(call));
        added.validate = [](std::string_view json) -> Result<void> {
            return json.starts_with('{') ? Result<void>()
                                         : Result<void>(fail(Code::invalid, "not an object"));
        };
        return added;
    }
    Operation& add_echo() {
        return add("echo", [](const Context&, std::string_view request, std::string& out) {
            out = request;
            return Result<void>();
        });
    }
    Operation& add_gated(Gate& gate) {
        return add("gated", [&gate](const Context&, std::string_view, std::string& out) {
            gate.wait();
            out = R"({"through":true})";
            return Result<void>();
        });
    }

    // 0: jobs stay in the queue.
    void serve(int threads) {
        if (threads > 0) {
            ASSERT_TRUE(start(threads));
        } else if (!std::exchange(frozen_, true)) {
            catalog_.freeze();
        }
        pool_ = std::make_unique<WorkerPool>("tasks", 2, 1'000);
        dispatcher_ = std::make_unique<Dispatcher>(Dispatcher::Parts{
            catalog_, gatekeeper_, audit_, jobs_.get(), pool_.get(), clock_, ids_, metrics_});
        tasks_ = std::make_unique<JobTasks>(
            TaskParts{*dispatcher_, *jobs_, *pool_, task_clock_, notices_, settings_, checked_});
    }
    void close() {
        tasks_.reset();
        dispatcher_.reset();
        pool_.reset();
    }

    Asked ask(Revision revision, std::string method, std::string_view params, bool capable = true) {
        RpcMessage message;
        message.id = "7";
        message.method = std::move(method);
        message.params = Members::parse(params).value_or(Members());
        Caller caller;
        caller.context = context_;
        caller.revision = revision;
        caller.capabilities.tasks = capable;
        caller.progress_token = "\"token\"";
        auto client = std::make_shared<ClientSide>();
        return {std::make_shared<Request>(Request::Parts{caller, message, client}), client};
    }
    Asked take(Revision revision, std::string method, std::string_view params,
               bool capable = true) {
        Asked asked = ask(revision, std::move(method), params, capable);
        EXPECT_TRUE(tasks_->take(asked.request));
        return asked;
    }
    Asked on_task(Revision revision, std::string method, const std::string& task,
                  std::string_view more = "") {
        return take(revision, std::move(method),
                    R"({"taskId":")" + task + '"' + std::string(more) + '}');
    }
    Asked start_task(Revision revision, const Operation& operation, std::string arguments = "{}",
                     std::string_view params = R"({"task":{"ttl":60000}})") {
        Asked asked = ask(revision, "tools/call", params);
        EXPECT_TRUE(tasks_->wants(*asked.request, operation));
        tasks_->start(asked.request, operation, std::move(arguments));
        return asked;
    }
    Asked await(Revision revision, const Operation& operation, std::string arguments = "{}") {
        Asked asked = ask(revision, "tools/call", "{}", false);
        EXPECT_FALSE(tasks_->wants(*asked.request, operation));
        tasks_->await(asked.request, operation, std::move(arguments));
        return asked;
    }
    // A job of the caller's that is in the table already.
    std::string job_in(const Operation& operation) { return submit(operation).id.to_string(); }

    NoGate gatekeeper_;
    NoAudit audit_;
    Notices notices_;
    McpSettings settings_;
    ManualClock task_clock_{SystemClock().now_us()};
    std::function<Outcome(const Context&, const Operation&, std::string)> checked_;
    std::unique_ptr<WorkerPool> pool_;
    std::unique_ptr<Dispatcher> dispatcher_;
    std::unique_ptr<JobTasks> tasks_;
};

inline constexpr Revision kModern = Revision::r2026_07_28;
inline constexpr Revision k2025 = Revision::r2025_11_25;
inline constexpr Revision kOldest = Revision::r2025_06_18;

}  // namespace credence::surface::mcp
