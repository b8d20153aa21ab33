#include "surface/mcp/protocol/request.h"

#include <gtest/gtest.h>

#include <thread>

#include "surface/mcp/protocol/request_state.h"

namespace credence::surface::mcp {
namespace {

constexpr std::int64_t kReceivedAt = 1'735'689'600'000'000;
constexpr std::string_view kForm = R"({"message":"?","requestedSchema":{}})";

class HeardExchange final : public Exchange {
public:
    struct Question {
        std::string method;
        std::string params;
        std::function<void(Outcome)> done;
    };
    void notify(std::string message) override { notes.push_back(std::move(message)); }
    void ask(std::string_view method, std::string params,
             std::function<void(Outcome)> done) override {
        questions.push_back({std::string(method), std::move(params), std::move(done)});
    }
    void answer(std::string message, std::optional<RpcCode> code) override {
        answers.push_back(std::move(message));
        error = code;
    }
    void pause(std::int64_t) override {}

    std::vector<std::string> notes;
    std::vector<Question> questions;
    std::vector<std::string> answers;
    std::optional<RpcCode> error;
};

class McpRequest : public testing::Test {
protected:
    McpRequest() {
        caller_.revision = Revision::r2026_07_28;
        caller_.capabilities.elicitation_form = true;
    }
    RequestPtr make(std::string_view params = "{}", std::string_view method = "tools/call") {
        exchange_ = std::make_shared<HeardExchange>();
        RpcMessage message;
        message.id = "7";
        message.method = method;
        message.params = Members::parse(params).value_or(Members());
        return std::make_shared<Request>(
            Request::Parts{caller_, std::move(message), exchange_, &seal_, kReceivedAt});
    }
    std::string answer() {
        EXPECT_EQ(exchange_->answers.size(), 1U);
        return exchange_->answers.empty() ? "" : exchange_->answers.back();
    }
    bool answered_with(std::string_view text) { return answer().find(text) != std::string::npos; }

    StateSeal seal_{StateSeal::Key{7}};
    Caller caller_;
    std::shared_ptr<HeardExchange> exchange_;
};

TEST_F(McpRequest, ModernResultsAreMarked) {
    make()->finish(R"({"a":1})");
    EXPECT_TRUE(
        answered_with(R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","_meta")"));
    EXPECT_EQ(exchange_->error, std::nullopt);
}

TEST_F(McpRequest, ReadResourcesSayHowLongTheyKeep) {
    make("{}", "resources/read")->finish(R"({"contents":[]})");
    EXPECT_TRUE(answered_with(R"(,"ttlMs":0,"cacheScope":"private","contents":[]}})")) << answer();
    make("{}", "resources/read")->finish(R"({"contents":[],"ttlMs":5,"cacheScope":"public"})");
    EXPECT_FALSE(answered_with(R"("ttlMs":0)"));
    make("{}", "resources/read")->need_input({{{"k", {"elicitation/create", "{}"}}}, ""});
    EXPECT_FALSE(answered_with("ttlMs"));
}

TEST_F(McpRequest, LegacyResultsAreNot) {
    caller_.revision = Revision::r2025_06_18;
    make()->finish(R"({"a":1})");
    EXPECT_EQ(answer(), R"({"jsonrpc":"2.0","id":7,"result":{"a":1}})");
}

TEST_F(McpRequest, ErrorCodesAreThoseOfTheRevision) {
    make()->fail({RpcCode::resource_not_found, "m", R"({"uri":"u"})"});
    EXPECT_EQ(
        answer(),
        R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"m","data":{"uri":"u"}}})");
    EXPECT_EQ(exchange_->error, RpcCode::invalid_params);
    caller_.revision = Revision::r2025_11_25;
    make()->fail({RpcCode::resource_not_found, "m", {}});
    EXPECT_EQ(exchange_->error, RpcCode::resource_not_found);
    make()->fail({RpcCode::missing_capability, "m", {}});
    EXPECT_EQ(exchange_->error, RpcCode::invalid_request);
}

TEST_F(McpRequest, OnlyTheFirstAnswerCounts) {
    const auto request = make();
    int observed = 0;
    request->observe(
        [&](const RpcError* error, std::string_view) { observed += error == nullptr ? 1 : 100; });
    request->finish("{}");
    request->fail({RpcCode::internal_error, "late", {}});
    request->finish(R"({"late":1})");
    request->cancel();
    request->notify("notifications/x", "{}");
    EXPECT_FALSE(answered_with("late"));
    EXPECT_TRUE(exchange_->notes.empty());
    EXPECT_FALSE(request->cancelled());
    EXPECT_EQ(observed, 1);
}

TEST_F(McpRequest, ProgressIncreasesAndNeedsAToken) {
    make()->progress(1, 2, "");
    EXPECT_TRUE(exchange_->notes.empty());
    caller_.progress_token = "\"p\"";
    const auto request = make();
    request->progress(0, 100, "");
    request->progress(0, 100, "");
    request->progress(0.5, std::nullopt, "half \"way\"");
    request->progress(0.25, 100, "");
    request->finish("{}");
    request->progress(100, 100, "");
    EXPECT_EQ(exchange_->notes,
              (std::vector<std::string>{
                  R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                  R"({"progressToken":"p","progress":0,"total":100}})",
                  R"({"jsonrpc":"2.0","method":"notifications/progress","params":)"
                  R"({"progressToken":"p","progress":0.5,"message":"half \"way\""}})"}));
}

TEST_F(McpRequest, LogsAtOrAboveTheLevelAskedFor) {
    make()->log(LogLevel::emergency, "l", "{}");
    EXPECT_TRUE(exchange_->notes.empty());
    caller_.log_level = LogLevel::warning;
    const auto request = make();
    request->log(LogLevel::notice, "l", "1");
    request->log(LogLevel::warning, "l", "\"d\"");
    ASSERT_EQ(exchange_->notes.size(), 1U);
    EXPECT_EQ(exchange_->notes[0], R"({"jsonrpc":"2.0","method":"notifications/message","params":)"
                                   R"({"level":"warning","logger":"l","data":"d"}})");
}

TEST_F(McpRequest, CancellingTellsOnceAndDropsAnswers) {
    const auto request = make();
    int told = 0;
    request->on_cancelled([&] { ++told; });
    request->cancel();
    request->cancel();
    request->on_cancelled([&] { told += 10; });
    request->finish("{}");
    EXPECT_EQ(told, 11);
    EXPECT_TRUE(request->cancelled());
    EXPECT_TRUE(exchange_->answers.empty());
    bool ran = false;
    request->run([&](const RequestPtr&) { ran = true; });
    EXPECT_FALSE(ran);
}

TEST_F(McpRequest, CancelAndAnswerRaceToOneEnd) {
    for (int round = 0; round < 500; ++round) {
        const auto request = make();
        std::atomic<int> told = 0;
        request->on_cancelled([&] { ++told; });
        std::thread canceller([&] { request->cancel(); });
        request->finish("{}");
        canceller.join();
        EXPECT_EQ(static_cast<int>(exchange_->answers.size()) + told, 1);
    }
}

InputNeed ask_name(std::string state = "step-1") {
    InputNeed need;
    need.requests["name"] = {"elicitation/create", std::string(kForm)};
    need.state = std::move(state);
    return need;
}

std::string state_in(std::string_view message) {
    const auto root = Members::parse(message).value_or(Members());
    return Members::of(root["result"])["requestState"].value;
}

TEST_F(McpRequest, ModernInputIsARoundTrip) {
    const std::string asked = R"("name":"a","arguments":{"x":1})";
    make("{" + asked + "}")->run([](const RequestPtr& request) {
        EXPECT_EQ(request->input("name"), nullptr);
        EXPECT_EQ(request->state(), "");
        request->need_input(ask_name());
    });
    EXPECT_TRUE(answered_with(R"("resultType":"input_required","inputRequests":{"name":)"
                              R"({"method":"elicitation/create","params":{"message":"?")"));
    const std::string state = state_in(answer());
    ASSERT_FALSE(state.empty());

    const auto retry = [&](const std::string& given, const std::string& params) {
        make("{" + params + R"(,"requestState":")" + given +
             R"(","inputResponses":{"name":{"action":"accept"},"more":{}}})")
            ->run([](const RequestPtr& request) {
                ASSERT_NE(request->input("name"), nullptr);
                EXPECT_EQ(request->input("name")->value, R"({"action":"accept"})");
                EXPECT_EQ(request->state(), "step-1");
                request->finish("{}");
            });
    };
    retry(state, asked);
    EXPECT_TRUE(answered_with(R"("resultType":"complete")"));
    retry(state + "-TAMPERED", asked);
    EXPECT_EQ(exchange_->error, RpcCode::invalid_params);
    retry(state, R"("name":"other","arguments":{"x":1})");
    EXPECT_EQ(exchange_->error, RpcCode::invalid_params);
    caller_.context.actor = "somebody else";
    retry(state, asked);
    EXPECT_EQ(exchange_->error, RpcCode::invalid_params);
}

TEST_F(McpRequest, MalformedInputsAreRefused) {
    for (const std::string_view params :
         {R"({"inputResponses":7})", R"({"inputResponses":{"name":12345}})",
          R"({"requestState":7})", R"({"requestState":""})"}) {
        bool ran = false;
        make(params)->run([&](const RequestPtr&) { ran = true; });
        EXPECT_FALSE(ran) << params;
        EXPECT_EQ(exchange_->error, RpcCode::invalid_params) << params;
    }
    bool ran = false;
    make(R"({"inputResponses":null,"requestState":null})")->run([&](const RequestPtr&) {
        ran = true;
    });
    EXPECT_TRUE(ran);
}

TEST_F(McpRequest, WhatTheClientCannotDoIsNotAsked) {
    InputNeed need = ask_name();
    need.requests["model"] = {"sampling/createMessage", "{}"};
    need.requests["roots"] = {"roots/list", "{}"};
    need.requests["page"] = {"elicitation/create", R"({"mode":"url"})"};
    make()->need_input(need);
    EXPECT_EQ(exchange_->error, RpcCode::missing_capability);
    EXPECT_TRUE(answered_with(R"("data":{"requiredCapabilities":{"elicitation":{"url":{}},)"
                              R"("sampling":{},"roots":{}}})"));
    caller_.capabilities = {};
    make()->need_input(ask_name());
    EXPECT_TRUE(answered_with(R"({"requiredCapabilities":{"elicitation":{"form":{}}}})"));
    caller_.revision = Revision::r2025_11_25;
    make()->need_input(ask_name());
    EXPECT_EQ(exchange_->error, RpcCode::invalid_request);
    EXPECT_TRUE(exchange_->questions.empty());
}

TEST_F(McpRequest, OnlyThreeMethodsMayAsk) {
    make("{}", "tools/list")->need_input(ask_name());
    EXPECT_EQ(exchange_->error, RpcCode::internal_error);
    make("{}", "resources/read")->need_input(ask_name());
    EXPECT_EQ(exchange_->error, std::nullopt);
    make()->need_input({});
    EXPECT_EQ(exchange_->error, RpcCode::internal_error);
    make()->need_input({{}, std::string(StateSeal::kMaxStateBytes + 1, 's')});
    EXPECT_EQ(exchange_->error, RpcCode::internal_error);
}

TEST_F(McpRequest, LegacyInputIsAskedAtOnce) {
    caller_.revision = Revision::r2025_11_25;
    caller_.capabilities.roots = true;
    int turns = 0;
    make()->run([&](const RequestPtr& request) {
        if (++turns == 1) {
            InputNeed need = ask_name();
            need.requests["roots"] = {"roots/list", "{}"};
            request->need_input(std::move(need));
            return;
        }
        EXPECT_EQ(request->state(), "step-1");
        request->finish(R"({"name":)" + request->input("name")->json() + R"(,"roots":)" +
                        request->input("roots")->json() + "}");
    });
    ASSERT_EQ(exchange_->questions.size(), 2U);
    EXPECT_EQ(exchange_->questions[0].method, "elicitation/create");
    EXPECT_EQ(exchange_->questions[1].method, "roots/list");
    exchange_->questions[1].done(std::unexpected(RpcError{RpcCode::internal_error, "gone", {}}));
    EXPECT_TRUE(exchange_->answers.empty());
    exchange_->questions[0].done(R"({"action":"accept"})");
    EXPECT_EQ(turns, 2);
    EXPECT_EQ(answer(), R"({"jsonrpc":"2.0","id":7,"result":{"name":{"action":"accept"},)"
                        R"("roots":{"error":{"code":-32603,"message":"gone"}}}})");
}

TEST_F(McpRequest, AnswersAfterCancellationStartNoTurn) {
    caller_.revision = Revision::r2025_11_25;
    int turns = 0;
    const auto request = make();
    request->run([&](const RequestPtr& turn) {
        ++turns;
        turn->need_input(ask_name());
    });
    ASSERT_EQ(exchange_->questions.size(), 1U);
    request->cancel();
    exchange_->questions[0].done("[]");
    EXPECT_EQ(turns, 1);
    EXPECT_TRUE(exchange_->answers.empty());
}

TEST_F(McpRequest, LetsGoOfItsHandler) {
    const auto held = std::make_shared<int>(0);
    auto request = make();
    request->run([held, request](const RequestPtr& turn) { turn->finish("{}"); });
    std::weak_ptr<Request> weak = request;
    request.reset();
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_TRUE(weak.expired());
}

}  // namespace
}  // namespace credence::surface::mcp
