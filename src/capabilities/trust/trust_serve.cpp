#include "api/host.h"
#include "capabilities/trust/scores.h"
#include "capabilities/trust/trust.h"

namespace credence::trust {

Result<void> serve_trust(Host& host, Trust& trust) {
    constexpr std::int64_t kReplayTimeoutMs = 300'000;
    host.serve<&Trust::get_trust_score>(trust, "How far an agent can be believed")
        .get("/v1/trust/{agent_id}")
        .needs("trust:read")
        .mcp_name("get_trust_score")
        .positional("agent_id")
        .resource("credence://agents/{agent_id}/trust", "agents.list");
    host.serve<&Trust::get_trust_history>(trust, "What made an agent's trust, newest first")
        .get("/v1/trust/{agent_id}/history")
        .needs("trust:read")
        .mcp_name("get_trust_history")
        .positional("agent_id");
    host.serve<&Trust::batch_update>(trust, "Apply deferred verifications, all or none")
        .post("/v1/trust/updates")
        .needs("trust:write")
        .mcp_name("batch_update_trust_scores");
    host.serve<&Trust::override_score>(trust, "State an agent's trust by hand")
        .post("/v1/trust/{agent_id}/override")
        .needs("trust:admin")
        .positional("agent_id");
    host.serve<&Trust::clear_alarm>(trust, "End the alarm about an agent")
        .post("/v1/trust/{agent_id}/alarm/clearance")
        .needs("trust:admin")
        .positional("agent_id");
    host.serve<&Trust::replay>(trust, "Recompute all scores from their log and compare every bit")
        .post("/v1/trust/replay")
        .effect(Effect::read)
        .needs("trust:read")
        .within_ms(kReplayTimeoutMs)
        .describe(
            "A score that is not what its log leads to, and a broken chain, are answered with the "
            "error `conflict`, which names the first; the command line exits non-zero.");
    host.serve<&Trust::gate>(trust, "May this agent do this?")
        .post("/v1/trust/gate")
        .effect(Effect::read)
        .needs("trust:read")
        .core()
        .positional("agent_id");
    // At least once: after a crash an alarm may be counted again, never lost.
    Counter& alarms = host.metrics().counter("credence_trust_alarms_total",
                                             "Agents whose claims were seen to fall");
    host.events().subscribe("trust.alarms", {"trust_alarm"},
                            [&alarms](store::Tx&, const store::StoredEvent&) -> Result<void> {
                                alarms.add();
                                return {};
                            });
    return {};
}

}  // namespace credence::trust
