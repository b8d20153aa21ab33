#include "capabilities/guard/code/code_scorer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "capabilities/guard/code/code_features.h"

namespace credence::guard {

namespace {

#include "capabilities/guard/code/code_weights.inc"

constexpr double kFlaggingConfidence = 0.4;

static_assert(std::size(kCodeWeights) == kFeatureBuckets);

// Where the piece that begins here ends: after a line, or at its greatest size.
std::size_t piece_end(std::string_view text, std::size_t begin) {
    if (text.size() - begin <= kMaxPieceBytes) {
        return text.size();
    }
    const std::size_t line = text.rfind('\n', begin + kMaxPieceBytes - 1);
    return line == std::string_view::npos || line <= begin ? begin + kMaxPieceBytes : line + 1;
}

double confidence_of(double log_odds, const CodeModel& model) {
    if (log_odds < model.threshold) {
        return kMostDoubtConfidence * (log_odds - model.doubt) /
               std::max(model.threshold - model.doubt, 1e-9);
    }
    const double grown = kLeastStructureConfidence + 0.04 * (log_odds - model.threshold);
    return std::clamp(grown, kLeastStructureConfidence, kMostStructureConfidence);
}

// Whether a finding of harmful code flags by itself.
bool flags(const Detected& item) {
    return item.detector >= Detector::shell_download_run &&
           item.detector <= Detector::unsafe_deserialisation &&
           item.confidence >= kFlaggingConfidence;
}

}  // namespace

const CodeModel& shipped_code_model() {
    static constexpr CodeModel kModel = {kCodeWeights, kCodeScale, kCodeBias, kCodeThreshold,
                                         kCodeDoubt};
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

void score_silent_code(std::string_view written, std::vector<Detected>& found) {
    const std::string_view part = written.substr(0, kMaxScoredBytes);
    if (found.size() >= kMaxDetected || std::ranges::any_of(found, flags) ||
        !look_for_code(part).is_code) {
        return;
    }
    std::string text(part);
    for (char& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    const CodeModel& model = shipped_code_model();
    CodeFeatures features;
    double best = model.doubt;
    ByteSpan span;
    bool any = false;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = piece_end(text, begin);
        const double odds =
            code_log_odds(model, features.of(std::string_view(text).substr(begin, end - begin)));
        if (odds > best) {
            best = odds;
            span = {begin, end};
            any = true;
        }
        begin = end;
    }
    if (any) {
        found.push_back({Detector::code_structure, span, confidence_of(best, model)});
    }
}

}  // namespace credence::guard
