#include "capabilities/jobs/jobs.h"

#include <string>
#include <utility>

namespace credence::jobs {

Result<Job> Jobs::find(const Context& context, const JobId& id) {
    Job job = TRY(jobs_.get(context, id));
    const Operation* operation = catalog_.find(job.operation);
    // An operation this program no longer has: nobody but an administrator may look.
    const std::string scope = operation != nullptr ? operation->scope : "*";
    if (!context.scopes.allow(scope)) {
        return fail(Code::forbidden, "needs the scope " + scope);
    }
    return job;
}

Result<Job> Jobs::get(const Context& context, const GetJob& request) {
    return find(context, request.id);
}

Result<JobList> Jobs::list(const Context& context, const ListJobs& request) {
    JobList out;
    out.jobs = TRY(jobs_.list(context, request.state, static_cast<int>(request.limit)));
    for (Job& job : out.jobs) {
        // Results may be large, and may be the answer of an operation the caller may not call.
        job.result.reset();
        job.error_message.reset();
        job.error_field.reset();
    }
    return out;
}

Result<Job> Jobs::cancel(const Context& context, const CancelJob& request) {
    TRY(find(context, request.id));
    return jobs_.cancel(context, request.id);
}

}  // namespace credence::jobs
