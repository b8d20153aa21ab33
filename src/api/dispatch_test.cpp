#include "api/dispatch.h"

#include <gtest/gtest.h>

#include <array>
#include <future>
#include <stdexcept>

#include "api/catalog.h"
#include "base/json.h"

namespace credence {
namespace {

struct Greeting {
    std::string name;
};
void describe(Describe<Greeting>& d) {
    d.field<&Greeting::name>("Whom to greet").length(1, 9);
}

// Keeps what the dispatcher told it.
class RecordingAudit final : public AuditSink {
public:
    Result<void> record(const Context& context, const AuditEntry& entry) override {
        lines.push_back(context.actor + " " + std::string(entry.operation) + " " +
                        std::string(entry.outcome));
        if (broken) {
            return fail(Code::unavailable, "disk full");
        }
        return {};
    }
    std::vector<std::string> lines;
    bool broken = false;
};

class OpenGate final : public Gatekeeper {
public:
    Result<Admission> admit(const Credentials&) override {
        Admission admission;
        admission.context.scopes = Scopes::all();
        return admission;
    }
    bool requires_keys() const override { return false; }
};

// Keeps the spans that ended; ids count up.
class RecordingSpans final : public SpanSink {
public:
    Span begin(std::string name, SpanKind kind, const TraceContext& parent) override {
        Span span;
        span.name = std::move(name);
        span.kind = kind;
        span.parent = parent;
        span.trace_id = parent.valid() ? parent.trace_id : std::array<std::uint8_t, 16>{9};
        span.span_id[7] = ++begun;
        return span;
    }
    void end(Span span) override { ended.push_back(std::move(span)); }

    std::uint8_t begun = 0;
    std::vector<Span> ended;
};

Operation operation(std::string verb, Effect effect, Lane lane) {
    Operation made;
    made.module = "hall";
    made.verb = std::move(verb);
    made.path = "/v1/hall/" + made.verb;
    made.scope = "hall:write";
    made.effect = effect;
    made.lane = lane;
    made.request = &shape_of<Greeting>();
    made.response = &shape_of<Greeting>();
    made.call = [](const Context&, std::string_view json, std::string& out) -> Result<void> {
        const Greeting greeting = TRY(from_json<Greeting>(json));
        out += "partial";
        if (greeting.name == "ghost") {
            return fail(Code::not_found, "nobody there", "name");
        }
        if (greeting.name == "bomb") {
            throw std::runtime_error("boom");
        }
        out.resize(out.size() - std::string_view("partial").size());
        out += to_json(greeting);
        return {};
    };
    made.validate = [](std::string_view json) -> Result<void> {
        TRY(from_json<Greeting>(json));
        return {};
    };
    return made;
}

class DispatcherTest : public testing::Test {
protected:
    DispatcherTest() {
        catalog_.add(operation("greet", Effect::write, Lane::pool));
        catalog_.add(operation("look", Effect::read, Lane::direct));
        catalog_.freeze();
        dispatcher_.emplace(
            Dispatcher::Parts{catalog_, gate_, audit_, nullptr, &pool_, clock_, ids_, metrics_});
        context_.scopes = Scopes::all();
    }

    Result<std::string> run(std::string_view name, std::string_view json) {
        std::string out = "kept ";
        TRY(dispatcher_->run(*catalog_.find(name), context_, json, out));
        return out;
    }

    ManualClock clock_{1'000'000};
    SeededRandom random_{1};
    IdMaker ids_{clock_, random_};
    Metrics metrics_;
    Catalog catalog_;
    OpenGate gate_;
    RecordingAudit audit_;
    WorkerPool pool_{"test", 1, 2};
    std::optional<Dispatcher> dispatcher_;
    Context context_;
};

TEST_F(DispatcherTest, RunsAndAuditsWrites) {
    EXPECT_EQ(run("hall.greet", R"({"name":"ada"})").value(), R"(kept {"name":"ada"})");
    EXPECT_EQ(run("hall.look", R"({"name":"ada"})").value(), R"(kept {"name":"ada"})");
    const std::vector<std::string> expected = {"local hall.greet ok"};
    EXPECT_EQ(audit_.lines, expected);
}

TEST_F(DispatcherTest, AuditsRefusalsAndDropsPartialOutput) {
    std::string out = "kept ";
    const Operation& greet = *catalog_.find("hall.greet");
    const auto result = dispatcher_->run(greet, context_, R"({"name":"ghost"})", out);
    EXPECT_EQ(result.error().code, Code::not_found);
    EXPECT_EQ(out, "kept ");
    EXPECT_EQ(audit_.lines.back(), "local hall.greet not_found");
}

TEST_F(DispatcherTest, RefusesMissingScopes) {
    context_.scopes = Scopes({"hall:read", "other:*"});
    EXPECT_EQ(run("hall.greet", R"({"name":"ada"})").error().code, Code::forbidden);
    context_.scopes = Scopes({"hall:*"});
    EXPECT_TRUE(run("hall.greet", R"({"name":"ada"})").has_value());
}

TEST_F(DispatcherTest, TurnsExceptionsIntoInternalErrors) {
    const auto result = run("hall.greet", R"({"name":"bomb"})");
    EXPECT_EQ(result.error().code, Code::internal);
    EXPECT_EQ(result.error().message.find("boom"), std::string::npos);
}

TEST_F(DispatcherTest, RefusesToAcknowledgeWhatItCannotAudit) {
    audit_.broken = true;
    EXPECT_EQ(run("hall.greet", R"({"name":"ada"})").error().code, Code::unavailable);
    EXPECT_TRUE(run("hall.look", R"({"name":"ada"})").has_value());
}

TEST_F(DispatcherTest, HonoursDeadlines) {
    context_.deadline_us = 999'999;
    EXPECT_EQ(run("hall.look", R"({"name":"ada"})").error().code, Code::timeout);
}

TEST_F(DispatcherTest, CountsOutcomes) {
    EXPECT_TRUE(run("hall.look", R"({"name":"ada"})").has_value());
    EXPECT_FALSE(run("hall.look", "{}").has_value());
    const std::string text = metrics_.expose();
    EXPECT_NE(text.find("credence_operation_calls_total{operation=\"hall.look\",outcome=\"ok\"} 1"),
              std::string::npos)
        << text;
    EXPECT_NE(
        text.find("credence_operation_calls_total{operation=\"hall.look\",outcome=\"invalid\"} 1"),
        std::string::npos);
}

TEST_F(DispatcherTest, AnswersFromThePoolAndRefusesWhenItIsFull) {
    const Operation& greet = *catalog_.find("hall.greet");
    std::promise<std::thread::id> where;
    dispatcher_->dispatch(greet, context_, R"({"name":"ada"})", 0, [&](Result<Answer> answer) {
        EXPECT_EQ(answer->json, R"({"name":"ada"})");
        where.set_value(std::this_thread::get_id());
    });
    EXPECT_NE(where.get_future().get(), std::this_thread::get_id());

    std::promise<void> started;
    std::promise<void> release;
    std::future<void> released = release.get_future();
    EXPECT_TRUE(pool_.submit([&] {
        started.set_value();
        released.wait();
    }));
    started.get_future().wait();
    EXPECT_TRUE(pool_.submit([] {}));
    EXPECT_TRUE(pool_.submit([] {}));
    Error refused;
    dispatcher_->dispatch(greet, context_, R"({"name":"ada"})", 0,
                          [&](Result<Answer> answer) { refused = answer.error(); });
    EXPECT_EQ(refused.code, Code::exhausted);
    EXPECT_GT(refused.retry_after_ms, 0);
    release.set_value();
    pool_.stop();  // the worker is done with what is on this stack
}

TEST_F(DispatcherTest, KeepsLargeDirectCallsOffTheCallingThread) {
    const Operation& look = *catalog_.find("hall.look");
    EXPECT_TRUE(dispatcher_->runs_inline(look, Dispatcher::kMaxDirectBytes));
    EXPECT_FALSE(dispatcher_->runs_inline(look, Dispatcher::kMaxDirectBytes + 1));
    EXPECT_FALSE(dispatcher_->runs_inline(*catalog_.find("hall.greet"), 0));
}

TEST_F(DispatcherTest, StampsRequestIds) {
    const auto given =
        dispatcher_->admit({.surface = "http"}, "01938f3e-0000-7000-8000-000000000000");
    EXPECT_EQ(given->context.request_id.to_string(), "01938f3e-0000-7000-8000-000000000000");
    EXPECT_EQ(given->context.surface, "http");
    const auto made = dispatcher_->admit({.surface = "http"}, "not an id");
    EXPECT_NE(made->context.request_id, given->context.request_id);
}

class DispatcherSpansTest : public DispatcherTest {
protected:
    DispatcherSpansTest() {
        Operation traced = operation("traced", Effect::read, Lane::direct);
        traced.call = [this](const Context& context, std::string_view, std::string&) {
            inside_ = context.trace;
            return Result<void>();
        };
        traced_catalog_.add(std::move(traced));
        traced_catalog_.add(operation("look", Effect::read, Lane::direct));
        traced_catalog_.freeze();
        traced_.emplace(Dispatcher::Parts{traced_catalog_, gate_, audit_, nullptr, &pool_, clock_,
                                          ids_, metrics_, nullptr, &spans_});
    }

    Result<void> run_traced(std::string_view name, std::string_view json) {
        std::string out;
        return traced_->run(*traced_catalog_.find(name), context_, json, out);
    }

    RecordingSpans spans_;
    Catalog traced_catalog_;
    std::optional<Dispatcher> traced_;
    TraceContext inside_;
};

TEST_F(DispatcherSpansTest, IsAChildOfItsCallersTrace) {
    context_.trace =
        TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").value();
    context_.surface = "mcp";
    ASSERT_TRUE(run_traced("hall.traced", R"({"name":"ada"})").has_value());
    ASSERT_EQ(spans_.ended.size(), 1U);
    const Span& span = spans_.ended[0];
    EXPECT_EQ(span.name, "hall.traced");
    EXPECT_EQ(span.kind, SpanKind::internal);
    EXPECT_EQ(span.parent, context_.trace);
    EXPECT_EQ(inside_, (TraceContext{context_.trace.trace_id, span.span_id, true}));
    EXPECT_FALSE(span.failed);
    const decltype(span.attributes) expected = {{"credence.operation", std::string("hall.traced")},
                                                {"credence.surface", std::string("mcp")},
                                                {"credence.outcome", std::string("ok")}};
    EXPECT_EQ(span.attributes, expected);
}

TEST_F(DispatcherSpansTest, BeginsATraceAndTellsFailures) {
    EXPECT_FALSE(run_traced("hall.look", R"({"name":"ghost"})").has_value());
    context_.scopes = Scopes({"other:*"});
    EXPECT_FALSE(run_traced("hall.look", R"({"name":"ada"})").has_value());
    ASSERT_EQ(spans_.ended.size(), 2U);
    EXPECT_FALSE(spans_.ended[0].parent.valid());
    EXPECT_TRUE(spans_.ended[0].failed);
    EXPECT_EQ(spans_.ended[0].error, "not_found");
    EXPECT_EQ(spans_.ended[1].error, "forbidden");
}

TEST_F(DispatcherSpansTest, MakesNoSpanOfAnUnsampledTrace) {
    context_.trace =
        TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").value();
    ASSERT_TRUE(run_traced("hall.traced", R"({"name":"ada"})").has_value());
    EXPECT_EQ(spans_.begun, 0);
    EXPECT_EQ(inside_, context_.trace);
}

}  // namespace
}  // namespace credence
