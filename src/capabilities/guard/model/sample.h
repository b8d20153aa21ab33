// Labelled texts as training sees them: read from JSON Lines, scanned once, kept as readings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/model/reading.h"

namespace credence::guard {

// One line of a training file: text, label, category, source; lang and transform where known; the
// channel where known ("source_kind"), else it follows from the category.
struct LabelledText {
    std::string text;
    std::int64_t label = 0;  // 1: an attack
    std::string category;
    std::string source;
    std::string lang;
    std::string transform;
    std::string file;
    std::int64_t line = 0;
    std::optional<SourceKind> source_kind;  // where the line says it
};

struct Sample {
    LabelledText origin;  // its text is dropped once scanned
    SourceKind channel = SourceKind::user;
    std::vector<Reading> readings;  // of the text as it stands, then of what was decoded
    std::vector<float> traits;      // rules and structure (traits.h)

    bool attack() const { return origin.label == 1; }
    // A harmful wish without a trick is neither an attack nor ordinary: it counts for nothing.
    bool counted() const { return attack() || origin.category != "harmful_request"; }
};

inline constexpr std::size_t kMaxTrainingTokens = 1'500;  // of one reading
inline constexpr std::size_t kMaxReadings = 8;
inline constexpr std::size_t kMaxTrainingTexts = 2'000'000;

// Adds a file's texts. Code::invalid with "FILE:LINE: what"; lines that are empty are passed over.
Result<void> read_labelled(const std::string& path, std::vector<LabelledText>& texts);

// Scans each; the order stays. Runs on `threads` threads.
Result<std::vector<Sample>> prepare_samples(const RuleSet& rules, std::vector<LabelledText> texts,
                                            std::size_t threads);

}  // namespace credence::guard
