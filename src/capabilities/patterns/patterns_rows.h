// All SQL over pattern, pattern_body, pattern_share, pattern_redirect and pattern_total. The tenant
// comes first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capabilities/patterns/patterns_access.h"
#include "capabilities/patterns/patterns_math.h"
#include "capabilities/patterns/patterns_types.h"
#include "engine/store/database.h"

namespace credence::patterns {

// A row of pattern with its body; columns as in the migration.
struct PatternRow {
    PatternId id;
    std::string name_space;
    std::string owner;
    std::string pattern_name;
    std::string category;
    std::optional<std::string> subcategory;
    AccessLevel access_level = AccessLevel::private_;
    std::vector<std::string> shared_with_agents;
    double learning_weight = 1;
    std::optional<double> complexity_score;
    std::string version = "1.0.0";
    std::optional<std::string> parent_pattern_id;
    std::optional<std::string> superseded_by;
    bool live = true;
    std::int64_t created_at_us = 0;
    std::string created_by;
    std::int64_t updated_at_us = 0;
    std::optional<std::int64_t> archived_at_us;
    std::int64_t usage_count = 0;
    std::int64_t success_count = 0;
    std::int64_t failure_count = 0;
    std::int64_t reported_success_count = 0;
    std::int64_t reported_failure_count = 0;
    double evidence_success = 0;
    double evidence_failure = 0;
    std::int64_t evidence_at_us = 0;
    double confidence = 0;
    std::int64_t distinct_users = 0;
    std::optional<double> avg_execution_time_ms;
    std::string timing;
    std::optional<std::int64_t> last_used_at_us;
    RawJson pattern_data;

    Visibility visibility() const { return {name_space, owner, access_level, shared_with_agents}; }
    Weights evidence() const { return {evidence_success, evidence_failure}; }
};
void describe(Describe<PatternRow>&);

namespace pattern_rows {

Result<void> insert(store::Tx& tx, std::string_view tenant, const PatternRow& row);
// Follows the id of a merged pattern.
Result<std::optional<PatternRow>> find(store::Tx& tx, std::string_view tenant, const PatternId& id);
// Everything but identity, statistics, shares and body.
Result<void> update_details(store::Tx& tx, std::string_view tenant, const PatternRow& row);
Result<void> update_statistics(store::Tx& tx, std::string_view tenant, const PatternRow& row);
Result<void> update_body(store::Tx& tx, std::string_view tenant, const PatternRow& row);
// The column and its reverse.
Result<void> update_shares(store::Tx& tx, std::string_view tenant, const PatternRow& row);
// The row, its body, shares and redirects; links of its versions close over the gap.
Result<void> erase(store::Tx& tx, std::string_view tenant, const PatternRow& row);
Result<void> redirect(store::Tx& tx, std::string_view tenant, const PatternId& from,
                      const PatternId& to);

// Whether any version of the row's name exists.
Result<bool> name_taken(store::Tx& tx, std::string_view tenant, const PatternRow& row);
// All versions of the row's chain, newest first.
Result<std::vector<PatternRow>> versions(store::Tx& tx, std::string_view tenant,
                                         const PatternRow& row, int limit);

struct Totals {
    std::int64_t name_space = 0;
    std::int64_t owner = 0;
};
Result<Totals> totals(store::Tx& tx, std::string_view tenant, const PatternRow& row);
Result<void> add_total(store::Tx& tx, std::string_view tenant, const PatternRow& row, int change);

// Where a page of a listing begins: after this pattern, in descending order of all three.
struct Place {
    double confidence = 2;
    std::int64_t usage_count = 0;
    std::string id;
};

// One index's worth of a listing; a viewer's listing is several, merged.
enum class Branch : std::uint8_t { level, own, shared, all };

struct Listing {
    std::string name_space;                    // of the viewer
    std::string agent_id;                      // own, shared
    AccessLevel level = AccessLevel::public_;  // level
    bool include_archived = false;             // and superseded
    std::string category;                      // empty: any; so are the next two
    std::string subcategory;
    std::string owner;  // in name_space
    std::vector<AccessLevel> levels;
    double min_success_rate = 0;
    std::int64_t min_usage_count = 0;
    Place after;
    std::int64_t limit = 50;
};

// Best first: by confidence, then usage, then id.
Result<std::vector<PatternRow>> branch(store::Tx& tx, std::string_view tenant, Branch which,
                                       const Listing& listing);

// Of listing.level and category: the least used first, the oldest of those first.
Result<std::vector<PatternRow>> least_used(store::Tx& tx, std::string_view tenant,
                                           const Listing& listing);

// Live patterns of all tenants, by (tenant, id): for upkeep.
struct TenantPattern {
    std::string tenant;
    PatternId id;
};
void describe(Describe<TenantPattern>&);
struct Walk {
    TenantPattern after;
    bool only_with_evidence = true;
    int limit = 0;
};
Result<std::vector<TenantPattern>> walk(store::Tx& tx, const Walk& walk);

// The ids of a namespace, for dropping it.
Result<std::vector<TenantPattern>> of_name_space(store::Tx& tx, std::string_view tenant,
                                                 std::string_view name_space);
Result<void> drop_totals(store::Tx& tx, std::string_view tenant, std::string_view name_space);

}  // namespace pattern_rows
}  // namespace credence::patterns
