// A TextJudge that is the scanner. For whoever installs the guard.
#pragma once

#include "capabilities/guard/context/text_judge.h"
#include "capabilities/guard/scanner.h"

namespace credence::guard {

// The scanner outlives it.
inline TextJudge judge_by(const Scanner& scanner) {
    return [&scanner](const Context& context, const TextToJudge& what) -> Result<JudgedText> {
        Scan request;
        request.text = what.text;
        request.direction = what.direction;
        request.source_kind = what.source_kind;
        if (!what.task.empty()) {
            request.task = std::string(what.task);
        }
        if (what.rules_only) {
            request.mode = Mode::text_only;
        }
        const Scanned scanned = TRY(scanner.scan(context, request));
        JudgedText out{
            scanned.result.verdict, scanned.result.score, scanned.result.attack_score, {}, {}};
        for (const Threat& threat : scanned.result.threats) {
            out.threats.push_back({threat.category, threat.technique, threat.severity, threat.score,
                                   ByteSpan{static_cast<std::size_t>(threat.span.start),
                                            static_cast<std::size_t>(threat.span.end)},
                                   threat.rule});
        }
        const auto names = scanned.inspection.rules->signal_names();
        const auto& counts = scanned.inspection.analysis.signal_counts;
        for (std::size_t i = 0; i < names.size() && i < counts.size(); ++i) {
            if (counts[i] > 0) {
                out.signals.push_back(names[i]);
            }
        }
        return out;
    };
}

}  // namespace credence::guard
