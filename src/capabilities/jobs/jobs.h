// Background jobs as clients see them. The work itself is credence::Jobs (api/job.h).
//
// A job is an operation call made durable, so its right is that operation's: who may not call the
// operation may neither read its result nor cancel it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "api/host.h"
#include "api/job.h"

namespace credence::jobs {

struct GetJob {
    JobId id;
};
void describe(Describe<GetJob>&);

struct ListJobs {
    std::optional<JobState> state;
    std::int64_t limit = 100;
};
void describe(Describe<ListJobs>&);

struct JobList {
    std::vector<Job> jobs;
};
void describe(Describe<JobList>&);

struct CancelJob {
    JobId id;
};
void describe(Describe<CancelJob>&);

// Thread-safe.
class Jobs {
public:
    Jobs(credence::Jobs& jobs, const Catalog& catalog) : jobs_(jobs), catalog_(catalog) {}

    // Code::not_found; forbidden without the scope of the job's operation.
    Result<Job> get(const Context& context, const GetJob& request);
    // Newest first, without results: ask for one job to see its result.
    Result<JobList> list(const Context& context, const ListJobs& request);
    // Code::conflict when it has finished.
    Result<Job> cancel(const Context& context, const CancelJob& request);

private:
    Result<Job> find(const Context& context, const JobId& id);

    credence::Jobs& jobs_;
    const Catalog& catalog_;
};

Result<void> install(Host& host);

}  // namespace credence::jobs
