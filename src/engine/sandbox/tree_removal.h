// Removes what a foreign program may have made: folders without any permission, and chains of
// folders deeper than paths and descriptors reach.
#pragma once

#include <string>

namespace credence::sandbox {

// The folder and everything below it; follows no links. Logs what it cannot remove.
void remove_tree(const std::string& path);

}  // namespace credence::sandbox
