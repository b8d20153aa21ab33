#include "api/dispatch.h"

#include <algorithm>
#include <array>
#include <exception>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "base/units.h"

namespace credence {
namespace {

// Audited: everything that changes something, and every refusal of it.
bool is_audited(const Operation& operation) {
    return operation.effect != Effect::read;
}

// The span of one call. What runs inside gets context(), so that its own spans become children;
// the context is copied only where a span is made.
class CallSpan {
public:
    CallSpan(SpanSink* sink, const Operation& operation, const Context& context) : outer_(context) {
        if (sink == nullptr || (context.trace.valid() && !context.trace.sampled)) {
            return;
        }
        sink_ = sink;
        span_ = sink->begin(operation.name, SpanKind::internal, context.trace);
        span_.attributes.emplace_back("credence.operation", operation.name);
        span_.attributes.emplace_back("credence.surface", std::string(context.surface));
        inner_ = context;
        inner_->trace = SpanSink::inside(span_);
    }

    const Context& context() const { return inner_ ? *inner_ : outer_; }

    void end(const Result<void>& result) {
        if (sink_ == nullptr) {
            return;
        }
        const std::string outcome(result ? "ok" : to_string(result.error().code));
        span_.attributes.emplace_back("credence.outcome", outcome);
        if (!result) {
            span_.failed = true;
            span_.error = outcome;
        }
        std::exchange(sink_, nullptr)->end(std::move(span_));
    }

private:
    const Context& outer_;
    SpanSink* sink_ = nullptr;  // null: no span
    Span span_;
    std::optional<Context> inner_;
};

}  // namespace

struct Dispatcher::PerOperation {
    Histogram& duration;
    Counter& ok;
    std::array<Counter*, 12> failed;  // by Code
};

Dispatcher::Dispatcher(Parts parts) : parts_(parts) {
    for (const Operation& operation : parts_.catalog.operations()) {
        const auto counter = [&](std::string_view outcome) -> Counter& {
            return parts_.metrics.counter(
                "credence_operation_calls_total", "Operation calls by outcome",
                {{"operation", operation.name}, {"outcome", std::string(outcome)}});
        };
        auto entry = std::make_unique<PerOperation>(
            PerOperation{parts_.metrics.histogram("credence_operation_duration_seconds",
                                                  "Time from dispatch to answer",
                                                  {{"operation", operation.name}}),
                         counter("ok"),
                         {}});
        for (std::size_t i = 0; i < entry->failed.size(); ++i) {
            entry->failed[i] = &counter(to_string(static_cast<Code>(i)));
        }
        per_operation_.emplace(&operation, std::move(entry));
    }
}

Dispatcher::~Dispatcher() = default;

Result<Admission> Dispatcher::admit(const Credentials& credentials,
                                    std::string_view request_id_text) {
    Admission admission = TRY(parts_.gatekeeper.admit(credentials));
    admission.context.surface = credentials.surface;
    if (!request_id_text.empty()) {
        if (auto given = RequestId::parse(request_id_text)) {
            admission.context.request_id = *given;
            return admission;
        }
    }
    admission.context.request_id = parts_.ids.make<RequestId>();
    return admission;
}

Result<void> Dispatcher::allowed(const Context& context, const Operation& operation) const {
    if (!context.scopes.allow(operation.scope)) {
        return fail(Code::forbidden, "needs the scope " + operation.scope);
    }
    if (parts_.flags != nullptr) {
        TRY(parts_.flags->check(context.tenant, operation));
    }
    return {};
}

bool Dispatcher::offers(const Context& context, const Operation& operation) const {
    return allowed(context, operation).has_value();
}

Result<void> Dispatcher::guarded(const Operation& operation, const Context& context,
                                 std::string_view request_json, std::string& out) {
    TRY(allowed(context, operation));
    if (context.deadline_us != 0 && parts_.clock.steady_us() > context.deadline_us) {
        return fail(Code::timeout, "the deadline passed before the operation could run");
    }
    try {
        return operation.call(context, request_json, out);
    } catch (const std::exception& exception) {
        log::error("operation threw", {{"operation", operation.name}, {"what", exception.what()}});
    } catch (...) {
        log::error("operation threw", {{"operation", operation.name}});
    }
    return fail(Code::internal, "internal error; the log has the details");
}

Result<void> Dispatcher::audited(const Operation& operation, const Context& context,
                                 std::string_view request_json, const Result<void>& result) {
    if (!is_audited(operation)) {
        return {};
    }
    const std::string digest = sha256_hex(request_json);
    const std::string_view outcome = result ? "ok" : to_string(result.error().code);
    return parts_.audit.record(context, AuditEntry{operation.name, outcome, digest});
}

Result<void> Dispatcher::run(const Operation& operation, const Context& context,
                             std::string_view request_json, std::string& out) {
    const std::int64_t start_us = parts_.clock.steady_us();
    const std::size_t before = out.size();
    CallSpan span(parts_.spans, operation, context);
    Result<void> result = guarded(operation, span.context(), request_json, out);
    if (auto recorded = audited(operation, context, request_json, result); !recorded) {
        log::error("audit entry lost", {{"operation", operation.name},
                                        {"request_id", context.request_id.to_string()},
                                        {"reason", recorded.error().message}});
        result = fail(Code::unavailable, "the audit trail could not be written");
    }
    if (!result) {
        out.resize(before);
    }
    span.end(result);
    finish(operation, context, result, parts_.clock.steady_us() - start_us);
    return result;
}

void Dispatcher::finish(const Operation& operation, const Context& context,
                        const Result<void>& result, std::int64_t elapsed_us) {
    PerOperation& counters = *per_operation_.at(&operation);
    counters.duration.observe_us(elapsed_us);
    const std::string_view outcome = result ? "ok" : to_string(result.error().code);
    if (result) {
        counters.ok.add();
    } else {
        counters.failed[static_cast<std::size_t>(result.error().code)]->add();
    }
    const bool ours = !result && result.error().code == Code::internal;
    if (!log::enabled(ours ? log::Level::error : log::Level::info)) {
        return;
    }
    const std::string request_id = context.request_id.to_string();
    const log::Values values = {{"operation", operation.name}, {"outcome", outcome},
                                {"elapsed_us", elapsed_us},    {"tenant", context.tenant},
                                {"actor", context.actor},      {"surface", context.surface},
                                {"request_id", request_id}};
    if (ours) {
        log::error("operation", values);
    } else {
        log::info("operation", values);
    }
}

bool Dispatcher::runs_inline(const Operation& operation, std::size_t request_bytes) const {
    return parts_.pool == nullptr ||
           (operation.lane == Lane::direct && request_bytes <= kMaxDirectBytes);
}

void Dispatcher::dispatch(const Operation& operation, Context context, std::string request_json,
                          std::int64_t wait_ms, Done done) {
    if (context.deadline_us == 0 && operation.timeout_ms > 0) {
        context.deadline_us = parts_.clock.steady_us() + operation.timeout_ms * kUsPerMs;
    }
    const bool as_job = operation.lane == Lane::background && parts_.jobs != nullptr;
    if (runs_inline(operation, request_json.size())) {
        Answer answer;
        Result<void> result = run(operation, context, request_json, answer.json);
        if (result) {
            done(std::move(answer));
        } else {
            done(std::unexpected(std::move(result).error()));
        }
        return;
    }
    // The task owns everything it needs; std::function wants it copyable.
    struct Task {
        Context context;
        std::string request_json;
        Done done;
    };
    auto task =
        std::make_shared<Task>(Task{std::move(context), std::move(request_json), std::move(done)});
    const bool taken = parts_.pool->submit([this, &operation, as_job, wait_ms, task] {
        if (as_job) {
            task->done(run_as_job(operation, task->context, task->request_json, wait_ms));
            return;
        }
        Answer answer;
        Result<void> result = run(operation, task->context, task->request_json, answer.json);
        if (result) {
            task->done(std::move(answer));
        } else {
            task->done(std::unexpected(std::move(result).error()));
        }
    });
    if (!taken) {
        Error error{Code::exhausted, "too many requests are waiting", {}, kBusyRetryMs};
        finish(operation, task->context, std::unexpected(error), 0);
        task->done(std::unexpected(std::move(error)));
    }
}

Result<Answer> Dispatcher::run_as_job(const Operation& operation, const Context& context,
                                      std::string_view request_json, std::int64_t wait_ms) {
    const std::int64_t start_us = parts_.clock.steady_us();
    CallSpan span(parts_.spans, operation, context);
    auto submitted = submit_job(operation, span.context(), request_json);
    const Result<void> outcome = submitted ? Result<void>() : std::unexpected(submitted.error());
    span.end(outcome);
    finish(operation, context, outcome, parts_.clock.steady_us() - start_us);
    Job job = TRY(std::move(submitted));
    if (wait_ms > 0) {
        job = TRY(parts_.jobs->wait(context, job.id, std::min(wait_ms, kMaxWaitMs)));
    }
    if (job.state == JobState::succeeded && job.result) {
        return Answer{std::move(job.result->text), std::nullopt};
    }
    if (job.state == JobState::failed) {
        return fail(job_error(job), job.error_message.value_or("the job failed"),
                    job.error_field.value_or(""));
    }
    return Answer{to_json(job), job.id};
}

Result<Job> Dispatcher::submit_job(const Operation& operation, const Context& context,
                                   std::string_view request_json) {
    TRY(allowed(context, operation));
    // Refuse a request now that the job could only refuse later.
    TRY(operation.validate(request_json));
    auto job = parts_.jobs->submit(context, operation, request_json);
    const Result<void> outcome = job ? Result<void>() : std::unexpected(job.error());
    TRY(audited(operation, context, request_json, outcome));
    return job;
}

Code Dispatcher::job_error(const Job& job) {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(Code::internal); ++i) {
        if (job.error_code == to_string(static_cast<Code>(i))) {
            return static_cast<Code>(i);
        }
    }
    return Code::internal;
}

}  // namespace credence
