// SQL of predictors and of the log they learn from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/store/database.h"

namespace credence::skills::predictor_rows {

struct StoredPredictor {
    std::int64_t version = 0;
    std::int64_t trained_at_us = 0;
    std::int64_t outcomes = 0;
    std::int64_t first_at_us = 0;
    std::int64_t last_at_us = 0;
    std::string evaluation = {};  // PredictorEvaluation as JSON
    std::string model = {};       // hexadecimal digits; left out of find_about
};

// The newest version, or the one asked for.
Result<std::optional<StoredPredictor>> find(store::Tx& tx, std::string_view tenant,
                                            std::optional<std::int64_t> version);
// The same without the model.
Result<std::optional<StoredPredictor>> find_about(store::Tx& tx, std::string_view tenant,
                                                  std::optional<std::int64_t> version);
// 0 without one.
Result<std::int64_t> newest_version(store::Tx& tx, std::string_view tenant);
Result<std::vector<std::int64_t>> versions(store::Tx& tx, std::string_view tenant);

// Drops all but the newest `keep`.
Result<void> insert(store::Tx& tx, std::string_view tenant, const StoredPredictor& predictor,
                    std::int64_t keep);
Result<void> put_model(store::Tx& tx, std::string_view tenant, std::int64_t version,
                       const std::string& model);
Result<void> remove(store::Tx& tx, std::string_view tenant, std::int64_t version);

// Tenants whose newest predictor was trained before an instant, the oldest first.
Result<std::vector<std::string>> tenants_before(store::Tx& tx, std::int64_t trained_before_us,
                                                std::int64_t limit);

// How often rows of the log were removed; nullopt before the first fold.
Result<std::optional<std::int64_t>> epoch(store::Tx& tx, std::string_view tenant);

// One row of the log.
struct OutcomeRow {
    std::int64_t id = 0;
    std::string skill_name;
    std::string session_id;
    std::string user_id;         // empty: unknown
    std::string workflow_phase;  // likewise
    std::int64_t invoked_at_us = 0;
    std::int64_t created_at_us = 0;
    double duration_seconds = 0;  // 0: unknown
    bool completed = false;
};

// Those before an id, newest first.
Result<std::vector<OutcomeRow>> outcomes_before(store::Tx& tx, std::string_view tenant,
                                                std::int64_t before_id, std::int64_t limit);

}  // namespace credence::skills::predictor_rows
