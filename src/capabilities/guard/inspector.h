// The scanning core: one text in, everything that is known about it out. Pure but for the clock;
// used by the operations, the stream scanner, batches, the evaluation and later the proxy.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "capabilities/guard/judge.h"
#include "capabilities/guard/kinds.h"
#include "capabilities/guard/memory/threat_memory.h"
#include "capabilities/guard/model/model.h"
#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {

struct Inspect {
    std::string_view text;
    Direction direction = Direction::input;
    SourceKind source_kind = SourceKind::user;
    Mode mode = Mode::unified;
    std::string_view task;  // what the user asked for, when the text is data; may be empty
};

// Time of each stage, nanoseconds.
struct StageTimes {
    std::int64_t rules_ns = 0;  // normalise, decode, match, find
    std::int64_t model_ns = 0;
    std::int64_t memory_ns = 0;
};

struct Inspection {
    std::shared_ptr<const RuleSet> rules;  // that the analysis' numbers mean
    Analysis analysis;
    std::optional<ModelScore> model;    // absent in text_only, or when no model is loaded
    std::optional<ThreatMatch> memory;  // the nearest known threat, when near enough
    Judgement judgement;
    StageTimes times;
};

// What an inspector works with; each may be null but the rules.
struct InspectorParts {
    std::function<std::shared_ptr<const RuleSet>()> rules;  // the snapshot in force
    const Model* model = nullptr;
    // The nearest known threat of the caller's tenant and name space, for normalised text.
    std::function<std::optional<ThreatMatch>(std::string_view normalised)> memory;
    const Clock* clock = nullptr;
    ViewLimits limits;
};

class Inspector {
public:
    explicit Inspector(InspectorParts parts) : parts_(std::move(parts)) {}
    // Thread-safe; linear in the text.
    Result<Inspection> inspect(const Inspect& request) const;

private:
    InspectorParts parts_;
};

}  // namespace credence::guard
