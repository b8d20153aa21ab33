// Tools that use every way an MCP transport has to offer, for the tests of this folder.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surface/mcp/protocol/feature.h"

namespace credence::surface {

// Tools: plain (answers), tell (two notifications first), ask (a question first), hold (answers
// when released), pause (pauses, then as hold), region (its argument has a header). Resource:
// test://one.
class TestMcpFeature final : public mcp::Feature {
public:
    bool call_tool(std::string_view name, const mcp::RequestPtr& request) override {
        if (name == "plain" || name == "region") {
            request->run([](const mcp::RequestPtr& r) { r->finish(result("plain")); });
        } else if (name == "tell") {
            request->run([](const mcp::RequestPtr& r) {
                r->notify("notifications/test", R"({"n":1})");
                r->notify("notifications/test", R"({"n":2})");
                r->finish(result("told"));
            });
        } else if (name == "ask") {
            request->run([](const mcp::RequestPtr& r) { ask(r); });
        } else if (name == "hold" || name == "pause") {
            request->run([this, pauses = name == "pause"](const mcp::RequestPtr& r) {
                r->on_cancelled([this] { count(cancelled_); });
                if (pauses) {
                    r->pause(5);
                } else {
                    r->notify("notifications/test", R"({"held":true})");
                }
                const std::scoped_lock lock(mutex_);
                held_.push_back(r);
                changed_.notify_all();
            });
        } else {
            return false;
        }
        return true;
    }
    std::string input_schema(std::string_view tool) const override {
        if (tool == "region") {
            return R"({"type":"object","properties":{"region":{"type":"string",)"
                   R"("x-mcp-header":"Region"},"where":{"type":"object","properties":{"zone":)"
                   R"({"type":"integer","x-mcp-header":"Zone"}}}}})";
        }
        return {};
    }
    bool has_resource(const mcp::Caller&, std::string_view uri) const override {
        return uri == "test://one";
    }

    // Answers what is held, once something is; false after ten seconds.
    bool release() {
        std::unique_lock lock(mutex_);
        const bool held =
            changed_.wait_for(lock, std::chrono::seconds(10), [this] { return !held_.empty(); });
        auto requests = std::exchange(held_, {});
        lock.unlock();
        for (const auto& request : requests) {
            request->finish(result("released"));
        }
        return held;
    }
    bool wait_for_held() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return !held_.empty(); });
    }
    bool wait_for_cancelled() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [this] { return cancelled_ > 0; });
    }
    int cancelled() {
        const std::scoped_lock lock(mutex_);
        return cancelled_;
    }

private:
    static std::string result(std::string_view text) {
        return R"({"content":[{"type":"text","text":")" + std::string(text) + R"("}]})";
    }
    static void ask(const mcp::RequestPtr& request) {
        const mcp::Member* answer = request->input("name");
        if (answer != nullptr) {
            request->finish(R"({"content":[],"structuredContent":)" + answer->value + "}");
            return;
        }
        mcp::InputNeed need;
        need.requests["name"] = {
            "elicitation/create",
            R"({"message":"Who?","requestedSchema":{"type":"object","properties":{}}})"};
        request->need_input(std::move(need));
    }
    void count(int& counter) {
        const std::scoped_lock lock(mutex_);
        ++counter;
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<mcp::RequestPtr> held_;
    int cancelled_ = 0;
};

}  // namespace credence::surface
