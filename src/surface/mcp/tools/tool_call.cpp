#include "surface/mcp/tools/tool_call.h"

#include <memory>
#include <utility>

#include "surface/mcp/protocol/call_result.h"
#include "surface/mcp/tools/confirmation.h"
#include "surface/mcp/tools/tool_profile.h"

namespace credence::surface::mcp {
namespace {

// What the operation reports goes to the client that asked to be told.
std::shared_ptr<Progress> progress_of(const RequestPtr& request) {
    if (request->caller().progress_token.empty()) {
        return nullptr;
    }
    return std::make_shared<Progress>(
        [told = std::weak_ptr(request)](const Progress::State& state) {
            if (const RequestPtr alive = told.lock()) {
                alive->progress(static_cast<double>(state.done),
                                state.total > 0 ? std::optional(static_cast<double>(state.total))
                                                : std::nullopt,
                                {});
            }
        });
}

}  // namespace

ToolCalls::ToolCalls(Dispatcher& dispatcher, const McpSettings& settings, JobTasks* tasks,
                     bool tasks_are_judged)
    : dispatcher_(dispatcher),
      settings_(settings),
      tasks_(tasks),
      tasks_are_judged_(tasks_are_judged),
      guard_(dispatcher, settings.guard_results) {}

bool ToolCalls::can_be_task(const Operation& operation) const {
    return tasks_ != nullptr && operation.lane == Lane::background &&
           (tasks_are_judged_ || !guard_.judges(operation));
}

void ToolCalls::run(const Operation& operation, std::string arguments,
                    const RequestPtr& request) const {
    const std::int64_t most = operation.max_request_bytes;
    if (most > 0 && std::cmp_greater(arguments.size(), most)) {
        request->finish(
            call_problem({Code::too_large,
                          "the arguments may have at most " + std::to_string(most) + " bytes",
                          {}}));
        return;
    }
    // 2025-11-25: whoever asks for a task takes nothing else for an answer.
    const bool wants_task = request->caller().revision == Revision::r2025_11_25 &&
                            !request->params()["task"].is_absent();
    if (wants_task && tasks_ != nullptr && !can_be_task(operation)) {
        request->fail(
            {RpcCode::method_not_found, operation.mcp_name + " does not run as a task", {}});
        return;
    }
    const bool allowed = dispatcher_.offers(request->caller().context, operation);
    if (allowed && settings_.confirm && is_destructive(operation) &&
        ask_consent(operation, arguments, request) != Consent::given) {
        return;
    }
    if (!allowed || !can_be_task(operation)) {
        dispatch(operation, std::move(arguments), request);
    } else if (tasks_->wants(*request, operation)) {
        tasks_->start(request, operation, std::move(arguments));
    } else {
        tasks_->await(request, operation, std::move(arguments));
    }
}

void ToolCalls::dispatch(const Operation& operation, std::string arguments,
                         const RequestPtr& request) const {
    if (request->cancelled()) {
        return;
    }
    Context context = request->caller().context;
    context.progress = progress_of(request);
    dispatcher_.dispatch(
        operation, std::move(context), std::move(arguments), kBackgroundWaitMs,
        [this, &operation, request](Result<Answer> answer) {
            if (request->cancelled()) {
                return;
            }
            if (!answer) {
                request->finish(call_problem(answer.error()));
            } else if (answer->job) {
                request->finish(call_result(R"({"job":)" + answer->json + "}"));
            } else if (guard_.judges(operation)) {
                guard_.judge(operation, request->caller().context, std::move(answer->json),
                             [request](std::string result) { request->finish(std::move(result)); });
            } else {
                request->finish(call_result(answer->json));
            }
        });
}

Outcome arguments_of(const Members& params) {
    const Member& arguments = params["arguments"];
    if (arguments.is_absent()) {
        return "{}";
    }
    if (!arguments.is_object()) {
        return std::unexpected(
            RpcError{RpcCode::invalid_params, "params.arguments must be an object", {}});
    }
    return arguments.value;
}

}  // namespace credence::surface::mcp
