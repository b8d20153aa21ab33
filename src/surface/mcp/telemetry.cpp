#include "surface/mcp/telemetry.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/text.h"

namespace credence::surface::mcp {
namespace {

// Of any other method nothing but this is told: names are bounded.
constexpr std::string_view kOther = "other";
constexpr std::array<std::string_view, 26> kMethods = {kOther,
                                                       "tools/call",
                                                       "tools/list",
                                                       "resources/read",
                                                       "resources/list",
                                                       "resources/templates/list",
                                                       "resources/subscribe",
                                                       "resources/unsubscribe",
                                                       "resources/directory/read",
                                                       "prompts/get",
                                                       "prompts/list",
                                                       "completion/complete",
                                                       "logging/setLevel",
                                                       "ping",
                                                       "initialize",
                                                       "server/discover",
                                                       "subscriptions/listen",
                                                       "tasks/get",
                                                       "tasks/update",
                                                       "tasks/result",
                                                       "tasks/list",
                                                       "tasks/cancel",
                                                       "skills/list",
                                                       "skills/get",
                                                       "roots/list",
                                                       "sampling/createMessage"};
constexpr std::array<std::string_view, 4> kOutcomeNames = {"ok", "error", "tool_error",
                                                           "cancelled"};

std::size_t index_of(std::string_view method) {
    const auto found = std::ranges::find(kMethods, method);
    return found == kMethods.end() ? 0 : static_cast<std::size_t>(found - kMethods.begin());
}

std::string bounded(std::string_view text) {
    return to_valid_utf8(text.substr(0, Telemetry::kMaxTextBytes));
}

}  // namespace

Telemetry::Outcome Telemetry::outcome_of(const RpcError* error, std::string_view result) {
    if (error != nullptr) {
        return error->message == Request::kCancelled ? Outcome::cancelled : Outcome::error;
    }
    return result.ends_with(R"("isError":true})") ? Outcome::tool_error : Outcome::ok;
}

void Telemetry::observe(std::size_t method, Outcome outcome, std::int64_t started_us) {
    const auto index = static_cast<std::size_t>(outcome);
    std::atomic<Histogram*>& slot = histograms_[method][index];
    Histogram* histogram = slot.load(std::memory_order_acquire);
    if (histogram == nullptr) {
        // The registry gives the same one to all who ask at once.
        histogram = &metrics_.histogram("credence_mcp_request_duration_seconds",
                                        "MCP requests, from arrival to answer",
                                        {{"method", std::string(kMethods[method])},
                                         {"outcome", std::string(kOutcomeNames[index])}});
        slot.store(histogram, std::memory_order_release);
    }
    histogram->observe_us(clock_.steady_us() - started_us);
}

Span Telemetry::begin_span(const Caller& caller, const RpcMessage& message, std::size_t method) {
    static_assert(kMethods.size() <= kMaxMethods);
    const std::string name(kMethods[method]);
    const Member& target = message.params["name"];
    const bool is_tool = message.method == "tools/call";
    const bool named = target.is_text() && (is_tool || message.method == "prompts/get");
    Span span = spans_->begin(named ? name + ' ' + bounded(target.value) : name, SpanKind::server,
                              caller.context.trace);
    auto& attributes = span.attributes;
    attributes.emplace_back("mcp.method.name", name);
    attributes.emplace_back("mcp.protocol.version", std::string(to_string(caller.revision)));
    attributes.emplace_back("jsonrpc.request.id", bounded(message.id));
    if (named) {
        attributes.emplace_back(is_tool ? "gen_ai.tool.name" : "gen_ai.prompt.name",
                                bounded(target.value));
    }
    if (is_tool) {
        attributes.emplace_back("gen_ai.operation.name", std::string("execute_tool"));
    }
    if (const Member& uri = message.params["uri"]; uri.is_text()) {
        attributes.emplace_back("mcp.resource.uri", bounded(uri.value));
    }
    if (!caller.session_id.empty()) {
        attributes.emplace_back("mcp.session.id", bounded(caller.session_id));
    }
    return span;
}

void Telemetry::end_span(Span span, Outcome outcome, const RpcError* error) {
    span.failed = outcome != Outcome::ok;
    if (outcome == Outcome::error) {
        span.error = std::to_string(static_cast<std::int32_t>(error->code));
        span.attributes.emplace_back("rpc.response.status_code", span.error);
    } else if (span.failed) {
        span.error = kOutcomeNames[static_cast<std::size_t>(outcome)];
    }
    if (span.failed) {
        span.attributes.emplace_back("error.type", span.error);
    }
    spans_->end(std::move(span));
}

Request::Observer Telemetry::begin(Caller& caller, const RpcMessage& message) {
    const std::size_t method = index_of(message.method);
    const std::int64_t started_us = clock_.steady_us();
    if (spans_ == nullptr) {
        return [this, method, started_us](const RpcError* error, std::string_view result) {
            observe(method, outcome_of(error, result), started_us);
        };
    }
    auto span = std::make_shared<Span>(begin_span(caller, message, method));
    caller.context.trace = SpanSink::inside(*span);
    return [this, method, started_us, span](const RpcError* error, std::string_view result) {
        const Outcome outcome = outcome_of(error, result);
        observe(method, outcome, started_us);
        end_span(std::move(*span), outcome, error);
    };
}

}  // namespace credence::surface::mcp
