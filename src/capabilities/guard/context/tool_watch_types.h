// What the operations that watch tool descriptions take and give.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/policy.h"

namespace credence::guard {

inline constexpr std::size_t kMaxToolsAtOnce = 256;
inline constexpr std::size_t kMaxToolPins = 20'000;  // of a name space
inline constexpr std::size_t kMaxToolFindings = 32;  // of a tool
inline constexpr std::size_t kMaxToolChanges = 32;   // told of a tool
inline constexpr std::size_t kMaxServerName = 200;

struct ScanTools {
    std::string server_name;
    std::vector<RawJson> tools;
};
void describe(Describe<ScanTools>&);

struct ToolSpan {
    std::int64_t start = 0;
    std::int64_t end = 0;
};
void describe(Describe<ToolSpan>&);

struct ToolFinding {
    std::string field;
    Category category = Category::tool_poisoning;
    std::string technique;
    Severity severity = Severity::medium;
    double score = 0;
    std::string explanation;
    std::optional<ToolSpan> span;
};
void describe(Describe<ToolFinding>&);

// How a tool stands to what is pinned.
enum class ToolState : std::uint8_t {
    first_seen,  // pinned now
    unchanged,   // as pinned, never approved by anybody
    approved,    // as approved
    changed,     // differs from what is pinned
};

struct WatchedTool {
    std::string name;
    std::string digest;
    ToolState state = ToolState::first_seen;
    Verdict verdict = Verdict::allow;
    double score = 0;
    std::vector<ToolFinding> findings;
    std::vector<std::string> changes;
};
void describe(Describe<WatchedTool>&);

struct ToolReport {
    std::string server_name;
    Verdict verdict = Verdict::allow;
    double score = 0;
    std::vector<WatchedTool> tools;
    std::vector<std::string> missing;
};
void describe(Describe<ToolReport>&);

struct ApproveTool {
    std::string server_name;
    std::string tool;
    std::string digest;
};
void describe(Describe<ApproveTool>&);

struct ListTools {
    std::optional<std::string> server_name;
    std::optional<std::string> after;
    std::int64_t limit = 100;
};
void describe(Describe<ListTools>&);

struct PinnedTool {
    std::string server_name;
    std::string tool;
    std::string digest;
    std::string seen_digest;
    std::optional<std::string> approved_by;
    std::int64_t first_seen_at_us = 0;
    std::int64_t last_seen_at_us = 0;
    std::optional<std::int64_t> changed_at_us;
};
void describe(Describe<PinnedTool>&);

struct PinnedTools {
    std::vector<PinnedTool> tools;
    std::optional<std::string> next;
};
void describe(Describe<PinnedTools>&);

struct ForgetTools {
    std::string server_name;
    std::optional<std::string> tool;
};
void describe(Describe<ForgetTools>&);

struct ForgottenTools {
    std::int64_t forgotten = 0;
};
void describe(Describe<ForgottenTools>&);

}  // namespace credence::guard
