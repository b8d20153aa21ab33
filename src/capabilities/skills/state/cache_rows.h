// skill_metrics_cache: counts of the last hour and day that go down again as time passes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/store/database.h"

namespace credence::skills::cache_rows {

// What the fold knows of a skill: the whole minutes after the one in which the hour, and the day,
// begins.
struct RecentSkill {
    std::string skill_name;
    std::int64_t last_hour = 0;
    std::int64_t last_day = 0;
    std::int64_t completed_last_day = 0;
};

// Skills whose cache counts anything.
Result<std::vector<std::string>> counted_skills(store::Tx& tx, std::string_view tenant);

// Sets the counts of these skills, exact for now_us: the fold's minutes, and of the log what is in
// the minutes begun and what came after through_id.
struct RefreshOf {
    std::string_view tenant;
    std::int64_t now_us = 0;
    std::int64_t through_id = 0;
};
Result<void> refresh(store::Tx& tx, const RefreshOf& of, std::span<const RecentSkill> skills);

}  // namespace credence::skills::cache_rows
