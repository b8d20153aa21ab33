// The SQL over skill_time_series: hours that the fold wrote. The tenant comes first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/state/skill_state.h"
#include "engine/store/database.h"

namespace credence::skills::hour_rows {

struct SkillDay {
    std::string skill_name;
    std::int64_t day_us = 0;
    std::int64_t invocations = 0;
    std::int64_t completed = 0;
    std::int64_t timed = 0;
    double duration_sum_seconds = 0;
    double log_duration_sum = 0;
};
void describe(Describe<SkillDay>&);

Cell cell_of(const SkillDay& day);

// Days of [from_us, to_us), by skill and day.
Result<std::vector<SkillDay>> days_between(store::Tx& tx, std::string_view tenant,
                                           std::int64_t from_us, std::int64_t to_us);

struct HourSessions {
    std::int64_t timestamp_us = 0;
    std::int64_t unique_sessions = 0;
};
void describe(Describe<HourSessions>&);

struct SkillHours {
    std::string_view skill_name;
    std::int64_t from_us = 0;
    std::int64_t to_us = 0;
};

// In how many sessions the skill was used in each hour of [from_us, to_us), ascending.
Result<std::vector<HourSessions>> sessions_by_hour(store::Tx& tx, std::string_view tenant,
                                                   const SkillHours& hours);

}  // namespace credence::skills::hour_rows
