// How patterns are found: by text, or best first. Inside a transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "capabilities/patterns/patterns_core.h"

namespace credence::patterns {

struct TextQuery {
    std::string text;
    std::optional<std::string> category;
    Viewer viewer;
    int limit = 50;
};

struct FoundRow {
    PatternRow row;
    Hit hit;
};

// Live patterns the viewer may see, most relevant first. Access is checked on the rows themselves.
Result<std::vector<FoundRow>> find_by_text(const PatternsParts& parts, const Work& work,
                                           const TextQuery& query);

// Live patterns the viewer may see, by confidence, usage, id.
Result<std::vector<PatternRow>> list_visible(const Work& work, const Viewer& viewer,
                                             pattern_rows::Listing listing);

}  // namespace credence::patterns
