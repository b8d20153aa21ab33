// The learned model: how likely is it that a text tries to subvert a model's instructions?
//
// Immutable and thread-safe once loaded. Trained by `credence guard train` (model/trainer.h); the
// weights are embedded, quantised and versioned; docs/guard.md says how it was chosen and measured.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {

struct ModelParts;  // model_blob.h

struct ModelScore {
    // Calibrated on texts of sources that the model had not seen: reached by 1 ordinary text in 100
    // at Calibration::kFlagScore, by 1 in 500 at kBlockScore. In [0, 1), never equal for different
    // logits.
    double score = 0;
    double logit = 0;        // before calibration
    double network = 0;      // the network's part: logit of its worst window
    std::uint32_t view = 0;  // the reading of the text that holds that window
    ByteSpan span;           // of the original: that window
};

// A stretch of the text and how the network reads it, for explanations.
struct ModelWindow {
    std::uint32_t view = 0;
    ByteSpan span;  // of the original
    double logit = 0;
};

// What a scan hands to the model.
struct ModelInput {
    const RuleSet& rules;
    const Analysis& analysis;
    std::string_view text;
    SourceKind source_kind = SourceKind::user;
};

class Model {
public:
    // Code::invalid for a damaged or foreign blob, and when it needs signals that `signal_names`
    // (RuleSet::signal_names) lacks. The blob must outlive the model.
    static Result<std::unique_ptr<Model>> load(std::string_view blob,
                                               std::span<const std::string> signal_names);
    // The shipped one.
    static Result<std::unique_ptr<Model>> load_embedded(std::span<const std::string> signal_names);
    ~Model();

    // Every view, every window, at most kMaxTokens of a view. Linear: about 0.1 us a byte.
    ModelScore score(const ModelInput& input) const;
    // The `count` windows that speak most for an attack, worst first.
    std::vector<ModelWindow> windows(const ModelInput& input, std::size_t count) const;
    // "1.0.0 (3f2a…)": the version and the start of the blob's digest.
    const std::string& version() const;
    // How it was trained and what it reached, Markdown.
    const std::string& report() const;

    // Of one view; beyond, head and tail are read (kMaxTokens / 2 each) and the middle only by
    // rules.
    static constexpr std::size_t kMaxTokens = 60'000;

private:
    struct Impl;
    explicit Model(std::unique_ptr<Impl> impl);
    static Result<std::unique_ptr<Model>> assemble(ModelParts parts, std::string_view blob,
                                                   std::span<const std::string> signal_names);
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::guard
