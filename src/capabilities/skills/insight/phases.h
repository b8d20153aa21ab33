// Where in a workflow skills do well, where they are given up, and what follows what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {

inline constexpr std::size_t kMaxPhaseNameBytes = 200;
inline constexpr std::int64_t kMaxPhaseRows = 1'000;            // of an answer
inline constexpr std::int64_t kMaxTransitionSessions = 10'000;  // the newest
inline constexpr std::int64_t kMaxTransitionRows = 200'000;     // invocations of them
inline constexpr const char* kUnknownPhase = "unknown";         // of runs that named none

struct GetPhaseEffectiveness {
    std::optional<std::string> workflow_phase = {};
    std::optional<std::string> skill_name = {};
    std::int64_t min_invocations = 1;
};
void describe(Describe<GetPhaseEffectiveness>&);

struct PhaseSkill {
    std::string skill_name;
    std::int64_t invocation_count = 0;
    std::int64_t completed_count = 0;
    Figure completion_rate;
    std::optional<double> avg_duration_seconds;
};
void describe(Describe<PhaseSkill>&);

struct PhaseFigures {
    std::string workflow_phase;
    std::int64_t invocation_count = 0;
    std::int64_t completed_count = 0;
    std::int64_t unique_skills = 0;
    Figure completion_rate;
    std::optional<double> avg_duration_seconds;
    std::vector<PhaseSkill> skills;  // surest first: by the lower end of the rate
};
void describe(Describe<PhaseFigures>&);

struct PhaseEffectiveness {
    std::vector<PhaseFigures> phases;  // most used first
    bool complete = true;
};
void describe(Describe<PhaseEffectiveness>&);

struct FindBottlenecks {
    double min_abandonment_rate = 0.3;
    std::int64_t min_invocations = 3;
    std::int64_t limit = 100;
};
void describe(Describe<FindBottlenecks>&);

struct Bottleneck {
    std::string workflow_phase;
    std::string skill_name;
    std::int64_t invocation_count = 0;
    std::int64_t abandoned_count = 0;
    Figure abandonment_rate;
    std::optional<double> avg_duration_seconds;
};
void describe(Describe<Bottleneck>&);

struct Bottlenecks {
    std::vector<Bottleneck> bottlenecks;  // the highest lower end first
    std::int64_t examined = 0;
    std::int64_t suspected = 0;
};
void describe(Describe<Bottlenecks>&);

struct GetPhaseTransitions {
    std::optional<std::string> session_id = {};
    std::int64_t limit = 100;
};
void describe(Describe<GetPhaseTransitions>&);

struct PhaseTransition {
    std::string from_phase;
    std::string to_phase;
    bool self_transition = false;
    std::int64_t count = 0;
    double share = 0;
    std::string most_common_skill;
    double median_gap_seconds = 0;
};
void describe(Describe<PhaseTransition>&);

struct PhaseTransitions {
    std::vector<PhaseTransition> transitions;  // most frequent first
    std::int64_t total = 0;
    std::int64_t sessions = 0;
    bool complete = true;
};
void describe(Describe<PhaseTransitions>&);

// Pure. What the fold says of phases.
PhaseEffectiveness phase_effectiveness(const SkillState& state,
                                       const GetPhaseEffectiveness& request);
Bottlenecks bottlenecks_of(const SkillState& state, const FindBottlenecks& request);

// One invocation, in the order of session, time and id.
struct PhaseStep {
    std::string session_id;
    std::string workflow_phase;
    std::string skill_name;
    std::int64_t invoked_at_us = 0;
};

// Pure. Pairs of neighbours within a session; `sessions` and `complete` are left alone.
PhaseTransitions transitions_of(const std::vector<PhaseStep>& steps, std::int64_t limit);

}  // namespace credence::skills
