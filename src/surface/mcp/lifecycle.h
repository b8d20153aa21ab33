// What the server says of itself: capabilities, instructions, and the results of `initialize`
// (legacy) and `server/discover` (2026-07-28). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "surface/mcp/protocol/caller.h"
#include "surface/mcp/protocol/feature.h"
#include "surface/mcp/protocol/settings.h"

namespace credence::surface::mcp {

struct Offer {
    Revision revision = Revision::r2025_11_25;
    std::string extensions = {};  // members of the extensions object, without braces
    bool tasks = false;
    McpProfile profile = McpProfile::core;
};

// The extensions of all features; the first that names one describes it.
std::string collect_extensions(const std::vector<Feature*>& features, Revision revision);

// InitializeResult: revision, capabilities, serverInfo, instructions.
std::string initialize_result(const Offer& offer);
// DiscoverResult: every revision we serve, capabilities, instructions; cacheable, the same for all.
std::string discover_result(const Offer& offer);

}  // namespace credence::surface::mcp
