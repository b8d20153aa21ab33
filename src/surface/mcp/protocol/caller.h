// Who sent a request and how we may speak to them. A value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/context.h"

namespace credence::surface::mcp {

enum class Revision : std::uint8_t { r2025_06_18, r2025_11_25, r2026_07_28 };

inline constexpr std::array kRevisions = {Revision::r2025_06_18, Revision::r2025_11_25,
                                          Revision::r2026_07_28};  // newest last
std::string_view to_string(Revision revision);  // "2025-06-18"
std::optional<Revision> parse_revision(std::string_view text);
// Modern: every request says its revision and capabilities; no sessions (2026-07-28). Legacy: an
// initialize request opened a session.
constexpr bool is_modern(Revision revision) { return revision >= Revision::r2026_07_28; }
// ["2025-06-18",…], newest first, as JSON.
std::string supported_revisions_json();

inline constexpr std::string_view kTasksExtension = "io.modelcontextprotocol/tasks";
inline constexpr std::string_view kSkillsExtension = "io.modelcontextprotocol/skills";

// What the client said it can do. An empty elicitation object means form (2025-11-25).
struct ClientCapabilities {
    bool elicitation_form = false;
    bool elicitation_url = false;
    bool sampling = false;
    bool roots = false;
    bool tasks = false;   // the extension; in 2025-11-25 the call itself says so
    bool skills = false;  // the extension
};
ClientCapabilities read_capabilities(std::string_view capabilities_json);

enum class LogLevel : std::uint8_t {
    debug, info, notice, warning, error, critical, alert, emergency
};
std::string_view to_string(LogLevel level);
std::optional<LogLevel> parse_log_level(std::string_view text);

struct Caller {
    Context context;
    Revision revision = Revision::r2025_11_25;
    ClientCapabilities capabilities;
    std::string client_name;               // as it says; for telemetry only
    std::string session_id;                // legacy over HTTP; else empty
    std::optional<LogLevel> log_level;     // messages below it are not sent; none: no messages
    std::string progress_token;            // JSON; empty: wants no progress
    bool modern() const { return is_modern(revision); }
};

}  // namespace credence::surface::mcp
