// The last minutes or hours of all skills, from the fold. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "capabilities/skills/figure.h"
#include "capabilities/skills/insight/activity.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {

// Without anomalies. Counts runs that began from window_start_at_us on and not after now: rows
// leave with their minute, or with their hour where the window is longer than kMaxHoursByMinutes.
// O(skills + cells of the window).
RealTimeMetrics live_figures(const SkillState& state, const GetRealTimeMetrics& request,
                             std::int64_t now_us);

// Wilson's interval; nothing without runs.
std::optional<Figure> rate_figure(std::int64_t completed, std::int64_t runs);

// Nothing where no duration is known.
std::optional<double> mean_seconds(const Cell& cell);

}  // namespace credence::skills
