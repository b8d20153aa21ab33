#include "stats/predict/predictor_features.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/hour_of_week.h"
#include "stats/portable_math.h"
#include "stats/predict/calibration.h"

namespace credence::stats {
namespace {

constexpr std::int64_t kFeatureHourUs = 3'600'000'000;
constexpr double kStreakScale = 8;
constexpr double kVolumeScale = 5;
constexpr double kHoursScale = 10;
constexpr double kEvenRate = 0.5;
constexpr double kEverythingStrength = 2;

double streak_feature(const RateCell& cell) {
    return std::clamp(static_cast<double>(cell.streak) / kStreakScale, -1.0, 1.0);
}

}  // namespace

std::string_view to_string(Feature feature) {
    constexpr std::array<std::string_view, kFeatures> kNames{"bias",
                                                             "skill",
                                                             "phase",
                                                             "user",
                                                             "user_skill",
                                                             "hour_of_week",
                                                             "recent_skill",
                                                             "recent_user",
                                                             "user_skill_volume",
                                                             "user_skill_streak",
                                                             "skill_streak",
                                                             "hours_since_use",
                                                             "first_use"};
    const auto position = static_cast<std::size_t>(feature);
    CHECK(position < kNames.size(), "no such feature");
    return kNames[position];
}

FeatureState::FeatureState(const FeatureOptions& options)
    : options_(options),
      tables_{RateTable(options.half_life_us, options.max_cells),
              RateTable(options.half_life_us, options.max_cells),
              RateTable(options.half_life_us, options.max_cells),
              RateTable(options.half_life_us, options.max_cells),
              RateTable(options.half_life_us, options.max_cells),
              RateTable(options.half_life_us, options.max_cells),
              RateTable(options.short_half_life_us, options.max_cells),
              RateTable(options.short_half_life_us, options.max_cells)} {
    CHECK(options.wide_strength > 0 && options.narrow_strength > 0, "no shrinkage");
}

double FeatureState::log_odds(Table table, const RateKey& key, double parent_rate,
                              std::int64_t at_us) const {
    const bool narrow = table == user_skill || table == recent_skill || table == recent_user;
    const double strength = table == everything ? kEverythingStrength
                            : narrow            ? options_.narrow_strength
                                                : options_.wide_strength;
    return bounded_log_odds(encoded_rate(tables_[table].at(key, at_us), parent_rate, strength));
}

FeatureVector FeatureState::features(const Situation& situation) const {
    const std::int64_t at_us = situation.at_us;
    const RateKey skill_key{situation.skill};
    const RateKey user_key{situation.user};
    const RateKey pair_key{situation.user, situation.skill};
    const double all = log_odds(everything, {}, kEvenRate, at_us);
    const double base = logistic(all);
    const double skill_odds = log_odds(skill, skill_key, base, at_us);
    const double user_odds = log_odds(user, user_key, base, at_us);
    const double together = skill_odds + user_odds - all;
    const RateCell pair = tables_[user_skill].at(pair_key, at_us);

    FeatureVector vector{.offset = skill_odds, .evidence = pair.n};
    const auto set = [&vector](Feature feature, double value) {
        vector.values[static_cast<std::size_t>(feature)] = value;
    };
    set(Feature::bias, 1);
    set(Feature::skill, skill_odds - all);
    if (situation.phase != 0) {
        set(Feature::phase, log_odds(phase, {situation.phase}, base, at_us) - all);
    }
    set(Feature::user, user_odds - all);
    set(Feature::user_skill, log_odds(user_skill, pair_key, logistic(together), at_us) -
                                 bounded_log_odds(logistic(together)));
    set(Feature::hour_of_week, log_odds(hour, {hour_of_week(at_us)}, base, at_us) - all);
    set(Feature::recent_skill,
        log_odds(recent_skill, skill_key, logistic(skill_odds), at_us) - skill_odds);
    set(Feature::recent_user,
        log_odds(recent_user, user_key, logistic(user_odds), at_us) - user_odds);
    set(Feature::user_skill_volume, portable_log(1 + pair.n) / kVolumeScale);
    set(Feature::user_skill_streak, streak_feature(pair));
    set(Feature::skill_streak, streak_feature(tables_[skill].at(skill_key, at_us)));
    if (pair.streak == 0) {
        set(Feature::first_use, 1);
    } else {
        const double elapsed = static_cast<double>(std::max<std::int64_t>(0, at_us - pair.at_us));
        set(Feature::hours_since_use,
            portable_log(1 + elapsed / static_cast<double>(kFeatureHourUs)) / kHoursScale);
    }
    return vector;
}

void FeatureState::learn(const Situation& situation, bool success, std::int64_t known_at_us) {
    const RateKey skill_key{situation.skill};
    const RateKey user_key{situation.user};
    tables_[everything].add({}, success, known_at_us);
    tables_[skill].add(skill_key, success, known_at_us);
    if (situation.phase != 0) {
        tables_[phase].add({situation.phase}, success, known_at_us);
    }
    tables_[user].add(user_key, success, known_at_us);
    tables_[user_skill].add({situation.user, situation.skill}, success, known_at_us);
    // By the hour in which it was tried, whenever it became known.
    tables_[hour].add({hour_of_week(situation.at_us)}, success, known_at_us);
    tables_[recent_skill].add(skill_key, success, known_at_us);
    tables_[recent_user].add(user_key, success, known_at_us);
}

void FeatureState::forget_user(std::uint64_t gone) {
    for (const Table table : {user, user_skill, recent_user}) {
        tables_[table].forget(gone);
    }
}

}  // namespace credence::stats
