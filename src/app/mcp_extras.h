// Features of MCP that a program adds to those made from the catalogue. Each program links its own
// definition of these two functions: mcp_extras.cpp, which adds nothing, or the one it names with
// MCP_EXTRAS in credence_program(): the conformance program brings its fixtures so.
//
// Whoever makes an Mcp calls the first for McpParts::more and the second once it is made.
#pragma once

#include <vector>

namespace credence {

namespace surface::mcp {
class Feature;
class Notices;
}  // namespace surface::mcp

// Live until the program ends.
std::vector<surface::mcp::Feature*> extra_mcp_features();

// Where the features above publish their changes: those of the Mcp that has them.
void attach_mcp_features(surface::mcp::Notices& notices);

}  // namespace credence
