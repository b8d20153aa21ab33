// An Mcp over the small catalogue, and a feature of tools that wait, ask and fail, for the tests of
// this folder.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/version.h"
#include "surface/mcp/mcp.h"
#include "surface/mcp/test_exchange.h"
#include "surface/mcp/test_server.h"

namespace credence::surface::test {

// Tools "ask" (for a name), "hold" (never answers), "arguments" (says what it was given), and as
// many "many…" as wanted; resource test://here; method tasks/get and skills/own.
class Fixtures final : public mcp::Feature {
public:
    void tools(const mcp::Caller&, std::vector<std::string>& out) const override {
        for (int i = 0; i < many; ++i) {
            out.push_back(R"({"name":"many)" + std::to_string(i) + R"(","inputSchema":{}})");
        }
    }
    bool call_tool(std::string_view name, const mcp::RequestPtr& request) override {
        if (name == "ask") {
            ask(request);
        } else if (name == "hold") {
            held.push_back(request);
        } else if (name == "arguments") {
            request->finish(R"({"given":)" + request->params()["arguments"].json() + "}");
        } else {
            return false;
        }
        return true;
    }
    bool read_resource(std::string_view uri, const mcp::RequestPtr& request) override {
        if (uri != "test://here") {
            return false;
        }
        request->finish(R"({"contents":[]})");
        return true;
    }
    bool has_resource(const mcp::Caller&, std::string_view uri) const override {
        return uri == "test://here";
    }
    bool take(const mcp::RequestPtr& request) override {
        if (request->method() != "tasks/get") {
            return false;
        }
        request->finish(R"({"resultType":"task"})");
        return true;
    }
    std::string input_schema(std::string_view tool) const override {
        return tool == "ask" ? R"({"type":"object"})" : "";
    }
    std::string extensions(mcp::Revision) const override {
        return R"("io.modelcontextprotocol/tasks":{},"com.example/x":{"y":1})";
    }

    int many = 0;
    std::vector<mcp::RequestPtr> held;

private:
    static void ask(const mcp::RequestPtr& request) {
        if (const mcp::Member* name = request->input("name")) {
            request->finish(R"({"state":")" + request->state() + R"(","name":)" + name->json() +
                            "}");
            return;
        }
        mcp::InputNeed need;
        need.requests["name"] = {"elicitation/create", R"({"message":"Who?"})"};
        need.state = "asked";
        request->need_input(std::move(need));
    }
};

class McpTest : public testing::Test {
protected:
    McpTest() {
        McpParts parts = server_.mcp_parts();
        parts.more = {&fixtures_};
        mcp_ = std::make_unique<Mcp>(std::move(parts));
        legacy();
        caller_.context.scopes = Scopes::all();
        caller_.capabilities.elicitation_form = true;
    }

    void legacy() { caller_.revision = mcp::Revision::r2025_11_25; }
    void modern() { caller_.revision = mcp::Revision::r2026_07_28; }

    // Sends a request with the id 1; its exchange is exchange_.
    mcp::RequestPtr send(std::string_view method, std::string_view params = "{}") {
        exchange_ = std::make_shared<HeardExchange>();
        mcp::RpcMessage message;
        message.id = "1";
        message.method = method;
        message.params = mcp::Members::parse(params).value_or(mcp::Members());
        return mcp_->handle(caller_, std::move(message), exchange_);
    }

    // The answer; fails the test unless there is exactly one.
    std::string answer() {
        const auto answers = exchange_->answers();
        EXPECT_EQ(answers.size(), 1U);
        EXPECT_TRUE(answers.empty() || validate_json(answers.back())) << answers.back();
        return answers.empty() ? "" : answers.back();
    }
    std::string ask(std::string_view method, std::string_view params = "{}") {
        EXPECT_EQ(send(method, params), nullptr) << method;
        return answer();
    }
    // The result's members.
    mcp::Members result(std::string_view method, std::string_view params = "{}") {
        const std::string text = ask(method, params);
        return mcp::Members::of(mcp::Members::parse(text).value_or(mcp::Members())["result"]);
    }
    int code(std::string_view method, std::string_view params = "{}") {
        ask(method, params);
        return static_cast<int>(exchange_->error().value_or(mcp::RpcCode{}));
    }

    static std::string ok(std::string_view result) {
        return R"({"jsonrpc":"2.0","id":1,"result":)" + std::string(result) + "}";
    }
    static std::string modern_ok(std::string_view members) {
        return ok(R"({"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":)"
                  R"({"name":"credence","title":"Credence","version":")" +
                  std::string(kVersion) + R"("}},)" + std::string(members) + "}");
    }
    static std::string failed(int code, std::string_view rest) {
        return R"({"jsonrpc":"2.0","id":1,"error":{"code":)" + std::to_string(code) +
               R"(,"message":)" + std::string(rest) + "}}";
    }

    TestServer server_;
    Fixtures fixtures_;
    std::unique_ptr<Mcp> mcp_;
    mcp::Caller caller_;
    std::shared_ptr<HeardExchange> exchange_;
};

}  // namespace credence::surface::test
