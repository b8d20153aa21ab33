// For the tests of streamed answers: a server that hands its streams to the test.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "engine/net/net_test_support.h"

namespace credence::net::test {

inline constexpr std::chrono::seconds kPatience{5};

inline std::string get(const std::string& path, const std::string& version = "1.1",
                       const std::string& method = "GET") {
    return method + " " + path + " HTTP/" + version + "\r\nHost: x\r\n\r\n";
}

// "/echo…" is answered at once; anything else gets a stream, which the test takes with opened().
class ResponseStreamTest : public NetTest {
protected:
    void serve_streams(StreamHandlers handlers = {}, ServerOptions options = {},
                       HttpResponse head = {.content_type = "text/event-stream"}) {
        handlers.on_close = [this] {
            const std::scoped_lock lock(mutex_);
            ++closes_;
            changed_.notify_all();
        };
        serve(
            [this, handlers, head](const HttpRequest& request, Responder responder) {
                if (request.path.starts_with("/echo")) {
                    echo(request, std::move(responder));
                    return;
                }
                auto stream = responder.stream(head, handlers);
                const std::scoped_lock lock(mutex_);
                streams_.push_back(std::move(stream));
                changed_.notify_all();
            },
            std::move(options));
    }

    void TearDown() override {
        NetTest::TearDown();
        const std::scoped_lock lock(mutex_);
        streams_.clear();
    }

    std::shared_ptr<ResponseStream> opened() {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, kPatience, [this] { return !streams_.empty(); })) {
            return nullptr;
        }
        auto stream = std::move(streams_.front());
        streams_.pop_front();
        return stream;
    }

    bool wait_closed(int times = 1) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, kPatience, [&] { return closes_ >= times; });
    }

    int closes() {
        const std::scoped_lock lock(mutex_);
        return closes_;
    }

    std::int64_t open_connections() {
        return metrics_.gauge("credence_http_connections", "").value();
    }

    bool wait_no_connections() {
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (open_connections() != 0 && std::chrono::steady_clock::now() < until) {
            std::this_thread::yield();
        }
        return open_connections() == 0;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::shared_ptr<ResponseStream>> streams_;
    int closes_ = 0;
};

}  // namespace credence::net::test
