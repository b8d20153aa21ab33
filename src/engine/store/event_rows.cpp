#include "engine/store/event_rows.h"

namespace credence::store::event_rows {
namespace {

constexpr std::string_view kSelect = "SELECT seq, tenant, name, at_us, actor, body FROM event";

// " AND name IN ($3, $4)" and its parameters.
Result<std::string> name_filter(const std::vector<std::string>& names,
                                std::vector<Parameter>& parameters) {
    if (names.empty()) {
        return std::string();
    }
    if (names.size() > kMaxNames) {
        return fail(Code::invalid, "too many event names", "names");
    }
    std::string sql = " AND name IN (";
    for (std::size_t i = 0; i < names.size(); ++i) {
        parameters.emplace_back(names[i]);
        sql += (i == 0 ? "$" : ", $") + std::to_string(parameters.size());
    }
    return sql + ")";
}

}  // namespace

Result<std::int64_t> forget(Tx& tx, std::string_view name, std::int64_t before_us,
                            std::int64_t limit) {
    return tx.run(
        "DELETE FROM event WHERE seq IN (SELECT e.seq FROM event e WHERE e.name = $1 "
        "AND e.at_us < $2 AND e.seq <= coalesce((SELECT min(c.seq) FROM event_cursor c), e.seq) "
        "ORDER BY e.seq LIMIT $3)",
        name, before_us, limit);
}

Result<std::int64_t> last_seq(Tx& tx) {
    const Rows rows = TRY(tx.query("SELECT COALESCE(MAX(seq), 0) FROM event"));
    return rows.integer(0, 0);
}

Result<std::vector<StoredEvent>> after(Tx& tx, std::int64_t after,
                                       const std::vector<std::string>& names, int limit) {
    std::vector<Parameter> parameters{after, limit};
    std::string sql(kSelect);
    sql += " WHERE seq > $1" + TRY(name_filter(names, parameters)) + " ORDER BY seq LIMIT $2";
    const Rows rows = TRY(tx.query_span(sql, parameters));
    return rows.as<StoredEvent>();
}

Result<std::vector<StoredEvent>> of_tenant(Tx& tx, std::string_view tenant, std::int64_t after,
                                           const std::vector<std::string>& names, int limit) {
    std::vector<Parameter> parameters{tenant, after, limit};
    std::string sql(kSelect);
    sql += " WHERE tenant = $1 AND seq > $2" + TRY(name_filter(names, parameters)) +
           " ORDER BY seq LIMIT $3";
    const Rows rows = TRY(tx.query_span(sql, parameters));
    return rows.as<StoredEvent>();
}

Result<Cursor> open_cursor(Tx& tx, std::string_view subscriber) {
    const std::int64_t newest = TRY(last_seq(tx));
    TRY(
        tx.run("INSERT INTO event_cursor (subscriber, seq, failures) VALUES ($1, $2, 0)"
               " ON CONFLICT (subscriber) DO NOTHING",
               subscriber, newest));
    const Rows rows = TRY(tx.query(
        "SELECT seq, failures, parked_at_us FROM event_cursor WHERE subscriber = $1", subscriber));
    Cursor cursor{rows.integer(0, 0), rows.integer(0, 1), std::nullopt};
    if (!rows.is_null(0, 2)) {
        cursor.parked_at_us = rows.integer(0, 2);
    }
    return cursor;
}

Result<void> move_cursor(Tx& tx, std::string_view subscriber, std::int64_t from, std::int64_t to) {
    const std::int64_t changed =
        TRY(tx.run("UPDATE event_cursor SET seq = $3, failures = 0, parked_at_us = NULL"
                   " WHERE subscriber = $1 AND seq = $2",
                   subscriber, from, to));
    if (changed != 1) {
        return fail(Code::conflict, "another process moved this subscriber's cursor");
    }
    return {};
}

Result<void> save_failures(Tx& tx, std::string_view subscriber, std::int64_t failures,
                           std::optional<std::int64_t> parked_at_us) {
    TRY(tx.run("UPDATE event_cursor SET failures = $2, parked_at_us = $3 WHERE subscriber = $1",
               subscriber, failures, parked_at_us));
    return {};
}

}  // namespace credence::store::event_rows
