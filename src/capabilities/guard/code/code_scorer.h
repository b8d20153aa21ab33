// A small learned second opinion on code in which no recogniser saw harm.
//
// Logistic regression over structure (code_features.h), trained by guard_code_trainer; the weights
// are a table in the source (code_weights.inc). It only ever flags.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "capabilities/guard/detected.h"

namespace credence::guard {

// Confidences of its findings: above every threshold for flagging, below any for blocking; and, of
// what is only doubtful, below every threshold for flagging, so that texts can be ranked.
inline constexpr double kMostDoubtConfidence = 0.2;
inline constexpr double kLeastStructureConfidence = 0.42;
inline constexpr double kMostStructureConfidence = 0.6;

// Weights of the buckets and where flagging begins.
struct CodeModel {
    std::span<const std::int8_t> weights;  // kFeatureBuckets of them
    double scale = 0;                      // of a weight's unit
    double bias = 0;
    double threshold = 0;  // of the log odds
    double doubt = 0;      // where a finding begins that does not flag
};
const CodeModel& shipped_code_model();

// The log odds that the features are those of harmful code: bias + scale * sum(w) / sqrt(n).
double code_log_odds(const CodeModel& model, std::span<const std::uint16_t> features);

// Appends at most one finding (code_structure) when none of the findings of harmful code is strong
// enough to flag: the piece of the text, as it was written, that scores highest, when it leaves
// a doubt. Linear in the first kMaxScoredBytes, which is all it reads; prose costs a look at
// half of them. Thread-safe.
inline constexpr std::size_t kMaxScoredBytes = 32 * 1024;
void score_silent_code(std::string_view text, std::vector<Detected>& found);

}  // namespace credence::guard
