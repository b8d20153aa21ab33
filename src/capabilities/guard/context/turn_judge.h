// What a turn means in its conversation.
//
// Beside the turn itself: (1) parts of earlier turns are read together with it, with and without a
// blank between, and count when a finding crosses from one turn into another; (2) expressions over
// values from several turns are worked out and read; (3) attempts to override and to assign
// personas add up, level' = 1 - (1 - kDecay level)(1 - kShare score), so that a level fades within
// a few ordinary turns; (4) a request that repeats what was just refused counts more with every
// attempt and with every frame (fiction, persona, "hypothetically") put around it. Answers of the
// assistant move no level; they tell about refusals. The state's size is bounded.
#pragma once

#include <vector>

#include "api/context.h"
#include "base/result.h"
#include "capabilities/guard/context/conversation_types.h"
#include "capabilities/guard/context/text_judge.h"

namespace credence::guard {

struct Thresholds {
    double flag = 0.4;
    double block = 0.8;
};

struct TurnOutcome {
    Verdict turn_verdict = Verdict::allow;
    double turn_score = 0;
    Verdict verdict = Verdict::allow;
    double score = 0;
    std::vector<TurnReason> reasons;  // gravest first
};

// Changes the state by the turn. Linear in the turn and kMaxTailBytes; at most four scans, three of
// them by rules alone. Fails as the judge does; the state is then as it was.
Result<TurnOutcome> judge_turn(const Context& context, const TextJudge& judge,
                               const Thresholds& thresholds, const ScanTurn& turn,
                               ConversationState& state);

}  // namespace credence::guard
