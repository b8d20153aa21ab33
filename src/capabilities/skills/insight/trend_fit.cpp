#include "capabilities/skills/insight/trend_fit.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/clock.h"
#include "capabilities/skills/insight/windows.h"
#include "stats/anomaly/change_point.h"
#include "stats/median.h"
#include "stats/trend/trend.h"

namespace credence::skills {
namespace {

constexpr double kWholePercent = 100;

double day_number(const Cell& day) {
    return static_cast<double>(day.at_us / kUsPerDay);
}

void set_ends(SkillTrend& trend, double start, double end) {
    trend.start_value = start;
    trend.end_value = end;
    if (start > 0) {
        trend.change_percent = (end / start - 1) * kWholePercent;
    }
}

std::vector<stats::DayCount> day_counts(const SkillDays& skill) {
    std::vector<stats::DayCount> series;
    series.reserve(skill.days.size());
    for (const Cell& day : skill.days) {
        series.push_back({day_number(day), day.completed, day.invocations});
    }
    return series;
}

// The larger p where the days hang together.
double p_of_both(double rate_p, const SkillDays& skill, std::string& method) {
    std::vector<stats::Observation> series;
    for (const Cell& day : skill.days) {
        const auto runs = static_cast<double>(day.invocations);
        series.push_back({day_number(day), static_cast<double>(day.completed) / runs, runs});
    }
    const auto ranks = stats::mann_kendall(series);
    method = "quasi_binomial";
    if (!ranks || ranks->variance_factor <= 1) {
        return rate_p;
    }
    method = "quasi_binomial_and_mann_kendall";
    return std::max(rate_p, ranks->p);
}

void fit_rate(SkillTrend& trend, const SkillDays& skill, const stats::DispersionPrior& prior) {
    const auto fitted = stats::rate_trend(day_counts(skill), {.prior = prior});
    if (!fitted) {
        trend.reason = "fewer than 3 days with runs";
        return;
    }
    std::string method;
    trend.p_value = p_of_both(fitted->p, skill, method);
    trend.method = std::move(method);
    trend.slope = figure_of(fitted->share_per_day);
    set_ends(trend, fitted->share_first, fitted->share_last);
}

// The line of Theil and Sen: through the median of what is left.
struct Line {
    double slope = 0;
    double start = 0;
    double end = 0;
};

Line line_through(std::span<const stats::Observation> series, double slope) {
    std::vector<double> rests;
    for (const stats::Observation& each : series) {
        rests.push_back(each.value - slope * each.at);
    }
    const double intercept = stats::median_of(std::move(rests));
    return {slope, intercept + slope * series.front().at, intercept + slope * series.back().at};
}

void fit_duration(SkillTrend& trend, const SkillDays& skill) {
    std::vector<stats::Observation> series;
    trend.n = 0;
    for (const Cell& day : skill.days) {
        if (day.timed > 0) {
            const auto timed = static_cast<double>(day.timed);
            series.push_back({day_number(day), day.log_duration_sum / timed, timed});
            trend.n += day.timed;
        }
    }
    trend.days = std::ssize(series);
    const auto fitted = stats::mann_kendall(series);
    if (!fitted || !fitted->slope) {
        trend.reason = "fewer than 4 days with known durations";
        return;
    }
    trend.p_value = fitted->p;
    trend.method = std::string(fitted->method);
    const stats::Estimate& slope = *fitted->slope;
    trend.slope = Figure{.value = std::expm1(slope.value),
                         .n = slope.n,
                         .low = std::expm1(slope.interval.low),
                         .high = std::expm1(slope.interval.high),
                         .method = std::string(slope.method)};
    const Line line = line_through(series, slope.value);
    set_ends(trend, std::exp(line.start), std::exp(line.end));
}

// The last whole weeks, each at its first day, with empty ones.
std::vector<stats::Observation> weekly_counts(const SkillDays& skill, const TrendWindow& window) {
    constexpr std::int64_t kWeekUs = 7 * kUsPerDay;
    // The day on which a skill was first seen is part of a day.
    const std::int64_t first_us = skill.first_us > window.begin_us
                                      ? floor_to(skill.first_us, kUsPerDay) + kUsPerDay
                                      : window.begin_us;
    const std::int64_t weeks = std::max<std::int64_t>(0, (window.end_us - first_us) / kWeekUs);
    const std::int64_t begin_us = window.end_us - weeks * kWeekUs;
    std::vector<stats::Observation> series;
    for (std::int64_t week = 0; week < weeks; ++week) {
        const std::int64_t at_us = begin_us + week * kWeekUs;
        const Cell total = sum_of(cells_between(skill.days, at_us, at_us + kWeekUs));
        series.push_back(
            {static_cast<double>(at_us / kUsPerDay), static_cast<double>(total.invocations), 1});
    }
    return series;
}

void fit_count(SkillTrend& trend, const SkillDays& skill, const TrendWindow& window) {
    constexpr double kDaysOfWeek = 7;
    const auto series = weekly_counts(skill, window);
    trend.weeks = std::ssize(series);
    if (*trend.weeks < kMinTrendWeeks || trend.n == 0) {
        trend.reason = "counts have a weekly season: 5 whole weeks are needed (window_days 35)";
        return;
    }
    const auto fitted = stats::mann_kendall(series);
    if (!fitted || !fitted->slope) {
        trend.reason = "no slope has a finite interval";
        return;
    }
    trend.p_value = fitted->p;
    trend.method = std::string(fitted->method);
    Figure slope = figure_of(*fitted->slope);
    slope.value /= kDaysOfWeek;
    slope.low /= kDaysOfWeek;
    slope.high /= kDaysOfWeek;
    trend.slope = std::move(slope);
    const Line line = line_through(series, fitted->slope->value);
    set_ends(trend, line.start / kDaysOfWeek, line.end / kDaysOfWeek);
}

}  // namespace

TrendWindow trend_window(TrendMetric metric, std::int64_t window_days, std::int64_t now_us) {
    const std::int64_t end_us = floor_to(now_us, kUsPerDay);
    return {.begin_us = end_us - window_days * kUsPerDay, .end_us = end_us, .metric = metric};
}

std::vector<Cell> days_of(std::span<const Cell> hours) {
    std::vector<Cell> days;
    for (const Cell& hour : hours) {
        const std::int64_t day_us = floor_to(hour.at_us, kUsPerDay);
        if (days.empty() || days.back().at_us != day_us) {
            days.push_back({.at_us = day_us});
        }
        add_cell(days.back(), hour);
    }
    return days;
}

std::string date_of(std::int64_t at_us) {
    constexpr std::size_t kDateBytes = 10;
    return format_time_us(at_us).substr(0, kDateBytes);
}

void judge_trend(SkillTrend& trend, double p) {
    if (!trend.p_value || !trend.slope) {
        trend.trend = TrendVerdict::insufficient_data;
        return;
    }
    trend.trend = TrendVerdict::stable;
    if (p < kTrendLevel && trend.slope->value != 0) {
        const bool rises = trend.slope->value > 0;
        const bool better = rises != (trend.metric == TrendMetric::avg_duration_seconds);
        trend.trend = better ? TrendVerdict::improving : TrendVerdict::declining;
    }
}

SkillTrend fit_trend(const SkillDays& skill, const TrendWindow& window,
                     const stats::DispersionPrior& prior) {
    SkillTrend trend;
    trend.skill_name = skill.skill_name;
    trend.metric = window.metric;
    trend.window_start_at_us = window.begin_us;
    trend.window_end_at_us = window.end_us;
    trend.days = std::ssize(skill.days);
    trend.n = sum_of(skill.days).invocations;
    switch (window.metric) {
        case TrendMetric::completion_rate:
            fit_rate(trend, skill, prior);
            break;
        case TrendMetric::avg_duration_seconds:
            fit_duration(trend, skill);
            break;
        case TrendMetric::invocation_count:
            fit_count(trend, skill, window);
            break;
    }
    judge_trend(trend, trend.p_value.value_or(1));
    return trend;
}

stats::DispersionPrior trend_prior(std::span<const SkillDays> skills, const TrendWindow& window) {
    if (window.metric != TrendMetric::completion_rate) {
        return {};
    }
    std::vector<stats::RateTrend> trends;
    for (const SkillDays& skill : skills) {
        if (const auto fitted = stats::rate_trend(day_counts(skill))) {
            trends.push_back(*fitted);
        }
    }
    return stats::fit_dispersion_prior(trends);
}

std::vector<TrendChange> trend_changes(const SkillDays& skill, const TrendWindow& window) {
    std::vector<TrendChange> out;
    if (window.metric != TrendMetric::completion_rate) {
        return out;
    }
    std::vector<stats::PeriodTrials> series;
    for (const Cell& day : skill.days) {
        series.push_back({day.completed, day.invocations});
    }
    for (const stats::ChangePoint& change : stats::rate_changes(series)) {
        out.push_back({.date = date_of(skill.days[change.index].at_us),
                       .earliest_date = date_of(skill.days[change.first].at_us),
                       .latest_date = date_of(skill.days[change.last].at_us),
                       .before = figure_of(change.before),
                       .after = figure_of(change.after)});
    }
    return out;
}

}  // namespace credence::skills
