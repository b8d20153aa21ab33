// Statements on skill_metrics, skill_counter and the catalogue of tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"
#include "capabilities/skills/record/metrics.h"
#include "engine/store/database.h"

namespace credence::skills::metric_rows {

struct Totals {
    std::string skill_name;
    std::int64_t total_invocations = 0;
    std::int64_t completed_invocations = 0;
    std::int64_t abandoned_invocations = 0;
    std::int64_t timed_invocations = 0;
    double total_duration_seconds = 0;
    std::int64_t ranked_invocations = 0;
    std::int64_t selection_rank_sum = 0;
    std::int64_t rated_invocations = 0;
    std::int64_t rating_sum = 0;
    std::int64_t first_invoked_at_us = 0;
    std::int64_t last_invoked_at_us = 0;
};
void describe(Describe<Totals>&);

Result<std::optional<Totals>> find(store::Tx& tx, std::string_view tenant,
                                   std::string_view skill_name);

// What a ranking needs of each skill; all of them, by name.
struct Standing {
    std::string skill_name;
    std::int64_t total_invocations = 0;
    std::int64_t completed_invocations = 0;
    std::optional<double> avg_duration_seconds;
    std::int64_t last_invoked_at_us = 0;
};
void describe(Describe<Standing>&);
Result<std::vector<Standing>> all(store::Tx& tx, std::string_view tenant, std::int64_t limit);

// The most frequent values of a kind, at most `limit`.
Result<std::vector<UseCount>> counts(store::Tx& tx, std::string_view tenant,
                                     std::string_view skill_name, std::string_view kind);

// What there is of the module's schema.
struct Catalogue {
    std::int64_t schema_version = 0;
    std::vector<std::string> tables;
    std::vector<std::string> views;
    std::vector<std::string> triggers;
};
Result<Catalogue> catalogue(store::Tx& tx);

struct LogFigures {
    std::int64_t invocations = 0;
    std::int64_t open_invocations = 0;
    std::int64_t beyond = 0;  // rows behind `through_id`, at most `limit`
};
Result<LogFigures> log_figures(store::Tx& tx, std::string_view tenant, std::int64_t through_id,
                               std::int64_t limit);

}  // namespace credence::skills::metric_rows
