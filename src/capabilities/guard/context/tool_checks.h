// What a tool's definition shows without being read as a text: names that imitate others, orders
// about other tools, hidden characters, arguments that ask for more than a tool needs. Pure.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "capabilities/guard/context/tool_json.h"
#include "capabilities/guard/context/tool_watch_types.h"

namespace credence::guard {

// The tools that a model sees together, to look names up in.
class ToolNames {
public:
    struct Tool {
        std::string server;
        std::string name;
    };
    void add(const std::string& server, const std::string& name);

    // Tools of that very name; of names that look alike. At most kMaxAlike each.
    static constexpr std::size_t kMaxAlike = 16;
    const std::vector<Tool>* named(std::string_view name) const;
    const std::vector<Tool>* looking_like(std::string_view name) const;

private:
    std::unordered_map<std::string, std::vector<Tool>> by_name_;
    std::unordered_map<std::string, std::vector<Tool>> by_look_;
};

// A name as it looks at a glance: confusable letters and digits folded, case and separators gone.
std::string look_of(std::string_view name);

// At most kMaxToolFindings. `names` holds the tool itself, too. Linear in the definition.
std::vector<ToolFinding> check_tool(const std::string& server, const ToolDefinition& tool,
                                    const ToolNames& names);

}  // namespace credence::guard
