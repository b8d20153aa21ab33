// From what was found to a verdict. Pure arithmetic; every contribution is one of the findings.
//
// Each finding starts with its rule's score and is discounted where the text talks about attacks
// instead of making one (quoted, or next to words of discussion), and raised where the text should
// hold no orders at all (documents, tool results, tool descriptions). Findings of one technique do
// not add up; different techniques close to each other combine by noisy-or, 1 - prod(1 - p) (Pearl
// 1988), so that a long text is judged by its worst stretch and not by its length. Secrets and
// personal data are judged apart and never block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/guard/rules/analysis.h"
#include "capabilities/guard/guard.h"

namespace credence::guard {

struct JudgeContext {
    Direction direction = Direction::input;
    SourceKind source_kind = SourceKind::user;
};

struct Judgement {
    Verdict verdict = Verdict::allow;
    double score = 0;            // of the attack, in [0, 1]
    std::vector<double> scores;  // of each finding, in the same order
};

Judgement judge(const RuleSet& rules, const Analysis& analysis, const JudgeContext& context,
                const GuardSettings& settings);

}  // namespace credence::guard
