// The operations of this folder.
#include "api/host.h"
#include "capabilities/skills/insight/activity.h"
#include "capabilities/skills/insight/anomalies.h"
#include "capabilities/skills/insight/dependencies.h"
#include "capabilities/skills/insight/phases.h"
#include "capabilities/skills/insight/trends.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {
namespace {

constexpr const char* kInsightRead = "skills:read";
constexpr const char* kInsightWrite = "skills:write";

void serve_anomalies(Host& host, Skills& skills) {
    host.serve<&Skills::detect_anomalies>(skills, "Find skills that do not behave as before")
        .get("/v1/skills/anomalies/now")
        .needs(kInsightRead)
        .mcp_name("detect_anomalies")
        .describe(
            "Judges the last hours up to now; each look has its own chance of a false alarm. The "
            "hourly check, which looks at each closed hour once, is in the list of anomalies.");
    host.serve<&Skills::list_anomalies>(skills, "List what the hourly check found, newest first")
        .get("/v1/skills/anomalies")
        .needs(kInsightRead)
        .resource("credence://anomalies");
    host.serve<&Skills::resolve_anomaly>(skills, "Say that an anomaly is dealt with")
        .post("/v1/skills/anomalies/{id}/resolution")
        .needs(kInsightWrite)
        .positional("id");
}

void serve_phases(Host& host, Skills& skills) {
    host.serve<&Skills::get_phase_effectiveness>(skills, "How well skills do by workflow phase")
        .get("/v1/skills/phases")
        .needs(kInsightRead);
    host.serve<&Skills::find_bottlenecks>(skills,
                                          "Phases in which a skill is surely given up often")
        .get("/v1/skills/phases/bottlenecks")
        .needs(kInsightRead);
    host.serve<&Skills::get_phase_transitions>(skills, "Which phase follows which in sessions")
        .get("/v1/skills/phases/transitions")
        .needs(kInsightRead);
}

}  // namespace

void serve_insight(Host& host, Skills& skills) {
    host.serve<&Skills::get_real_time_metrics>(skills, "What is used now, and how it goes")
        .get("/v1/skills/real-time")
        .needs(kInsightRead)
        .mcp_name("get_real_time_metrics");
    host.serve<&Skills::get_hourly_metrics>(skills, "Figures by hour, newest first")
        .get("/v1/skills/hours")
        .needs(kInsightRead);
    serve_anomalies(host, skills);
    host.serve<&Skills::get_skill_trend>(skills, "Whether a skill gets better or worse")
        .get("/v1/skills/trends/{skill_name}")
        .needs(kInsightRead)
        .positional("skill_name")
        .mcp_name("get_skill_trend")
        .resource("credence://skills/{skill_name}/trend", "skills.list_skill_metrics");
    host.serve<&Skills::get_skill_trends>(skills, "Trends of all skills, the surest first")
        .get("/v1/skills/trends")
        .needs(kInsightRead);
    host.serve<&Skills::get_skill_dependencies>(skills, "Which skills are used together")
        .get("/v1/skills/dependencies/{skill_name}")
        .needs(kInsightRead)
        .positional("skill_name")
        .mcp_name("get_skill_dependencies");
    serve_phases(host, skills);
}

}  // namespace credence::skills
