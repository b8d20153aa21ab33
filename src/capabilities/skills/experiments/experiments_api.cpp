// The operations of experiments.
#include "api/host.h"
#include "capabilities/skills/experiments/experiments.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kOutcomesBytes = 4 << 20;
constexpr const char* kReadScope = "skills:read";
constexpr const char* kWriteScope = "skills:write";
constexpr const char* kAdminScope = "skills:admin";

void serve_tests(Host& host, Experiments& experiments) {
    host.serve<&Experiments::create_test>(experiments, "Begin an experiment")
        .post("/v1/experiments")
        .needs(kWriteScope);
    host.serve<&Experiments::get_test>(experiments, "Show an experiment and its users by arm")
        .get("/v1/experiments/{test_id}")
        .needs(kReadScope)
        .positional("test_id")
        .resource("credence://experiments/{test_id}", "experiments.list_tests");
    host.serve<&Experiments::list_tests>(experiments, "List experiments")
        .get("/v1/experiments")
        .needs(kReadScope);
    host.serve<&Experiments::analyze>(experiments, "Say which arm is better, and how sure that is")
        .get("/v1/experiments/{test_id}/analysis")
        .needs(kReadScope)
        .positional("test_id")
        .describe(
            "May be asked at any time: intervals and p-values hold for all looks together, and "
            "users, not outcomes, are counted.")
        .resource("credence://experiments/{test_id}/analysis", "experiments.list_tests");
    host.serve<&Experiments::plan_test>(experiments, "Say how many users an experiment needs")
        .post("/v1/experiments/plan")
        .needs(kReadScope)
        .effect(Effect::read);
}

void serve_users(Host& host, Experiments& experiments) {
    host.serve<&Experiments::assign>(experiments, "Say which arm a user is in, the same for good")
        .post("/v1/experiments/{test_id}/assignments")
        .needs(kWriteScope)
        .positional("test_id");
    host.serve<&Experiments::record_outcome>(experiments, "Record what came of it for a user")
        .post("/v1/experiments/{test_id}/outcomes")
        .needs(kWriteScope)
        .not_idempotent()
        .positional("test_id");
    host.serve<&Experiments::record_outcomes>(experiments, "Record many outcomes, all or none")
        .post("/v1/experiments/outcomes")
        .needs(kWriteScope)
        .not_idempotent()
        .up_to_bytes(kOutcomesBytes)
        .positional("items", Positional::json_lines);
}

void serve_changes(Host& host, Experiments& experiments) {
    host.serve<&Experiments::stop_test>(experiments, "End an experiment")
        .post("/v1/experiments/{test_id}/stop")
        .needs(kAdminScope)
        .positional("test_id");
    host.serve<&Experiments::pause_test>(experiments, "Take no further users for a while")
        .post("/v1/experiments/{test_id}/pause")
        .needs(kAdminScope)
        .positional("test_id");
    host.serve<&Experiments::resume_test>(experiments, "Take users again")
        .post("/v1/experiments/{test_id}/resume")
        .needs(kAdminScope)
        .positional("test_id");
    host.serve<&Experiments::ship_test>(experiments, "Decide for a treatment")
        .post("/v1/experiments/{test_id}/ship")
        .needs(kAdminScope)
        .positional("test_id");
    host.serve<&Experiments::rollback_test>(experiments, "Decide for the control")
        .post("/v1/experiments/{test_id}/rollback")
        .needs(kAdminScope)
        .positional("test_id");
}

}  // namespace

void serve_experiments(Host& host, Experiments& experiments) {
    serve_tests(host, experiments);
    serve_users(host, experiments);
    serve_changes(host, experiments);
}

}  // namespace credence::skills
