#include "surface/mcp/protocol/settings.h"

#include "base/units.h"

namespace credence::surface {

void describe(Describe<McpSettings>& d) {
    constexpr std::int64_t kMostTools = 1'000;
    d.doc("The Model Context Protocol: /mcp and `credence mcp`");
    d.field<&McpSettings::profile>(
         "Tools shown: core (find_operations, call_operation and a few), full, or list")
        .or_default();
    d.field<&McpSettings::tools>("Profile list: the operations shown, as guard.scan or guard_scan")
        .length(0, kMostTools)
        .or_default();
    d.field<&McpSettings::guard_results>(
         "What becomes of tool results in which the guard finds an attack")
        .or_default();
    d.field<&McpSettings::confirm>(
         "Destructive operations ask the user first, where the client can")
        .or_default();
    d.field<&McpSettings::max_sessions>("Sessions at once (revisions before 2026-07-28)")
        .between(1, 1'000'000)
        .or_default();
    d.field<&McpSettings::session_idle_ms>("A session nobody uses ends after this")
        .between(kMsPerSecond, 24 * kMsPerHour)
        .or_default();
    d.field<&McpSettings::max_streams_per_session>("Open event streams of one session")
        .between(1, 1'000)
        .or_default();
    d.field<&McpSettings::remembered_bytes>(
         "Newest messages kept of a session's streams, for clients that resume")
        .between(0, static_cast<double>(64 * kMebibyte))
        .or_default();
    d.field<&McpSettings::keep_alive_ms>("Between comments on quiet streams")
        .between(100, kMsPerHour)
        .or_default();
    d.field<&McpSettings::ask_timeout_ms>("For an answer of the client's user")
        .between(100, kMsPerHour)
        .or_default();
    d.field<&McpSettings::task_life_ms>("A finished task can be read for this long")
        .between(kMsPerSecond, 30 * 24 * kMsPerHour)
        .or_default();
}

}  // namespace credence::surface
