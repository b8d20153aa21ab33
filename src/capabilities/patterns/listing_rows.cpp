#include "base/json.h"
#include "capabilities/patterns/patterns_rows.h"

namespace credence::patterns::pattern_rows {
namespace {

// Only the narrow columns are read here, in index order; the bodies follow by id.
constexpr std::string_view kIds =
    "SELECT p.tenant, p.id FROM pattern p WHERE p.tenant = $1 AND "
    "(p.confidence, p.usage_count, p.id) < ($2, $3, $4) "
    "AND ($5 = '' OR p.category = $5) AND ($6 = '' OR p.subcategory = $6) "
    "AND ($7 = '[]' OR REPLACE($7, '\"' || p.access_level || '\"', '') <> $7) "
    "AND ($8 = '' OR (p.owner = $8 AND p.name_space = $12)) "
    "AND ($9 <= 0 OR p.success_count >= $9 * (p.success_count + p.failure_count) "
    "AND p.success_count + p.failure_count > 0) AND p.usage_count >= $10 ";

constexpr std::string_view kLive = "AND p.live = 1 ";
constexpr std::string_view kOrder =
    "ORDER BY p.confidence DESC, p.usage_count DESC, p.id DESC LIMIT $11";

std::string_view condition(Branch which) {
    switch (which) {
        case Branch::level:
            return "AND p.access_level = $13 ";
        case Branch::own:
            return "AND p.name_space = $12 AND p.owner = $13 ";
        case Branch::shared:
            return "AND p.name_space = $12 AND p.access_level = 'shared' AND p.id IN "
                   "(SELECT s.pattern_id FROM pattern_share s WHERE s.tenant = $1 "
                   "AND s.name_space = $12 AND s.agent_id = $13) ";
        case Branch::all:
            return "AND p.name_space = $12 AND $13 = $13 ";
    }
    return {};
}

std::string sql_of(Branch which, bool include_archived) {
    std::string sql(kIds);
    sql += include_archived ? std::string_view() : kLive;
    sql += condition(which);
    sql += kOrder;
    return sql;
}

Result<std::vector<PatternRow>> by_ids(store::Tx& tx, const std::vector<TenantPattern>& ids) {
    std::vector<PatternRow> out;
    out.reserve(ids.size());
    for (const TenantPattern& each : ids) {
        if (auto row = TRY(find(tx, each.tenant, each.id))) {
            out.push_back(*std::move(row));
        }
    }
    return out;
}

}  // namespace

Result<std::vector<PatternRow>> branch(store::Tx& tx, std::string_view tenant, Branch which,
                                       const Listing& listing) {
    const auto found =
        TRY(TRY(tx.query(sql_of(which, listing.include_archived), tenant, listing.after.confidence,
                         listing.after.usage_count, listing.after.id, listing.category,
                         listing.subcategory, to_json(listing.levels), listing.owner,
                         listing.min_success_rate, listing.min_usage_count, listing.limit,
                         listing.name_space,
                         which == Branch::level ? enumerator_of(listing.level) : listing.agent_id))
                .as<TenantPattern>());
    return by_ids(tx, found);
}

Result<std::vector<PatternRow>> least_used(store::Tx& tx, std::string_view tenant,
                                           const Listing& listing) {
    return by_ids(
        tx, TRY(TRY(tx.query("SELECT tenant, id FROM pattern WHERE tenant = $1 "
                             "AND access_level = $2 AND live = 1 AND ($3 = '' OR category = $3) "
                             "ORDER BY usage_count, id LIMIT $4",
                             tenant, enumerator_of(listing.level), listing.category, listing.limit))
                    .as<TenantPattern>()));
}

}  // namespace credence::patterns::pattern_rows
