// Does a skill get better or worse over whole days?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"

namespace credence::skills {

inline constexpr std::int64_t kMaxTrends = 1'000;  // of an answer
inline constexpr std::int64_t kMinTrendDays = 3;
inline constexpr std::int64_t kMaxTrendDays = 365;

enum class TrendMetric : std::uint8_t { completion_rate, avg_duration_seconds, invocation_count };

enum class TrendVerdict : std::uint8_t { improving, declining, stable, insufficient_data };

struct GetSkillTrend {
    std::string skill_name;
    TrendMetric metric = TrendMetric::completion_rate;
    std::int64_t window_days = 7;
};
void describe(Describe<GetSkillTrend>&);

struct TrendChange {
    std::string date;  // first day of the new level, 2025-01-31
    std::string earliest_date;
    std::string latest_date;
    Figure before;
    Figure after;
};
void describe(Describe<TrendChange>&);

struct SkillTrend {
    std::string skill_name;
    TrendMetric metric = TrendMetric::completion_rate;
    TrendVerdict trend = TrendVerdict::insufficient_data;
    std::optional<std::string> reason;
    std::int64_t window_start_at_us = 0;
    std::int64_t window_end_at_us = 0;
    std::int64_t days = 0;
    std::optional<std::int64_t> weeks;
    std::int64_t n = 0;
    std::optional<Figure> slope;
    std::optional<double> start_value;
    std::optional<double> end_value;
    std::optional<double> change_percent;
    std::optional<double> p_value;
    std::optional<double> adjusted_p;
    std::optional<std::string> method;
    std::vector<TrendChange> change_points;
};
void describe(Describe<SkillTrend>&);

struct GetSkillTrends {
    TrendMetric metric = TrendMetric::completion_rate;
    std::int64_t window_days = 7;
    std::int64_t min_invocations = 10;
    std::int64_t limit = 100;
};
void describe(Describe<GetSkillTrends>&);

struct SkillTrends {
    std::vector<SkillTrend> trends;  // surest first
    std::int64_t tested = 0;
    std::int64_t unknown = 0;
};
void describe(Describe<SkillTrends>&);

}  // namespace credence::skills
