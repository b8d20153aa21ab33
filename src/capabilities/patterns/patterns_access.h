// Who may do what with a pattern. Pure and thread-safe.
//
//   level    read, use                                       update, delete   share
//   private  its owner                                       owner            owner
//   shared   its owner, and the agents listed, all of them   owner            owner
//            of the owner's namespace
//   public   every agent of the tenant, in all namespaces;   owner            nobody: all see it
//            read also without an agent
//   system   as public                                       admin            nobody
//
// An agent id means one agent only together with its namespace. A caller with the scope
// patterns:admin may do everything inside its own namespace but use patterns as nobody. Whatever is
// not listed is denied.
#pragma once

#include <cstdint>
#include <string>

#include "capabilities/patterns/search/search.h"

namespace credence::patterns {

enum class Action : std::uint8_t { read, use, update, delete_, share };

struct Viewer {
    std::string name_space;
    std::string agent_id;  // empty: no agent
    bool admin = false;    // has patterns:admin
};

bool allowed(const Visibility& pattern, const Viewer& viewer, Action action);

// Whether the viewer may know that the pattern exists.
bool visible(const Visibility& pattern, const Viewer& viewer);

}  // namespace credence::patterns
