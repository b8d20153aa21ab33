#include "surface/mcp/protocol/caller.h"

#include <algorithm>
#include <cstddef>

#include "surface/mcp/protocol/members.h"

namespace credence::surface::mcp {
namespace {

constexpr std::array<std::string_view, 8> kLogLevels = {"debug", "info",     "notice", "warning",
                                                        "error", "critical", "alert",  "emergency"};

}  // namespace

std::string_view to_string(Revision revision) {
    switch (revision) {
        case Revision::r2025_06_18:
            return "2025-06-18";
        case Revision::r2025_11_25:
            return "2025-11-25";
        case Revision::r2026_07_28:
            return "2026-07-28";
    }
    return {};
}

std::optional<Revision> parse_revision(std::string_view text) {
    for (const Revision revision : kRevisions) {
        if (to_string(revision) == text) {
            return revision;
        }
    }
    return std::nullopt;
}

std::string supported_revisions_json() {
    std::string out = "[";
    for (std::size_t i = kRevisions.size(); i-- > 0;) {
        out += '"';
        out += to_string(kRevisions[i]);
        out += i > 0 ? "\"," : "\"";
    }
    out += ']';
    return out;
}

ClientCapabilities read_capabilities(std::string_view capabilities_json) {
    const Members given = Members::parse(capabilities_json).value_or(Members());
    ClientCapabilities out;
    if (const Member& elicitation = given["elicitation"]; elicitation.is_object()) {
        const Members modes = Members::of(elicitation);
        out.elicitation_url = modes["url"].is_object();
        out.elicitation_form = modes["form"].is_object() || !out.elicitation_url;
    }
    out.sampling = given["sampling"].is_object();
    out.roots = given["roots"].is_object();
    const Members extensions = Members::of(given["extensions"]);
    out.tasks = extensions[kTasksExtension].is_object();
    out.skills = extensions[kSkillsExtension].is_object();
    return out;
}

std::string_view to_string(LogLevel level) {
    const auto index = static_cast<std::size_t>(level);
    return index < kLogLevels.size() ? kLogLevels[index] : std::string_view();
}

std::optional<LogLevel> parse_log_level(std::string_view text) {
    const auto found = std::ranges::find(kLogLevels, text);
    if (found == kLogLevels.end()) {
        return std::nullopt;
    }
    return static_cast<LogLevel>(found - kLogLevels.begin());
}

}  // namespace credence::surface::mcp
