// The operations of this folder.
#include "api/host.h"
#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/record/metrics.h"
#include "capabilities/skills/record/sessions.h"
#include "capabilities/skills/record/users.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kTrackedBatchBytes = 64 << 20;
constexpr const char* kReadScope = "skills:read";
constexpr const char* kWriteScope = "skills:write";
constexpr const char* kAdminScope = "skills:admin";

void serve_sessions(Host& host, Skills& skills) {
    host.serve<&Skills::create_session>(skills, "Begin a session")
        .post("/v1/skills/sessions")
        .needs(kWriteScope)
        .describe("With a session_id of the caller the same call gives the same session.");
    host.serve<&Skills::end_session>(skills, "End a session")
        .post("/v1/skills/sessions/{session_id}/end")
        .needs(kWriteScope)
        .positional("session_id")
        .describe("What was begun in it and not completed counts as abandoned.");
    host.serve<&Skills::get_session>(skills, "Show a session and what was done in it")
        .get("/v1/skills/sessions/{session_id}")
        .needs(kReadScope)
        .positional("session_id")
        .resource("credence://sessions/{session_id}", "skills.list_sessions");
    host.serve<&Skills::list_sessions>(skills, "List sessions, the newest first")
        .get("/v1/skills/sessions")
        .needs(kReadScope);
}

void serve_invocations(Host& host, Skills& skills) {
    host.serve<&Skills::track_invocation>(skills, "Record that a skill was used")
        .post("/v1/skills/invocations")
        .needs(kWriteScope)
        .core()
        .not_idempotent();
    host.serve<&Skills::track_invocations>(skills, "Record many invocations, all or none")
        .post("/v1/skills/invocations/batch")
        .needs(kWriteScope)
        .not_idempotent()
        .up_to_bytes(kTrackedBatchBytes)
        .positional("items", Positional::json_lines);
    host.serve<&Skills::begin_invocation>(skills, "Say that a skill starts")
        .post("/v1/skills/invocations/open")
        .needs(kWriteScope)
        .not_idempotent();
    host.serve<&Skills::complete_invocation>(skills, "Say how a skill that was begun went")
        .post("/v1/skills/invocations/open/{handle}/completion")
        .needs(kWriteScope)
        .not_idempotent()
        .positional("handle")
        .describe("Works once; what was never completed counts as abandoned in the end.");
    host.serve<&Skills::get_invocation>(skills, "Show an invocation")
        .get("/v1/skills/invocations/{invocation_id}")
        .needs(kReadScope)
        .positional("invocation_id");
    host.serve<&Skills::list_invocations>(skills, "List invocations of a session or a skill")
        .get("/v1/skills/invocations")
        .needs(kReadScope);
}

}  // namespace

void serve_record(Host& host, Skills& skills) {
    serve_sessions(host, skills);
    serve_invocations(host, skills);
    host.serve<&Skills::get_skill_metrics>(skills, "What a skill's uses add up to")
        .get("/v1/skills/metrics/{skill_name}")
        .needs(kReadScope)
        .positional("skill_name")
        .resource("credence://skills/{skill_name}/metrics", "skills.list_skill_metrics");
    host.serve<&Skills::list_skill_metrics>(skills, "Rank skills")
        .get("/v1/skills/metrics")
        .needs(kReadScope)
        .describe(
            "By completion rate means by its lower bound: 1 of 1 is not better than 990 of "
            "1000.")
        .resource("credence://skills");
    host.serve<&Skills::health_check>(skills, "Whether the analytics of skills work")
        .get("/v1/skills/health")
        .needs(kReadScope);
    host.serve<&Skills::erase_user>(skills, "Remove a user from log, figures and experiments")
        .post("/v1/skills/users/erasure")
        .needs(kAdminScope)
        .describe("The name is not part of the path: paths are logged.");
    host.serve<&Skills::export_user>(skills, "Everything held of a user")
        .post("/v1/skills/users/export")
        .needs(kAdminScope)
        .effect(Effect::read);
}

}  // namespace credence::skills
