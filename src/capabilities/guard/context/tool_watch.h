// Watches what tool servers say of their tools: every text of a definition is judged as a tool's
// description, names and arguments are looked at (tool_checks.h), and the definition is pinned, so
// that one which changes after it was trusted is noticed ("rug pull").
//
// Trust on first use: a tool is pinned when it is first seen, and stays so until somebody approves
// another digest. Every scan judges the texts anew, pinned or not. What is stored of a definition
// is digests of its fields, never a text.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/result.h"
#include "capabilities/guard/context/text_judge.h"
#include "capabilities/guard/context/tool_checks.h"
#include "capabilities/guard/context/tool_rows.h"
#include "capabilities/guard/context/tool_watch_types.h"
#include "engine/store/database.h"

namespace credence::guard {

struct ToolWatchParts {
    store::Database& database;
    const Clock& clock;
    TextJudge judge;
    double flag_threshold = 0.3;
    double block_threshold = 0.8;
};

// Thread-safe. Costs one transaction and, for each tool, one scan.
class ToolWatch {
public:
    explicit ToolWatch(ToolWatchParts parts) : parts_(std::move(parts)) {}

    // Code::invalid with the tool's path; Code::exhausted at kMaxToolPins.
    Result<ToolReport> scan(const Context& context, const ScanTools& request);
    // Code::not_found for a tool never seen, Code::conflict when it says something else by now.
    Result<PinnedTool> approve(const Context& context, const ApproveTool& request);
    Result<PinnedTools> list(const Context& context, const ListTools& request) const;
    // So that what is seen next is pinned.
    Result<ForgottenTools> forget(const Context& context, const ForgetTools& request);

private:
    struct Pinned {
        std::vector<ToolState> states;
        std::vector<std::vector<std::string>> changes;
        std::set<std::string> was_approved;  // of those that changed
        std::vector<std::string> missing;
        ToolNames names;
    };

    Result<Pinned> pin(store::Tx& tx, const Context& context, const std::string& server,
                       const std::vector<ToolDefinition>& tools) const;
    Result<WatchedTool> judge(const Context& context, const std::string& server,
                              const ToolDefinition& tool, const Pinned& pinned) const;
    Verdict verdict_of(double score) const;

    ToolWatchParts parts_;
};

}  // namespace credence::guard
