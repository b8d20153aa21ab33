// A tool's definition, as a Model Context Protocol server lists it: its canonical form and its
// fields.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::guard {

inline constexpr std::size_t kMaxToolBytes = std::size_t{64} << 10;
inline constexpr std::size_t kMaxToolLeaves = 2000;
inline constexpr int kMaxToolDepth = 48;

// A string somewhere in a definition; `path` as "inputSchema.properties.to.description", items of
// lists as "[2]". Names of keys that people choose (properties) are texts, too: `is_key`.
struct ToolText {
    std::string path;
    std::string text;
    bool is_key = false;
};

struct ToolDefinition {
    std::string name;
    std::string description;
    std::vector<ToolText> texts;          // in the order of the canonical form
    std::vector<std::string> properties;  // paths of inputSchema's properties, at any depth
    std::string canonical;                // keys sorted, no blanks; numbers as JSON writes them
    std::string digest;                   // SHA-256 of it, 64 hex digits
    std::map<std::string, std::string> fields;  // path of each leaf -> 16 hex digits of its digest
};

// Code::invalid or too_large with `field` as path's beginning. Linear but for sorting keys.
Result<ToolDefinition> read_tool(std::string_view json, const std::string& field);

// Paths that were added, removed or changed, ascending; at most `limit`.
std::vector<std::string> changed_fields(const std::map<std::string, std::string>& before,
                                        const std::map<std::string, std::string>& after,
                                        std::size_t limit);

}  // namespace credence::guard
