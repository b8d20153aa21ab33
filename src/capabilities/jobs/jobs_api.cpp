#include <memory>

#include "capabilities/jobs/jobs.h"

namespace credence::jobs {
namespace {

constexpr int kMaxListed = 1000;

}  // namespace

void describe(Describe<GetJob>& d) {
    d.field<&GetJob::id>("Job to read");
}

void describe(Describe<ListJobs>& d) {
    d.field<&ListJobs::state>("Only jobs in this state");
    d.field<&ListJobs::limit>("At most this many").between(1, kMaxListed).or_default();
}

void describe(Describe<JobList>& d) {
    d.field<&JobList::jobs>("Newest first, without results");
}

void describe(Describe<CancelJob>& d) {
    d.field<&CancelJob::id>("Job to cancel");
}

Result<void> install(Host& host) {
    auto& jobs = host.keep(std::make_unique<Jobs>(host.jobs(), host.catalog()));
    host.serve<&Jobs::get>(jobs, "Read a background job, with its result when it has one")
        .get("/v1/jobs/{id}")
        .needs("jobs:read")
        .positional("id")
        .resource("credence://jobs/{id}", "jobs.list");
    host.serve<&Jobs::list>(jobs, "List background jobs, newest first")
        .get("/v1/jobs")
        .needs("jobs:read");
    host.serve<&Jobs::cancel>(jobs, "Cancel a background job")
        .post("/v1/jobs/{id}/cancellation")
        .needs("jobs:write")
        .positional("id");
    return {};
}

}  // namespace credence::jobs
