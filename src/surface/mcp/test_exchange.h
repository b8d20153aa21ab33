// A client's side of one request, for the tests of this folder and the fuzzer: keeps what it hears.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surface/mcp/protocol/exchange.h"

namespace credence::surface::test {

// Thread-safe.
class HeardExchange final : public mcp::Exchange {
public:
    struct Question {
        std::string method;
        std::string params;
        std::function<void(mcp::Outcome)> done;
    };

    void notify(std::string message) override {
        const std::scoped_lock lock(mutex_);
        notes_.push_back(std::move(message));
        changed_.notify_all();
    }
    void ask(std::string_view method, std::string params,
             std::function<void(mcp::Outcome)> done) override {
        const std::scoped_lock lock(mutex_);
        questions_.push_back({std::string(method), std::move(params), std::move(done)});
    }
    void answer(std::string message, std::optional<mcp::RpcCode> error) override {
        const std::scoped_lock lock(mutex_);
        answers_.push_back(std::move(message));
        error_ = error;
        changed_.notify_all();
    }
    void pause(std::int64_t) override {}

    std::vector<std::string> notes() const {
        const std::scoped_lock lock(mutex_);
        return notes_;
    }
    std::vector<std::string> answers() const {
        const std::scoped_lock lock(mutex_);
        return answers_;
    }
    std::vector<Question> questions() const {
        const std::scoped_lock lock(mutex_);
        return questions_;
    }
    std::optional<mcp::RpcCode> error() const {
        const std::scoped_lock lock(mutex_);
        return error_;
    }
    // False when there were not so many within 20 s.
    bool wait_for_notes(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20),
                                 [&] { return notes_.size() >= count; });
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> notes_;
    std::vector<Question> questions_;
    std::vector<std::string> answers_;
    std::optional<mcp::RpcCode> error_;
};

}  // namespace credence::surface::test
