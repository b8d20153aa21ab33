#include "capabilities/guard/context/tool_watch.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace credence::guard {

namespace {

constexpr double kLeastToldScore = 0.15;  // of findings that are told
constexpr double kChanged = 0.7;
constexpr double kApprovedChanged = 0.85;

using Fields = std::map<std::string, std::string>;

// All texts of a definition as one, and which field each byte is from.
struct JoinedTexts {
    std::string text;
    std::vector<std::size_t> starts;  // of tool.texts
};

JoinedTexts join(const ToolDefinition& tool) {
    JoinedTexts joined;
    for (const ToolText& each : tool.texts) {
        joined.starts.push_back(joined.text.size());
        joined.text += each.text;
        joined.text += "\n\n";
    }
    return joined;
}

ToolFinding finding_of(const ToolDefinition& tool, const JoinedTexts& joined,
                       const TextThreat& threat) {
    ToolFinding finding{{}, threat.category, threat.technique, threat.severity, threat.score, {},
                        {}};
    const auto next =
        std::upper_bound(joined.starts.begin(), joined.starts.end(), threat.span.start);
    if (next == joined.starts.begin()) {
        return finding;
    }
    const auto index = static_cast<std::size_t>(next - joined.starts.begin()) - 1;
    const std::size_t start = joined.starts[index];
    const std::size_t size = tool.texts[index].text.size();
    finding.field = tool.texts[index].path;
    finding.explanation = "Rule " + threat.rule + " found it.";
    finding.span = ToolSpan{static_cast<std::int64_t>(std::min(threat.span.start - start, size)),
                            static_cast<std::int64_t>(std::min(threat.span.end - start, size))};
    return finding;
}

tool_rows::Pin pin_of(const std::string& server, const ToolDefinition& tool, std::int64_t now_us) {
    tool_rows::Pin pin;
    pin.tool.server_name = server;
    pin.tool.tool = tool.name;
    pin.tool.digest = pin.tool.seen_digest = tool.digest;
    pin.tool.first_seen_at_us = pin.tool.last_seen_at_us = now_us;
    pin.fields = pin.seen_fields = to_json(tool.fields);
    return pin;
}

}  // namespace

Verdict ToolWatch::verdict_of(double score) const {
    return score >= parts_.block_threshold  ? Verdict::block
           : score >= parts_.flag_threshold ? Verdict::flag
                                            : Verdict::allow;
}

Result<ToolWatch::Pinned> ToolWatch::pin(store::Tx& tx, const Context& context,
                                         const std::string& server,
                                         const std::vector<ToolDefinition>& tools) const {
    const std::int64_t now_us = parts_.clock.now_us();
    Pinned out;
    std::map<std::string, tool_rows::Pin> known;
    for (tool_rows::Pin& pin : TRY(tool_rows::of_server(tx, context, server))) {
        std::string name = pin.tool.tool;
        known.emplace(std::move(name), std::move(pin));
    }
    std::size_t pins = 0;
    for (const auto& [other, name] : TRY(tool_rows::names(tx, context))) {
        ++pins;
        if (other != server) {
            out.names.add(other, name);
        }
    }
    std::set<std::string_view> listed;
    for (const ToolDefinition& tool : tools) {
        out.names.add(server, tool.name);
        out.changes.emplace_back();
        const auto found = known.find(tool.name);
        if (found == known.end() || listed.contains(tool.name)) {
            out.states.push_back(ToolState::first_seen);
            if (listed.insert(tool.name).second) {
                if (++pins > kMaxToolPins) {
                    return fail(Code::exhausted, "a namespace pins at most 20,000 tools");
                }
                TRY(tool_rows::insert(tx, context, pin_of(server, tool, now_us)));
            }
            continue;
        }
        listed.insert(tool.name);
        tool_rows::Pin& pin = found->second;
        const bool changed = pin.tool.digest != tool.digest;
        if (changed && pin.tool.approved_by) {
            out.was_approved.insert(tool.name);
        }
        if (changed) {
            out.changes.back() =
                changed_fields(TRY(from_json<Fields>(pin.fields)), tool.fields, kMaxToolChanges);
        }
        out.states.push_back(changed                ? ToolState::changed
                             : pin.tool.approved_by ? ToolState::approved
                                                    : ToolState::unchanged);
        // When it changed first; a tool that goes back to what is pinned has not changed.
        pin.tool.changed_at_us =
            changed ? std::optional(pin.tool.changed_at_us.value_or(now_us)) : std::nullopt;
        pin.tool.seen_digest = tool.digest;
        pin.seen_fields = to_json(tool.fields);
        pin.tool.last_seen_at_us = now_us;
        TRY(tool_rows::update_seen(tx, context, pin));
    }
    for (const auto& [name, pin] : known) {
        if (!listed.contains(name)) {
            out.missing.push_back(name);
        }
    }
    return out;
}

Result<WatchedTool> ToolWatch::judge(const Context& context, const std::string& server,
                                     const ToolDefinition& tool, const Pinned& pinned) const {
    WatchedTool out;
    out.name = tool.name;
    out.digest = tool.digest;
    out.findings = check_tool(server, tool, pinned.names);
    const JoinedTexts joined = join(tool);
    TextToJudge what;
    what.text = joined.text;
    what.source_kind = SourceKind::tool_description;
    const JudgedText judged = TRY(parts_.judge(context, what));
    for (const TextThreat& threat : judged.threats) {
        if (threat.score >= kLeastToldScore && out.findings.size() < kMaxToolFindings) {
            out.findings.push_back(finding_of(tool, joined, threat));
        }
    }
    if (judged.threats.empty() && judged.attack_score >= parts_.flag_threshold) {
        out.findings.push_back({"",
                                Category::tool_poisoning,
                                "whole_text",
                                Severity::medium,
                                judged.attack_score,
                                "The texts as a whole look like an attack.",
                                {}});
    }
    for (const ToolFinding& finding : out.findings) {
        out.score = std::max(out.score, finding.score);
        if (finding.category != Category::pii && finding.category != Category::secrets) {
            out.verdict = std::max(out.verdict, verdict_of(finding.score));
        }
    }
    out.score = std::max(out.score, judged.score);
    out.verdict = std::max(out.verdict, judged.verdict);
    return out;
}

Result<ToolReport> ToolWatch::scan(const Context& context, const ScanTools& request) {
    std::vector<ToolDefinition> tools;
    tools.reserve(request.tools.size());
    for (std::size_t i = 0; i < request.tools.size(); ++i) {
        tools.push_back(TRY(read_tool(request.tools[i].text, "tools[" + std::to_string(i) + "]")));
    }
    const Pinned pinned = TRY(parts_.database.write(
        [&](store::Tx& tx) { return pin(tx, context, request.server_name, tools); }));
    ToolReport report;
    report.server_name = request.server_name;
    report.missing = pinned.missing;
    for (std::size_t i = 0; i < tools.size(); ++i) {
        WatchedTool tool = TRY(judge(context, request.server_name, tools[i], pinned));
        tool.state = pinned.states[i];
        tool.changes = pinned.changes[i];
        if (tool.state == ToolState::changed) {
            const double score =
                pinned.was_approved.contains(tool.name) ? kApprovedChanged : kChanged;
            ToolFinding finding{"",         Category::tool_poisoning,
                                "rug_pull", Severity::high,
                                score,      "The definition differs from the pinned one.",
                                {}};
            tool.findings.insert(tool.findings.begin(), std::move(finding));
            tool.score = std::max(tool.score, score);
            tool.verdict = std::max(tool.verdict, verdict_of(score));
        }
        report.score = std::max(report.score, tool.score);
        report.verdict = std::max(report.verdict, tool.verdict);
        report.tools.push_back(std::move(tool));
    }
    return report;
}

Result<PinnedTool> ToolWatch::approve(const Context& context, const ApproveTool& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<PinnedTool> {
        if (const auto approved = TRY(tool_rows::approve(tx, context, request))) {
            return *approved;
        }
        for (const auto& pin : TRY(tool_rows::of_server(tx, context, request.server_name))) {
            if (pin.tool.tool == request.tool) {
                return fail(Code::conflict, "the tool was last seen with another digest", "digest");
            }
        }
        return fail(Code::not_found, "the tool was never seen", "tool");
    });
}

Result<PinnedTools> ToolWatch::list(const Context& context, const ListTools& request) const {
    PinnedTools out;
    ListTools more = request;
    more.limit = request.limit + 1;
    out.tools = TRY(
        parts_.database.read([&](store::Tx& tx) { return tool_rows::list(tx, context, more); }));
    if (static_cast<std::int64_t>(out.tools.size()) > request.limit) {
        out.tools.pop_back();
        out.next = out.tools.back().server_name + "\n" + out.tools.back().tool;
    }
    return out;
}

Result<ForgottenTools> ToolWatch::forget(const Context& context, const ForgetTools& request) {
    return ForgottenTools{TRY(parts_.database.write(
        [&](store::Tx& tx) { return tool_rows::erase(tx, context, request); }))};
}

}  // namespace credence::guard
