// What the parts of the module share. All of it outlives the service.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/result.h"
#include "base/shape.h"
#include "engine/store/database.h"

namespace credence::skills {

class Ledger;          // state/ledger.h
class UserNames;       // record/user_names.h
class QueryMask;       // record/query_mask.h
class SearchIndex;     // search/search_index.h
class Community;       // people/community.h
class PredictorShelf;  // predict/predictor_shelf.h
class Baselines;       // insight/baseline_cache.h

// Section [skills].
struct SkillsSettings {
    std::int64_t keep_invocations_days = 400;  // single rows of the log; 0: for ever
    std::int64_t keep_queries_days = 90;       // user_query in them; 0: for ever
    std::int64_t keep_hours_days = 1'100;      // hourly figures; 0: for ever
    bool store_queries = true;                 // masked, when they are stored
    std::int64_t open_invocation_hours = 24;   // then one that never ended counts as abandoned
    std::int64_t community_min_users = 5;      // k: aggregates of fewer people are not told
    double exploration_share = 0.1;            // of recommendations
    std::int64_t anomaly_baseline_days = 14;
    double anomaly_false_discovery_rate = 0.05;
    std::int64_t anomaly_check_seconds = 60;  // between stored checks
    std::int64_t live_keep_hours = 24;          // messages of the live feed, to resume from
    std::int64_t live_interval_ms = 1'000;    // between messages of the live feed
};
void describe(Describe<SkillsSettings>&);

inline constexpr std::size_t kMaxSkillNameBytes = 200;
inline constexpr std::size_t kMaxUserNameBytes = 256;  // as the caller gives it
inline constexpr std::size_t kMaxSkills = 100'000;     // of a tenant, in memory

// The service wants all of them; a test sets what its part uses.
struct SkillsParts {
    store::Database& database;
    const Clock& clock;
    Random& random;
    IdMaker& ids;
    const SkillsSettings& settings;
    Ledger* ledger = nullptr;
    UserNames* users = nullptr;
    QueryMask* mask = nullptr;
    SearchIndex* search = nullptr;
    Community* community = nullptr;
    PredictorShelf* predictors = nullptr;
    Baselines* baselines = nullptr;
    // Told of a user (a keyed hash) that is erased: in the erasure's last transaction, and after
    // the fold was told to begin anew.
    std::function<Result<void>(store::Tx&, std::string_view tenant, std::string_view user)>
        erasing = {};
    std::function<Result<void>(const std::string& tenant, std::string_view user)> erased = {};
};

}  // namespace credence::skills
