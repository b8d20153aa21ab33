#include "api/host.h"
#include "capabilities/skills/live/skills_live.h"

namespace credence::skills {

void serve_live(Host& host, SkillsLive& live) {
    host.serve<&SkillsLive::get_snapshot>(live, "The busiest skills and open anomalies now")
        .get("/v1/skills/live")
        .needs("skills:read")
        .hidden_from_mcp()
        .describe("What a client of the live feed is told first");
    host.live({.name = "skills",
               .subject = "skill",
               .snapshot_operation = "skills_live.get_snapshot",
               .update_event = "skill_metrics_updated",
               .topics = {"skill_*", "ab_test_*"},
               .scope = {}});
}

}  // namespace credence::skills
