// Hours, days and sums over cells of the fold. Pure and thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/units.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {

// Down to a whole unit, before 1970 too.
constexpr std::int64_t floor_to(std::int64_t at_us, std::int64_t unit_us) {
    const std::int64_t rest = at_us % unit_us;
    return at_us - (rest < 0 ? rest + unit_us : rest);
}

inline void add_cell(Cell& total, const Cell& cell) {
    total.invocations += cell.invocations;
    total.completed += cell.completed;
    total.timed += cell.timed;
    total.duration_sum_seconds += cell.duration_sum_seconds;
    total.log_duration_sum += cell.log_duration_sum;
}

// The cells (ascending) that begin in [from_us, to_us).
inline std::span<const Cell> cells_between(std::span<const Cell> cells, std::int64_t from_us,
                                           std::int64_t to_us) {
    const auto first = std::ranges::lower_bound(cells, from_us, {}, &Cell::at_us);
    const auto last = std::ranges::lower_bound(first, cells.end(), to_us, {}, &Cell::at_us);
    return {first, last};
}

inline Cell sum_of(std::span<const Cell> cells) {
    Cell total;
    for (const Cell& cell : cells) {
        add_cell(total, cell);
    }
    return total;
}

// All runs of a skill that began before the hour `end_us`: as long as it stands, no late row has
// changed what lies before. O(phases + hours since).
inline std::int64_t runs_before(const SkillFigures& skill, std::int64_t end_us) {
    std::int64_t runs = 0;
    for (const auto& [name, total] : skill.phases) {
        runs += total.invocations;
    }
    for (auto cell = skill.hours.rbegin(); cell != skill.hours.rend() && cell->at_us >= end_us;
         ++cell) {
        runs -= cell->invocations;
    }
    return runs;
}

}  // namespace credence::skills
