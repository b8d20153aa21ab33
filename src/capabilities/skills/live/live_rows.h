// The SQL of the live feed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "capabilities/skills/live/live_metrics.h"
#include "engine/store/database.h"

namespace credence::skills::live_rows {

// Open ones, newest first.
Result<std::vector<LiveAnomaly>> open_anomalies(store::Tx& tx, std::string_view tenant,
                                                std::int64_t limit);

// Moves skill_fold.published_id on to through_id; false where another process was there first.
// `own_id`: what this process published last; from there it may publish again.
struct PublishClaim {
    std::string_view tenant;
    std::int64_t through_id = 0;
    std::int64_t own_id = -1;
    std::int64_t now_us = 0;
};
Result<bool> claim(store::Tx& tx, const PublishClaim& claim);

}  // namespace credence::skills::live_rows
