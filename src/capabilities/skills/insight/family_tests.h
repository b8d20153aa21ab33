// All skills of a tenant against their baselines at once. Pure and thread-safe.
//
// Three families of tests, each adjusted by Benjamini and Hochberg over its skills: success rates
// at the false discovery rate asked for; volumes and durations, whose p values are continuous and
// use their level up, at half of it (stats/anomaly/anomaly_simulation.h).
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "capabilities/skills/insight/skill_fit.h"

namespace credence::skills {

enum class AnomalyMetric : std::uint8_t { completion_rate, volume, duration };

// What happened lately to one skill.
struct RecentRuns {
    std::uint32_t skill = 0;
    std::uint32_t slot = 0;  // of SkillFit::rates
    std::array<stats::PeriodTrials, kMaxRecentHours> hours{};
    std::size_t hour_count = 0;
    std::int64_t events = 0;  // in volume_begin_us .. volume_end_us
    std::int64_t volume_begin_us = 0;
    std::int64_t volume_end_us = 0;
    std::array<double, kMaxRecentHours> typical_seconds{};
    std::size_t timed_hours = 0;
};

// Volume tests are the dearest and their input is small numbers: each is made once for a family.
// Thread-safe; at most kMaxTests are kept.
class VolumeMemo {
public:
    static constexpr std::size_t kMaxTests = 200'000;

    std::optional<stats::AnomalyTest> test(const SkillFit& fit, std::uint32_t skill,
                                           const stats::PeriodCount& count);

private:
    struct Key {
        std::uint32_t skill = 0;
        std::int64_t events = 0;
        double exposure = 0;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const;
    };
    std::mutex mutex_;
    std::unordered_map<Key, stats::AnomalyTest, KeyHash> tests_;
};

// From the begin to `now_us`. `closed`: whole hours only, from the first after the baseline.
struct Look {
    std::int64_t begin_us = 0;
    std::int64_t now_us = 0;
    bool closed = false;
};

// The running look: the last recent_hours up to now, to the minute.
Look running_look(const BaselineWindow& window, std::int64_t now_us);
Look closed_look(const BaselineWindow& window);

// Exposures by kind of hour are taken to ten minutes, so that few of them differ.
RecentRuns recent_runs(const SkillFigures& skill, const BaselineWindow& window, const Look& look);

struct MetricTest {
    std::uint32_t skill = 0;
    AnomalyMetric metric = AnomalyMetric::completion_rate;
    stats::AnomalyTest test;
    double adjusted_p = 1;
    bool found = false;
};

struct FamilyTests {
    std::vector<MetricTest> tests;  // all that could be made
    std::int64_t unknown = 0;       // skills and metrics with too few data
};

FamilyTests test_family(const Family& family, std::span<const RecentRuns> recent,
                        double false_discovery_rate);

}  // namespace credence::skills
