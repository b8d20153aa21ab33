// CatalogueTools over a small catalogue, and a client that keeps what it hears.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "surface/mcp/protocol/request_state.h"
#include "surface/mcp/test_server.h"
#include "surface/mcp/tools/catalogue_tools.h"

namespace credence::surface::mcp::testing {

struct Listener final : Exchange {
    void notify(std::string message) override { notes.push_back(std::move(message)); }
    void ask(std::string_view method, std::string params,
             std::function<void(Outcome)> done) override {
        questions.emplace_back(std::string(method), std::move(params));
        done(reply);
    }
    void answer(std::string message, std::optional<RpcCode> code) override {
        answers.push_back(std::move(message));
        error = code;
    }
    void pause(std::int64_t) override {}

    Outcome reply = R"({"action":"decline"})";
    std::vector<std::string> notes;
    std::vector<std::pair<std::string, std::string>> questions;
    std::vector<std::string> answers;
    std::optional<RpcCode> error;
};

// guard.scan as the real one looks from outside: "ATTACK" is blocked, "CARD" to be masked, "BREAK"
// fails; "DIRECT" marks a call of the client's.
struct GuardScan {
    std::string text;
    std::string direction;
    std::string source_kind;
};
inline void describe(Describe<GuardScan>& d) {
    d.field<&GuardScan::text>("Text");
    d.field<&GuardScan::direction>("Direction");
    d.field<&GuardScan::source_kind>("Source");
}

inline Result<void> scan(const Context& context, std::string_view json, std::string& out) {
    const GuardScan request = TRY(from_json<GuardScan>(json));
    if (!request.text.contains("DIRECT")) {  // a call of the server's own
        EXPECT_EQ(request.source_kind, "tool_result");
        EXPECT_EQ(request.direction, "input");
        EXPECT_EQ(context.surface, "mcp");
        EXPECT_TRUE(context.scopes.allow("guard:read"));
        EXPECT_FALSE(context.scopes.allow("echo:read"));
    }
    if (request.text.contains("BREAK")) {
        return fail(Code::unavailable, "no guard today");
    }
    if (request.text.contains("ATTACK")) {
        out += R"({"verdict":"block","score":0.97,"threats":[{"category":"jailbreak"},)"
               R"({"category":"jailbreak"},{"category":"pii"}]})";
    } else if (request.text.contains("CARD")) {
        out += R"({"verdict":"sanitise","score":0.5,"threats":[{"category":"pii"}]})";
    } else {
        out += R"({"verdict":"allow","score":0.01,"threats":[]})";
    }
    return {};
}

inline Operation guard_scan() {
    Operation operation = surface::test::make_operation("guard", "scan");
    operation.request = &shape_of<GuardScan>();
    operation.response = &shape_of<surface::test::Said>();
    operation.lane = Lane::direct;
    operation.call = scan;
    return operation;
}

class ToolsTest : public ::testing::Test {
protected:
    ToolsTest() {
        settings_.profile = McpProfile::full;
        caller_.context.scopes = Scopes::all();
        caller_.capabilities.elicitation_form = true;
    }

    void serve(std::vector<Operation> more = {}) {
        server_ = std::make_unique<surface::test::TestServer>(std::move(more));
        tools_ = std::make_unique<CatalogueTools>(
            ToolParts{.dispatcher = server_->dispatcher(), .settings = settings_, .clock = clock_});
    }

    std::vector<std::string> listed() {
        std::vector<std::string> out;
        tools_->tools(caller_, out);
        return out;
    }
    std::vector<std::string> listed_names() {
        std::vector<std::string> out;
        for (const std::string& tool : listed()) {
            out.push_back(Members::parse(tool).value()["name"].value);
        }
        return out;
    }

    RequestPtr request(std::string_view params) {
        client_ = std::make_shared<Listener>();
        client_->reply = reply_;
        RpcMessage message;
        message.id = "1";
        message.method = "tools/call";
        message.params = Members::parse(params).value();
        return std::make_shared<Request>(
            Request::Parts{caller_, std::move(message), client_, &seal_, kNow});
    }
    // The result's JSON; the text of the error otherwise.
    std::string call(std::string_view name, std::string_view arguments = "{}",
                     std::string_view more = {}) {
        const RequestPtr made = request(R"({"name":")" + std::string(name) + R"(","arguments":)" +
                                        std::string(arguments) + std::string(more) + "}");
        made->run([this, name = std::string(name)](const RequestPtr& turn) {
            EXPECT_TRUE(tools_->call_tool(name, turn)) << name;
        });
        return answer();
    }
    std::string answer() {
        EXPECT_EQ(client_->answers.size(), 1U);
        if (client_->answers.empty()) {
            return {};
        }
        const Members message = Members::parse(client_->answers.front()).value();
        return message["result"].is_absent() ? message["error"].json() : message["result"].json();
    }
    static Members structured(std::string_view result) {
        return Members::of(Members::parse(result).value()["structuredContent"]);
    }
    static bool is_error(std::string_view result) {
        return Members::parse(result).value()["isError"].is_true();
    }

    static constexpr std::int64_t kNow = 1'735'689'600'000'000;
    McpSettings settings_;
    ManualClock clock_{kNow};
    StateSeal seal_{StateSeal::Key{7}};
    Caller caller_;
    Outcome reply_ = R"({"action":"decline"})";
    std::shared_ptr<Listener> client_;
    std::unique_ptr<surface::test::TestServer> server_;
    std::unique_ptr<CatalogueTools> tools_;
};

}  // namespace credence::surface::mcp::testing
