#include "surface/mcp/tasks/task_json.h"

#include <algorithm>

#include "base/clock.h"
#include "base/json.h"
#include "surface/mcp/protocol/call_result.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kInterrupted =
    "the server stopped while this ran and cannot tell whether it took effect: a person must judge";

struct Names {
    std::string_view life;
    std::string_view poll;
};
constexpr Names kNames{"ttlMs", "pollIntervalMs"};
constexpr Names kNames2025{"ttl", "pollInterval"};

std::string_view status_of(const Job& job) {
    switch (job.state) {
        case JobState::queued:
        case JobState::running:
            return "working";
        case JobState::succeeded:
        case JobState::failed:
            return "completed";
        case JobState::cancelled:
            return "cancelled";
        case JobState::interrupted:
            return "failed";
    }
    return "failed";
}

std::string_view status_2025(const JobRecord& job) {
    if (job.state == JobState::cancelled || job.cancel_requested) {
        return "cancelled";
    }
    return job.state == JobState::failed ? "failed" : status_of(job);
}

std::string message_of(const TaskView& view) {
    const JobRecord& job = view.job;
    switch (job.state) {
        case JobState::queued:
            return "waits for its turn";
        case JobState::running:
            break;
        case JobState::succeeded:
            return {};
        case JobState::failed:
            return job.error_message.value_or("the job failed");
        case JobState::cancelled:
            return "was cancelled";
        case JobState::interrupted:
            return std::string(kInterrupted);
    }
    if (job.cancel_requested) {
        return "is being cancelled";
    }
    if (!view.progress || view.progress->done <= 0) {
        return "runs";
    }
    std::string out = "runs: " + std::to_string(view.progress->done);
    if (view.progress->total > 0) {
        out += " of " + std::to_string(view.progress->total);
    }
    return out + " done";
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
    out += '"';
    out += name;
    out += "\":";
    append_json_string(text, out);
    out += ',';
}

// The members of Task, without braces.
std::string members(const TaskView& view, std::string_view status, const Names& names) {
    const JobRecord& job = view.job;
    const std::int64_t updated_us =
        job.finished_at_us.value_or(job.started_at_us.value_or(job.created_at_us));
    std::string out;
    append_member("taskId", job.id.to_string(), out);
    append_member("status", status, out);
    if (const std::string message = message_of(view); !message.empty()) {
        append_member("statusMessage", message, out);
    }
    append_member("createdAt", format_time_us(job.created_at_us), out);
    append_member("lastUpdatedAt", format_time_us(std::max(updated_us, job.created_at_us)), out);
    out += '"';
    out += names.life;
    out += "\":" + (view.life_ms > 0 ? std::to_string(view.life_ms) : "null") + ",\"";
    out += names.poll;
    out += "\":" + std::to_string(kPollIntervalMs);
    return out;
}

Code code_of(const Job& job) {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Code::internal); ++i) {
        if (job.error_code == to_string(static_cast<Code>(i))) {
            return static_cast<Code>(i);
        }
    }
    return Code::internal;
}

std::string error_json(const RpcError& error) {
    std::string out =
        R"({"code":)" + std::to_string(static_cast<std::int32_t>(error.code)) + R"(,"message":)";
    append_json_string(error.message, out);
    if (!error.data.empty()) {
        out += R"(,"data":)" + error.data;
    }
    return out + '}';
}

}  // namespace

bool is_terminal(const Job& job) {
    return job.state != JobState::queued && job.state != JobState::running;
}

bool is_terminal_2025(const JobRecord& job) {
    return is_terminal(job) || job.cancel_requested;
}

Outcome call_outcome(const Job& job) {
    switch (job.state) {
        case JobState::succeeded:
            return call_result(job.result && !job.result->text.empty() ? job.result->text : "{}");
        case JobState::failed:
            return call_problem({code_of(job), job.error_message.value_or("the job failed"),
                                 job.error_field.value_or(""), 0});
        case JobState::cancelled:
            return call_problem({Code::cancelled, "the job was cancelled", {}, 0});
        case JobState::interrupted:
            return std::unexpected(
                RpcError{RpcCode::internal_error, std::string(kInterrupted),
                         R"({"state":"interrupted","job":")" + job.id.to_string() + "\"}"});
        case JobState::queued:
        case JobState::running:
            break;
    }
    return call_result(R"({"job":)" + to_json(job) + '}');
}

std::string created_task(const TaskView& view) {
    return R"({"resultType":"task",)" + members(view, status_of(view.job), kNames) + '}';
}

std::string detailed_task(const TaskView& view, const Outcome& outcome) {
    std::string out = '{' + members(view, status_of(view.job), kNames);
    if (is_terminal(view.job) && view.job.state != JobState::cancelled) {
        out += outcome ? R"(,"result":)" + *outcome : R"(,"error":)" + error_json(outcome.error());
    }
    return out + '}';
}

std::string task_2025(const TaskView& view) {
    return '{' + members(view, status_2025(view.job), kNames2025) + '}';
}

std::string created_task_2025(const TaskView& view) {
    return with_related_task(view.job.id, R"({"task":)" + task_2025(view) + '}');
}

std::string with_related_task(const JobId& id, std::string_view result_json) {
    std::string out =
        R"({"_meta":{"io.modelcontextprotocol/related-task":{"taskId":")" + id.to_string() + "\"}}";
    const std::string_view rest = result_json.substr(result_json.find('{') + 1);
    if (!rest.starts_with('}')) {
        out += ',';
    }
    out += rest;
    return out;
}

}  // namespace credence::surface::mcp
