// What is normal for each skill of a tenant, fitted once an hour so that a look costs only tests.
// Pure and thread-safe.
//
// Rates: beta-binomial over the hours with runs (stats/anomaly/rate_anomaly.h); where two weeks or
// more are known and the look is one hour long, by the hour of the week (season.h). How much hours
// differ is learned over all skills, plain and seasonal ones apart (dispersion.h).
// Volumes: gamma-Poisson over all hours since the skill was first seen, empty ones too and that
// first one not (it was chosen for not being empty). With two weeks or more each hour's exposure is
// multiplied by the factor of its kind (hour of the day, working day or weekend), found WITHOUT its
// own day: factors found with it would explain the noise they are judged by, and the dispersion
// would come out too low.
// Durations: one value an hour, the exponential of the mean logarithm; hours, not runs, are
// independent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"
#include "capabilities/skills/state/skill_state.h"
#include "stats/anomaly/duration_anomaly.h"
#include "stats/anomaly/rate_anomaly.h"
#include "stats/anomaly/volume_anomaly.h"

namespace credence::skills {

inline constexpr std::int64_t kMaxRecentHours = 24;
inline constexpr std::int64_t kDurationHours = 6;      // a look at durations is at least so long
inline constexpr std::int64_t kSeasonHours = 14 * 24;  // of baseline, before seasons are fitted
inline constexpr std::int64_t kMaxBaselineHours = 1'440;
inline constexpr std::size_t kKindsOfHours = 48;
inline constexpr std::size_t kRateSlots = 3;
inline constexpr std::int64_t kExposureStepUs = 10 * kUsPerMinute;

// The hours of the baseline, and how long a look at what follows is. The look may begin in the
// first hours after end_us.
struct BaselineWindow {
    std::int64_t begin_us = 0;  // whole hours
    std::int64_t end_us = 0;
    std::int64_t recent_hours = 1;

    bool operator==(const BaselineWindow&) const = default;
    // How many hours a look at durations has; their baseline ends so much earlier.
    std::int64_t duration_hours() const;
    std::int64_t durations_end_us() const;
};

// Counts that are no anomaly whatever hour after the baseline the look begins in: for each of them
// the two-sided p value is above kQuietP, so that no false discovery rate up to that can find it
// and testing it is spared. Both tails are found once, at the largest and the smallest exposure:
// P(X <= k) falls and P(X >= k) rises with the exposure, as the size of the negative binomials
// does not depend on that of a single period. Empty (low > high) where the hours differ too much.
inline constexpr double kQuietP = 0.05;

struct QuietCounts {
    double least_exposure = 0;
    double most_exposure = 0;
    std::int64_t low = 1;
    std::int64_t high = 0;

    bool holds(std::int64_t events, double exposure) const {
        return low <= events && events <= high && least_exposure <= exposure &&
               exposure <= most_exposure;
    }
};

struct SkillFit {
    std::string skill_name;
    std::int64_t runs_before = 0;  // see windows.h: what the fit has seen
    bool seasonal = false;
    // For runs in the first, second and third hour after the baseline; the same unless seasonal.
    std::array<std::optional<stats::RateBaseline>, kRateSlots> rates;
    std::optional<stats::VolumeBaseline> volume;
    std::array<double, kKindsOfHours> volume_factors{};
    QuietCounts quiet;
    std::optional<stats::DurationBaseline> duration;
};

class VolumeMemo;  // family_tests.h

struct Family {
    BaselineWindow window;
    std::vector<SkillFit> skills;                   // by number
    std::shared_ptr<VolumeMemo> volumes = nullptr;  // none: every test is made anew
};

// `hours`: all that the fold keeps of the skill, ascending. Under the cautious prior until
// learn_family. About 3 ms for two busy weeks.
SkillFit fit_skill(std::span<const Cell> hours, const BaselineWindow& window);

// Applies to every rate what all of them say of the dispersion. Any number of times.
void learn_family(Family& family);

// Hour of the day, 24 more at weekends (UTC).
std::size_t kind_of_hour(std::int64_t at_us);

// Hours of [begin_us, end_us), each multiplied by its kind's factor.
double exposure_hours(const SkillFit& fit, std::int64_t begin_us, std::int64_t end_us);

// The value of an hour for durations; the cell has timed runs.
double typical_seconds(const Cell& cell);

}  // namespace credence::skills
