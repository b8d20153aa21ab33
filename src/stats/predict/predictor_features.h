// What is known of a situation at its instant, as numbers for the predictor.
//
// Rates are target-encoded (target_encoding.h) and appear as log-odds, each as its distance from
// its parent's, so that 0 says "nothing special":
//   global <- skill, phase, user, hour of week;   skill + user <- user with this skill
// Strengths (in trials) are FeatureOptions. The state is told outcomes only by the predictor, in
// the order in which they became known. Times are microseconds of UTC; the hour of the week counts
// from Monday 00:00 UTC. Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "stats/predict/target_encoding.h"

namespace credence::stats {

// Names are the caller's 64-bit hashes; 0 in phase says "unknown".
struct Situation {
    std::uint64_t skill = 0;
    std::uint64_t phase = 0;
    std::uint64_t user = 0;
    std::int64_t at_us = 0;
};

enum class Feature : std::uint8_t {
    bias,               // 1
    skill,              // log-odds of the skill less those of everything
    phase,              // likewise of the phase; 0 if unknown
    user,               // likewise of the user
    user_skill,         // of this user with this skill, less skill and user together
    hour_of_week,       // of this of 168 hours, less those of everything
    recent_skill,       // of the skill by counts of the short half-life, less the skill's
    recent_user,        // of the user likewise
    user_skill_volume,  // ln(1 + n) / 5 of user and skill, decayed counts
    user_skill_streak,  // last outcomes in a row of user and skill, -1 (8 failures) to 1
    skill_streak,       // the same of the skill over all users
    hours_since_use,    // ln(1 + hours) / 10 since this user's last known outcome with the skill
    first_use,          // 1 if there was none, and hours_since_use is 0
};
inline constexpr std::size_t kFeatures = 13;

// "skill", "user_skill_streak", ...
std::string_view to_string(Feature feature);

struct FeatureVector {
    double offset = 0;    // log-odds of the skill: what is believed without a model
    double evidence = 0;  // decayed outcomes of user and skill
    std::array<double, kFeatures> values{};
};

struct FeatureOptions {
    std::int64_t half_life_us = 30LL * 24 * 3600 * 1'000'000;
    std::int64_t short_half_life_us = 24LL * 3600 * 1'000'000;
    double wide_strength = 20;        // skill, phase, user, hour: towards everything
    double narrow_strength = 8;       // user with skill, and the recent rates
    std::size_t max_cells = 200'000;  // of each table
};

class FeatureState {
public:
    explicit FeatureState(const FeatureOptions& options);

    FeatureVector features(const Situation& situation) const;
    void learn(const Situation& situation, bool success, std::int64_t known_at_us);
    void forget_user(std::uint64_t user);

    // For storage; kPredictorFormat fixes the order of the tables.
    std::span<const RateTable> tables() const { return tables_; }
    std::span<RateTable> tables() { return tables_; }

private:
    enum Table : std::uint8_t {
        everything,
        skill,
        phase,
        user,
        user_skill,
        hour,
        recent_skill,
        recent_user,
        table_count,
    };

    double log_odds(Table table, const RateKey& key, double parent_rate, std::int64_t at_us) const;

    FeatureOptions options_;
    std::array<RateTable, table_count> tables_;
};

}  // namespace credence::stats
