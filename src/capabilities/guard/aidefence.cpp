#include "capabilities/guard/aidefence.h"

#include "api/host.h"

namespace credence::guard {

void serve_aidefence(Host& host, Guard& guard) {
    constexpr auto kTextBytes = static_cast<std::int64_t>(8 * kMaxScanBytes);
    auto& tools = host.keep(std::make_unique<Aidefence>(guard));
    host.serve<&Aidefence::scan>(tools, "Judge a text, as guard.scan does")
        .post("/v1/aidefence/scan")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::direct)
        .up_to_bytes(kTextBytes)
        .mcp_name("aidefence_scan");
    host.serve<&Aidefence::analyze>(tools, "Explain a verdict, as guard.explain does")
        .post("/v1/aidefence/analyze")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::direct)
        .up_to_bytes(kTextBytes)
        .mcp_name("aidefence_analyze");
    host.serve<&Aidefence::stats>(tools, "Show counts and latencies, as guard.stats does")
        .get("/v1/aidefence/stats")
        .needs("guard:read")
        .mcp_name("aidefence_stats");
    host.serve<&Aidefence::learn>(tools, "Take feedback on a verdict, as guard.feedback does")
        .post("/v1/aidefence/learn")
        .needs("guard:write")
        .up_to_bytes(kTextBytes)
        .mcp_name("aidefence_learn");
    host.serve<&Aidefence::is_safe>(tools, "Say whether a text may pass")
        .post("/v1/aidefence/is_safe")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::direct)
        .up_to_bytes(kTextBytes)
        .mcp_name("aidefence_is_safe");
    host.serve<&Aidefence::has_pii>(tools, "Say whether a text holds personal data or secrets")
        .post("/v1/aidefence/has_pii")
        .effect(Effect::read)
        .needs("guard:read")
        .on(Lane::direct)
        .up_to_bytes(kTextBytes)
        .mcp_name("aidefence_has_pii");
}

}  // namespace credence::guard
