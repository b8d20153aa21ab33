// The trends of all skills of a tenant over the same whole days. Pure and thread-safe.
//
// Success rates: quasi-binomial (stats/trend/rate_trend.h), twice: the first pass shows how much
// days differ, and what all skills say of it is the prior of the second. Where Mann and Kendall's
// test sees that days hang together (it widens its variance), both must see the trend: p is the
// larger one.
// Durations: Mann-Kendall and Theil-Sen over daily means of logarithms, weighted by their runs.
// Counts have a weekly season, which a part of a week shows as a trend: whole weeks are added up,
// and at least kMinTrendWeeks of them are asked for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "capabilities/skills/insight/trends.h"
#include "capabilities/skills/state/skill_state.h"
#include "stats/trend/rate_trend.h"

namespace credence::skills {

inline constexpr std::int64_t kMinTrendWeeks = 5;  // fewer can never reach p < .05
inline constexpr double kTrendLevel = 0.05;

struct TrendWindow {
    std::int64_t begin_us = 0;  // midnights UTC
    std::int64_t end_us = 0;
    TrendMetric metric = TrendMetric::completion_rate;

    bool operator==(const TrendWindow&) const = default;
};

// The `window_days` whole days before today.
TrendWindow trend_window(TrendMetric metric, std::int64_t window_days, std::int64_t now_us);

struct SkillDays {
    std::string skill_name;
    std::int64_t first_us = 0;     // the first that is known of the skill, 0 unless in the window
    std::int64_t runs_before = 0;  // see windows.h
    std::vector<Cell> days;        // ascending, none empty
};

// Hours into days. `hours` ascending.
std::vector<Cell> days_of(std::span<const Cell> hours);

// `prior` is for success rates.
SkillTrend fit_trend(const SkillDays& skill, const TrendWindow& window,
                     const stats::DispersionPrior& prior);

// What the first pass over all skills says; no prior for other metrics.
stats::DispersionPrior trend_prior(std::span<const SkillDays> skills, const TrendWindow& window);

// Where the success rate changed, by date. O(days^2) at worst.
std::vector<TrendChange> trend_changes(const SkillDays& skill, const TrendWindow& window);

// "2025-01-31"
std::string date_of(std::int64_t at_us);

// Says anew what a p value means for the trend's direction.
void judge_trend(SkillTrend& trend, double p);

}  // namespace credence::skills
