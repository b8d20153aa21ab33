#include "capabilities/guard/detection_rows.h"

#include <limits>

#include "base/json.h"

namespace credence::guard::detection_rows {

Result<void> insert(store::Tx& tx, const DetectionOf& row) {
    const Detection& d = row.detection;
    TRY(
        tx.run("INSERT INTO guard_detection (tenant, name_space, scan_id, at_us, actor, verdict,"
               " score, categories, rules, text_digest, bytes, direction, source_kind, request_id,"
               " text) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
               " ON CONFLICT (tenant, name_space, scan_id) DO NOTHING",
               row.tenant, row.name_space, d.scan_id, d.at_us, d.actor, enumerator_of(d.verdict),
               d.score, to_json(d.categories), to_json(d.rules), d.text_digest, d.bytes,
               enumerator_of(d.direction), enumerator_of(d.source_kind), d.request_id, d.text));
    return {};
}

Result<std::vector<Detection>> list(store::Tx& tx, const Context& context,
                                    const ListDetections& request) {
    // An absent filter matches everything; categories hold names in quotes.
    const std::string verdict = request.verdict ? enumerator_of(*request.verdict) : "%";
    const std::string category =
        request.category ? "%\"" + enumerator_of(*request.category) + "\"%" : "%";
    return TRY(tx.query("SELECT scan_id, at_us, actor, verdict, score, categories, rules,"
                        " text_digest, bytes, direction, source_kind, request_id, text"
                        " FROM guard_detection WHERE tenant = $1 AND name_space = $2"
                        " AND verdict LIKE $3 AND categories LIKE $4 AND at_us >= $5"
                        " AND at_us < $6 AND ($7 = '' OR scan_id < $7)"
                        " ORDER BY scan_id DESC LIMIT $8",
                        context.tenant, context.name_space, verdict, category,
                        request.since_us.value_or(0),
                        request.until_us.value_or(std::numeric_limits<std::int64_t>::max()),
                        request.before.value_or(""), request.limit))
        .as<Detection>();
}

Result<std::optional<Detection>> find(store::Tx& tx, const Context& context,
                                      std::string_view scan_id) {
    auto found = TRY(TRY(tx.query("SELECT scan_id, at_us, actor, verdict, score, categories, rules,"
                                  " text_digest, bytes, direction, source_kind, request_id, text"
                                  " FROM guard_detection WHERE tenant = $1 AND name_space = $2"
                                  " AND scan_id = $3",
                                  context.tenant, context.name_space, scan_id))
                         .as<Detection>());
    return found.empty() ? std::optional<Detection>()
                         : std::optional<Detection>(std::move(found[0]));
}

Result<std::int64_t> remove_before(store::Tx& tx, std::int64_t at_us, std::int64_t limit) {
    return tx.run(
        "DELETE FROM guard_detection WHERE (tenant, name_space, scan_id) IN"
        " (SELECT tenant, name_space, scan_id FROM guard_detection WHERE at_us < $1"
        " ORDER BY at_us LIMIT $2)",
        at_us, limit);
}

}  // namespace credence::guard::detection_rows
