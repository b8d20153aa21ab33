#include "capabilities/guard/code/code_scorer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "capabilities/guard/code/code_features.h"

namespace credence::guard {

namespace {

#include "capabilities/guard/code/code_weights.inc"

static_assert(std::size(kCodeWeights) == kFeatureBuckets);

// Where the piece that begins here ends: after a line, or at its greatest size.
std::size_t piece_end(std::string_view text, std::size_t begin) {
    if (text.size() - begin <= kMaxPieceBytes) {
        return text.size();
    }
    const std::size_t line = text.rfind('\n', begin + kMaxPieceBytes - 1);
    return line == std::string_view::npos || line <= begin ? begin + kMaxPieceBytes : line + 1;
}

double confidence_of(double log_odds, double threshold) {
    const double grown = kLeastStructureConfidence + 0.04 * (log_odds - threshold);
    return std::clamp(grown, kLeastStructureConfidence, kMostStructureConfidence);
}

}  // namespace

const CodeModel& shipped_code_model() {
    static constexpr CodeModel kModel = {kCodeWeights, kCodeScale, kCodeBias, kCodeThreshold};
    return kModel;
}

double code_log_odds(const CodeModel& model, std::span<const std::uint16_t> features) {
    std::int64_t sum = 0;
    for (const std::uint16_t bucket : features) {
        sum += model.weights[bucket];
    }
    const double count = static_cast<double>(std::max<std::size_t>(features.size(), 1));
    return model.bias + model.scale * static_cast<double>(sum) / std::sqrt(count);
}

void score_code(std::string_view lower, std::vector<Detected>& found) {
    const std::string_view text = lower.substr(0, kMaxScoredBytes);
    if (found.size() >= kMaxDetected || !look_for_code(text).is_code) {
        return;
    }
    const CodeModel& model = shipped_code_model();
    CodeFeatures features;
    double best = model.threshold;
    ByteSpan span;
    bool any = false;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = piece_end(text, begin);
        const double odds = code_log_odds(model, features.of(text.substr(begin, end - begin)));
        if (odds >= best) {
            best = odds;
            span = {begin, end};
            any = true;
        }
        begin = end;
    }
    if (any) {
        found.push_back({Detector::code_structure, span, confidence_of(best, model.threshold)});
    }
}

}  // namespace credence::guard
