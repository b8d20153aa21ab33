#include "capabilities/skills/insight/family_tests.h"

#include <algorithm>
#include <functional>

#include "capabilities/skills/insight/windows.h"
#include "stats/multiplicity.h"

namespace credence::skills {
namespace {

void collect_runs(RecentRuns& recent, const SkillFigures& skill, const Look& look) {
    const auto& cells = look.closed ? skill.hours : skill.minutes;
    const std::int64_t end_us = look.closed ? look.now_us : look.now_us + 1;
    const std::int64_t whole_end_us = floor_to(look.now_us, kUsPerMinute);
    for (const Cell& cell : cells_between(cells, look.begin_us, end_us)) {
        const auto slice = static_cast<std::size_t>((cell.at_us - look.begin_us) / kUsPerHour);
        stats::PeriodTrials& hour = recent.hours[std::min(slice, recent.hour_count - 1)];
        hour.successes += cell.completed;
        hour.trials += cell.invocations;
        recent.events += cell.at_us < whole_end_us ? cell.invocations : 0;
    }
    recent.volume_begin_us = floor_to(look.begin_us + kExposureStepUs / 2, kExposureStepUs);
    recent.volume_end_us = recent.volume_begin_us + (whole_end_us - look.begin_us);
}

void collect_durations(RecentRuns& recent, const SkillFigures& skill, const BaselineWindow& window,
                       const Look& look) {
    const std::int64_t end_us = floor_to(look.now_us, kUsPerHour);
    const std::int64_t begin_us = end_us - window.duration_hours() * kUsPerHour;
    for (const Cell& cell : cells_between(skill.hours, begin_us, end_us)) {
        if (cell.timed > 0) {
            recent.typical_seconds[recent.timed_hours++] = typical_seconds(cell);
        }
    }
}

using OneTest = std::optional<stats::AnomalyTest>;

OneTest test_rate(const Family& family, const RecentRuns& recent, double) {
    const SkillFit& fit = family.skills[recent.skill];
    const auto& baseline = fit.rates[recent.slot];
    if (!baseline) {
        return std::nullopt;
    }
    return stats::rate_anomaly(*baseline, std::span(recent.hours).first(recent.hour_count));
}

// What is surely no discovery: its p counts as 1, which changes no adjusted p below kQuietP.
stats::AnomalyTest quiet_test(const SkillFit& fit, const stats::PeriodCount& count) {
    stats::AnomalyTest test;
    test.observed = static_cast<double>(count.events) / count.exposure;
    test.n = count.events;
    test.baseline.value = fit.volume->rate;
    test.method = "quiet";
    return test;
}

OneTest test_volume(const Family& family, const RecentRuns& recent, double level) {
    const SkillFit& fit = family.skills[recent.skill];
    if (!fit.volume) {
        return std::nullopt;
    }
    const stats::PeriodCount count{
        recent.events, exposure_hours(fit, recent.volume_begin_us, recent.volume_end_us)};
    if (level <= kQuietP && fit.quiet.holds(count.events, count.exposure)) {
        return quiet_test(fit, count);
    }
    return family.volumes ? family.volumes->test(fit, recent.skill, count)
                          : stats::volume_anomaly(*fit.volume, {&count, 1});
}

OneTest test_duration(const Family& family, const RecentRuns& recent, double) {
    const SkillFit& fit = family.skills[recent.skill];
    if (!fit.duration) {
        return std::nullopt;
    }
    return stats::duration_anomaly(*fit.duration,
                                   std::span(recent.typical_seconds).first(recent.timed_hours));
}

struct MetricFamily {
    AnomalyMetric metric = AnomalyMetric::completion_rate;
    OneTest (*test)(const Family&, const RecentRuns&, double level) = nullptr;
    double level_share = 1;
};

constexpr double kContinuousShare = 0.5;
constexpr MetricFamily kFamilies[] = {
    {AnomalyMetric::completion_rate, test_rate, 1},
    {AnomalyMetric::volume, test_volume, kContinuousShare},
    {AnomalyMetric::duration, test_duration, kContinuousShare},
};

}  // namespace

std::size_t VolumeMemo::KeyHash::operator()(const Key& key) const {
    constexpr std::size_t kSpread = 0x9E3779B97F4A7C15ULL;
    std::size_t hash = std::hash<double>()(key.exposure) + key.skill;
    hash = hash * kSpread ^ (hash >> 32);
    return hash * kSpread + static_cast<std::size_t>(key.events);
}

OneTest VolumeMemo::test(const SkillFit& fit, std::uint32_t skill,
                         const stats::PeriodCount& count) {
    const Key key{skill, count.events, count.exposure};
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = tests_.find(key); found != tests_.end()) {
            return found->second;
        }
    }
    const OneTest made = stats::volume_anomaly(*fit.volume, {&count, 1});
    const std::lock_guard lock(mutex_);
    if (made && tests_.size() < kMaxTests) {
        tests_.emplace(key, *made);
    }
    return made;
}

Look running_look(const BaselineWindow& window, std::int64_t now_us) {
    return {.begin_us = floor_to(now_us, kUsPerMinute) - window.recent_hours * kUsPerHour,
            .now_us = now_us,
            .closed = false};
}

Look closed_look(const BaselineWindow& window) {
    return {.begin_us = window.end_us,
            .now_us = window.end_us + window.recent_hours * kUsPerHour,
            .closed = true};
}

RecentRuns recent_runs(const SkillFigures& skill, const BaselineWindow& window, const Look& look) {
    RecentRuns recent;
    recent.hour_count = static_cast<std::size_t>(window.recent_hours);
    // The hour of the week that holds most of the look.
    const std::int64_t slot = (look.begin_us + kUsPerHour / 2 - window.end_us) / kUsPerHour;
    recent.slot = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(slot, 0, static_cast<std::int64_t>(kRateSlots) - 1));
    collect_runs(recent, skill, look);
    collect_durations(recent, skill, window, look);
    return recent;
}

FamilyTests test_family(const Family& family, std::span<const RecentRuns> recent,
                        double false_discovery_rate) {
    FamilyTests out;
    for (const MetricFamily& one : kFamilies) {
        const double level = one.level_share * false_discovery_rate;
        const std::size_t from = out.tests.size();
        std::vector<double> p_values;
        for (const RecentRuns& runs : recent) {
            auto test = one.test(family, runs, level);
            if (!test) {
                ++out.unknown;
                continue;
            }
            p_values.push_back(std::clamp(test->p_value, 0.0, 1.0));
            out.tests.push_back({runs.skill, one.metric, *std::move(test), 1, false});
        }
        const std::vector<double> adjusted = stats::benjamini_hochberg(p_values);
        for (std::size_t i = 0; i < adjusted.size(); ++i) {
            MetricTest& test = out.tests[from + i];
            test.adjusted_p = adjusted[i];
            test.found = adjusted[i] <= level;
        }
    }
    return out;
}

}  // namespace credence::skills
