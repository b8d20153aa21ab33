// What a checkpoint writes: absolute values of everything that changed since the last one, copied
// out of the state so that they are written while it goes on. Each part of the fold has its own
// place in the log (through_id) and its own transactions; see ledger.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {

struct SavedHour {
    std::string skill_name;
    Cell cell;
    // Sessions with the skill in this hour, where the state saw all of it.
    std::optional<std::int64_t> sessions;
    // The hour had left memory: the cell is what came on top of the stored one.
    bool adds = false;
};

struct SavedTotal {
    std::string skill_name;
    std::string workflow_phase;
    PhaseTotal total;
    std::int64_t last_invoked_at_us = 0;  // of the skill
};

struct SavedUse {
    std::string user_id;
    std::string skill_name;
    UserSkill use;
};

struct SavedSkillSessions {
    std::string skill_name;
    std::int64_t sessions = 0;
};

// skill_a < skill_b.
struct SavedPair {
    std::string skill_a;
    std::string skill_b;
    stats::PairCounts counts;
    stats::OrderCounts order;
};

struct FiguresCheckpoint {
    std::int64_t through_id = 0;
    std::int64_t newest_at_us = 0;
    std::int64_t ignored = 0;
    std::vector<SavedHour> hours;
    std::vector<SavedTotal> totals;
};

struct UsersCheckpoint {
    std::int64_t through_id = 0;
    std::vector<SavedUse> uses;
};

struct PairsCheckpoint {
    std::int64_t through_id = 0;
    std::int64_t sessions = 0;
    std::vector<SavedSkillSessions> skills;
    std::vector<SavedPair> pairs;
};

}  // namespace credence::skills
