// Everything the rules find in one text, in every view of it. No judgement yet.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/rules/matcher.h"
#include "capabilities/guard/text/offset_map.h"
#include "capabilities/guard/rules/rules.h"
#include "capabilities/guard/text/views.h"

namespace credence::guard {

struct Finding {
    std::uint32_t rule = 0;
    std::uint32_t view = 0;
    ByteSpan span;            // of the original text
    ByteSpan in_view;         // of the view's normalised text
    std::uint32_t marks = 0;  // bits of Mark near it
    bool quoted = false;      // stands wholly inside quotation marks or a code fence
};

struct Analysis {
    Views views;
    std::vector<Finding> findings;
    bool truncated = false;
};

// Text up to 4 GiB. Thread-safe; linear. Code::internal when scanning fails.
Result<Analysis> analyse(const RuleSet& rules, std::string_view text, const ViewLimits& limits);

}  // namespace credence::guard
