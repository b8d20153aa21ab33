// The one way to call an operation. Adds, for all of them: scope check, deadline, audit, latency
// histogram, log line, and the last catch. Surfaces call this and nothing else.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/catalog.h"
#include "api/context.h"
#include "api/flags.h"
#include "api/gatekeeper.h"
#include "api/job.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "base/span.h"
#include "base/worker_pool.h"

namespace credence {

// The answer to a dispatched call: response JSON, and the job when it became one.
struct Answer {
    std::string json;
    std::optional<JobId> job;  // set for a background job that has not finished: answer 202
};

using Done = std::function<void(Result<Answer>)>;

// Thread-safe.
class Dispatcher {
public:
    struct Parts {
        const Catalog& catalog;
        Gatekeeper& gatekeeper;
        AuditSink& audit;
        Jobs* jobs;        // null: background operations run inline (command line, stdio)
        WorkerPool* pool;  // null: everything runs inline
        const Clock& clock;
        IdMaker& ids;
        Metrics& metrics;
        OperationFlags* flags = nullptr;  // null: nothing is ever switched off
        SpanSink* spans = nullptr;        // null: no telemetry
    };
    explicit Dispatcher(Parts parts);
    ~Dispatcher();

    // Authenticates and rate-limits; stamps request id and surface. `request_id_text` (a UUID sent
    // by the caller) is honoured when it parses.
    Result<Admission> admit(const Credentials& credentials, std::string_view request_id_text = {});

    // Runs now, on this thread, whatever the lane (background: inline too). Appends the response
    // JSON to out.
    Result<void> run(const Operation& operation, const Context& context,
                     std::string_view request_json, std::string& out);

    // A direct operation costs more the larger its request: larger ones go to the pool, so that no
    // caller holds up an I/O thread.
    static constexpr std::size_t kMaxDirectBytes = std::size_t{16} << 10;
    // Whether dispatch() would run the call on the calling thread.
    bool runs_inline(const Operation& operation, std::size_t request_bytes) const;

    static constexpr std::int64_t kMaxWaitMs = 60'000;   // for a background job
    static constexpr std::int64_t kBusyRetryMs = 1'000;  // advice when the pool's queue is full

    // Runs on the operation's lane and calls done exactly once, possibly before returning, possibly
    // on another thread. wait_ms: how long a background job may be awaited before answering with
    // the job.
    void dispatch(const Operation& operation, Context context, std::string request_json,
                  std::int64_t wait_ms, Done done);

    // Whether the operation may be offered to this caller: scope, and not switched off.
    bool offers(const Context& context, const Operation& operation) const;

    const Catalog& catalog() const { return parts_.catalog; }

private:
    Result<void> allowed(const Context& context, const Operation& operation) const;
    struct PerOperation;  // metrics handles
    Result<void> guarded(const Operation& operation, const Context& context,
                         std::string_view request_json, std::string& out);
    Result<void> audited(const Operation& operation, const Context& context,
                         std::string_view request_json, const Result<void>& result);
    void finish(const Operation& operation, const Context& context, const Result<void>& result,
                std::int64_t elapsed_us);
    Result<Answer> run_as_job(const Operation& operation, const Context& context,
                              std::string_view request_json, std::int64_t wait_ms);
    Result<Job> submit_job(const Operation& operation, const Context& context,
                           std::string_view request_json);
    static Code job_error(const Job& job);

    Parts parts_;
    std::unordered_map<const Operation*, std::unique_ptr<PerOperation>> per_operation_;
};

}  // namespace credence
