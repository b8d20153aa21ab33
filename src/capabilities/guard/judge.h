// From what was found to one belief. Pure arithmetic; every contribution is one of the findings, or
// the score of the learned model, or a known threat nearby.
//
// Each finding starts with its rule's score for the channel and the detector's confidence. It is
// discounted where the text talks about attacks instead of making one (quoted, or next to words of
// discussion), and raised where the text should hold no orders at all (documents, tool results,
// tool descriptions), unless the pack itself says what it weighs there. Findings of one technique
// do not add up; different techniques close to each other combine by noisy-or, 1 - prod(1 - p)
// (Pearl 1988), so that a long text is judged by its worst stretch and not by its length. Secrets
// and personal data are judged apart. What to do about it is the policy's matter (policy.h).
#pragma once

#include <optional>
#include <vector>

#include "capabilities/guard/kinds.h"
#include "capabilities/guard/rules/analysis.h"

namespace credence::guard {

struct JudgeContext {
    Direction direction = Direction::input;
    SourceKind source_kind = SourceKind::user;
};

// What speaks for an attack, each in [0, 1]; absent: not asked.
struct Evidence {
    double rules = 0;                  // of the worst stretch; beside a model, what it cannot know
    std::optional<double> model;       // calibrated (model/model.h)
    std::optional<double> similarity;  // to the nearest known threat, when near enough
};

struct Judgement {
    double rules = 0;            // attacks by rules alone, [0, 1]
    double unlearned = 0;        // the part that the model was not taught: code, packs of one's own
    double attack = 0;           // attacks by all evidence, [0, 1]: what texts are ranked by
    double disclosure = 0;       // secrets and personal data, [0, 1]
    double score = 0;            // the greater of attack and disclosure
    std::vector<double> scores;  // of each finding, in the same order
    double doubt = 0;            // about code in which nothing was found (code/code_scorer.h)
};

// The whole belief from its parts. Strictly greater when any part is, below 1.
double combined_score(const Evidence& evidence, SourceKind source_kind);

// By rules alone: attack equals rules.
Judgement judge(const RuleSet& rules, const Analysis& analysis, const JudgeContext& context);
// Adds what the model and the memory say; evidence.rules is taken from the judgement. The model has
// weighed the shipped rules against instructions already (model/combine.h), so beside it only
// what it cannot know speaks again.
void add_evidence(Evidence evidence, SourceKind source_kind, Judgement& judgement);

}  // namespace credence::guard
