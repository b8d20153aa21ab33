// Labelled files, scanned as the server scans.
#pragma once

#include <string>
#include <vector>

#include "capabilities/guard/inspector.h"
#include "capabilities/guard/model/sample.h"
#include "capabilities/guard/policy.h"
#include "capabilities/guard/tool/tool.h"

namespace credence::guard::tool {

// Rules, model and policy, as the settings say; no store, no memory of threats.
struct Bench {
    explicit Bench(const Clock& clock_in) : clock(clock_in) {}

    const Clock& clock;
    std::shared_ptr<const RuleSet> rules;
    std::string model_blob;  // when it came from a file
    std::unique_ptr<Model> model;
    Policy policy;
    std::unique_ptr<Inspector> inspector;
};

// `model_file` empty: the shipped model.
Result<std::unique_ptr<Bench>> open_bench(const GuardSettings& settings, const Clock& clock,
                                          const std::string& model_file);

// One text through the bench. The verdict is the shipped policy's.
Result<ScoredText> scan_one(const Bench& bench, const LabelledText& text, Mode mode);

// In order, on `threads` threads.
Result<std::vector<ScoredText>> scan_all(const Bench& bench, const std::vector<LabelledText>& texts,
                                         Mode mode, std::size_t threads);

Result<std::vector<LabelledText>> read_files(const std::vector<std::string>& files);

// Neither an attack nor ordinary: a harmful wish without a trick.
bool is_harmful_request(const ScoredText& text);

}  // namespace credence::guard::tool
