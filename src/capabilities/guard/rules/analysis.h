// Everything the rules find in one text, in every view of it. No judgement yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/rules/matcher.h"
#include "capabilities/guard/rules/rules.h"
#include "capabilities/guard/text/offset_map.h"
#include "capabilities/guard/text/views.h"

namespace credence::guard {

struct Finding {
    std::uint32_t rule = 0;
    std::uint32_t view = 0;
    ByteSpan span;            // of the original text
    ByteSpan in_view;         // of the view's normalised text
    std::uint32_t marks = 0;  // bits of Mark near it
    bool quoted = false;      // stands wholly inside quotation marks or a code fence
    double confidence = 1;    // of the detector; scales the rule's score
};

// A finding that only ranks its text (code/code_scorer.h): it scores 0 and is not told.
bool is_doubt(const Rule& rule, const Finding& finding);

// Where a signal rule fired: for features of a part of the text.
struct SignalHit {
    std::uint32_t at = 0;  // end, in the view's normalised text; ascending within a view
    std::uint16_t rule = 0;
    std::uint16_t view = 0;
};

struct Analysis {
    static constexpr std::size_t kMaxSignals = 4096;  // kept with their position; counts go on

    Views views;
    std::vector<Finding> findings;
    std::vector<SignalHit> signals;
    // How often each of RuleSet::signal_names() was found: in the view that holds it most often,
    // since views repeat each other. Saturates at 65,535; findings count to 4 a rule.
    std::vector<std::uint16_t> signal_counts;
    bool truncated = false;
};

// Text up to 4 GiB. Thread-safe; linear. Code::internal when scanning fails. With a channel, rules
// that do not count in it are left out; without, all rules are tried. Rules that are switched off
// never appear.
Result<Analysis> analyse(const RuleSet& rules, std::string_view text, const ViewLimits& limits,
                         std::optional<SourceKind> channel = std::nullopt);

}  // namespace credence::guard
