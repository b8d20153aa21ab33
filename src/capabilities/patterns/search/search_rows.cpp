#include "capabilities/patterns/search/search_rows.h"

namespace credence::patterns::rows {
namespace {

// A tombstone's embedder: no embedder's name, and after all of them in order.
constexpr std::string_view kTombstone = "~";

Head head_of(const store::Rows& rows) {
    return {rows.integer(0, 0), rows.integer(0, 1), rows.integer(0, 2),
            rows.integer(0, 3), rows.integer(0, 4), rows.integer(0, 5)};
}

// Columns: those of every SELECT below, in the order of the struct. Takes the texts.
StoredPattern take_row(std::vector<store::Cell>& cells) {
    const auto text = [&](std::size_t i) {
        auto* found = std::get_if<std::string>(&cells[i]);
        return found == nullptr ? std::string() : std::move(*found);
    };
    const auto integer = [&](std::size_t i) {
        const auto* found = std::get_if<std::int64_t>(&cells[i]);
        return found == nullptr ? 0 : *found;
    };
    return {.pattern_id = text(0),
            .number = integer(1),
            .change_seq = integer(2),
            .stamp = integer(3),
            .removed = integer(4) != 0,
            .embedder = text(5),
            .vector = text(6),
            .name_space = text(7),
            .owner = text(8),
            .access = integer(9),
            .shared_with = text(10),
            .category = text(11),
            .source = text(12)};
}

std::vector<StoredPattern> take_rows(store::Rows& rows) {
    std::vector<StoredPattern> out;
    out.reserve(rows.size());
    for (auto& cells : rows.cells) {
        out.push_back(take_row(cells));
    }
    return out;
}

}  // namespace

Result<std::optional<Head>> read_head(store::Tx& tx, std::string_view tenant) {
    const store::Rows rows =
        TRY(tx.query("SELECT tenant_number, change_seq, stamp, live, next_number, cleaned_seq "
                     "FROM pattern_search_head WHERE tenant = $1",
                     tenant));
    return rows.empty() ? std::optional<Head>() : std::optional<Head>(head_of(rows));
}

Result<Head> advance_head(store::Tx& tx, std::string_view tenant, std::int64_t stamp) {
    const store::Rows rows =
        TRY(tx.query("INSERT INTO pattern_search_head AS head (tenant, tenant_number, change_seq, "
                     "stamp, live, next_number, cleaned_seq) VALUES ($1, "
                     "(SELECT COALESCE(MAX(tenant_number), 0) + 1 FROM pattern_search_head), "
                     "1, $2, 0, 0, 0) ON CONFLICT (tenant) DO UPDATE "
                     "SET change_seq = head.change_seq + 1, stamp = excluded.stamp "
                     "RETURNING tenant_number, change_seq, stamp, live, next_number, cleaned_seq",
                     tenant, stamp));
    return head_of(rows);
}

Result<void> save_counts(store::Tx& tx, std::string_view tenant, const Head& head) {
    TRY(tx.run("UPDATE pattern_search_head SET live = $2, next_number = $3 WHERE tenant = $1",
               tenant, head.live, head.next_number));
    return {};
}

Result<std::vector<std::string>> tenants(store::Tx& tx) {
    const store::Rows rows =
        TRY(tx.query("SELECT tenant FROM pattern_search_head ORDER BY tenant"));
    std::vector<std::string> out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.push_back(rows.text(i, 0));
    }
    return out;
}

Result<std::optional<StoredPattern>> find(store::Tx& tx, std::string_view tenant,
                                          std::string_view pattern_id) {
    store::Rows rows =
        TRY(tx.query("SELECT pattern_id, number, change_seq, stamp, removed, embedder, vector, "
                     "name_space, owner, access, shared_with, category, source "
                     "FROM pattern_vector WHERE tenant = $1 AND pattern_id = $2",
                     tenant, pattern_id));
    return rows.empty() ? std::optional<StoredPattern>()
                        : std::optional<StoredPattern>(take_row(rows.cells[0]));
}

Result<void> save(store::Tx& tx, std::string_view tenant, const StoredPattern& row) {
    TRY(
        tx.run("INSERT INTO pattern_vector (tenant, pattern_id, number, change_seq, stamp, "
               "removed, embedder, vector, name_space, owner, access, shared_with, category, "
               "source) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
               "ON CONFLICT (tenant, pattern_id) DO UPDATE SET number = excluded.number, "
               "change_seq = excluded.change_seq, stamp = excluded.stamp, "
               "removed = excluded.removed, embedder = excluded.embedder, "
               "vector = excluded.vector, name_space = excluded.name_space, "
               "owner = excluded.owner, access = excluded.access, "
               "shared_with = excluded.shared_with, category = excluded.category, "
               "source = excluded.source",
               tenant, row.pattern_id, row.number, row.change_seq, row.stamp, row.removed,
               row.removed ? kTombstone : std::string_view(row.embedder), row.vector,
               row.name_space, row.owner, row.access, row.shared_with, row.category, row.source));
    return {};
}

Result<std::vector<StoredPattern>> changes(store::Tx& tx, std::string_view tenant,
                                           std::int64_t after_seq, std::int64_t limit) {
    store::Rows rows =
        TRY(tx.query("SELECT pattern_id, number, change_seq, stamp, removed, embedder, vector, "
                     "name_space, owner, access, shared_with, category, '' AS source "
                     "FROM pattern_vector WHERE tenant = $1 AND change_seq > $2 "
                     "ORDER BY change_seq LIMIT $3",
                     tenant, after_seq, limit));
    return take_rows(rows);
}

Result<std::optional<ChangeMark>> change_at(store::Tx& tx, std::string_view tenant,
                                            std::int64_t seq) {
    const store::Rows rows =
        TRY(tx.query("SELECT stamp, pattern_id FROM pattern_vector "
                     "WHERE tenant = $1 AND change_seq = $2",
                     tenant, seq));
    return rows.empty() ? std::optional<ChangeMark>()
                        : std::optional<ChangeMark>({rows.integer(0, 0), rows.text(0, 1)});
}

Result<std::vector<StoredPattern>> pending(store::Tx& tx, std::string_view tenant,
                                           std::string_view embedder, std::int64_t limit) {
    store::Rows rows =
        TRY(tx.query("SELECT pattern_id, number, change_seq, stamp, removed, embedder, vector, "
                     "name_space, owner, access, shared_with, category, source "
                     "FROM pattern_vector WHERE tenant = $1 AND (embedder < $2 OR embedder > $2) "
                     "AND removed = 0 ORDER BY embedder, change_seq LIMIT $3",
                     tenant, embedder, limit));
    return take_rows(rows);
}

Result<void> clean(store::Tx& tx, std::string_view tenant, std::int64_t seq, std::int64_t limit) {
    const std::int64_t gone =
        TRY(tx.run("DELETE FROM pattern_vector WHERE tenant = $1 AND pattern_id IN ("
                   "SELECT pattern_id FROM pattern_vector WHERE tenant = $1 AND embedder = $2 "
                   "AND change_seq <= $3 ORDER BY change_seq LIMIT $4)",
                   tenant, kTombstone, seq, limit));
    if (gone > 0) {
        TRY(tx.run("UPDATE pattern_search_head SET cleaned_seq = $2 WHERE tenant = $1", tenant,
                   seq));
    }
    return {};
}

Result<void> insert_text(store::Tx& tx, const TextRow& row) {
    TRY(
        tx.run("INSERT INTO tenant_pattern_text (rowid, name, category, text) "
               "VALUES ($1, $2, $3, $4)",
               row.rowid, row.name, row.category, row.text));
    return {};
}

Result<void> delete_text(store::Tx& tx, std::int64_t rowid) {
    TRY(tx.run("DELETE FROM tenant_pattern_text WHERE rowid = $1", rowid));
    return {};
}

Result<MatchCount> count_matches(store::Tx& tx, std::string_view match, std::int64_t limit) {
    const store::Rows rows =
        TRY(tx.query("SELECT COUNT(*), COALESCE(MAX(id), 0) FROM (SELECT rowid AS id "
                     "FROM tenant_pattern_text WHERE tenant_pattern_text MATCH $1 "
                     "LIMIT $2) AS matches",
                     match, limit));
    return MatchCount{rows.integer(0, 0), rows.integer(0, 1)};
}

Result<std::vector<TextMatch>> best_matches(store::Tx& tx, std::string_view match,
                                            std::int64_t scored, std::int64_t limit) {
    // The weights of name, category and text.
    const store::Rows rows =
        TRY(tx.query("SELECT id, score FROM (SELECT rowid AS id, "
                     "-bm25(tenant_pattern_text, 4.0, 2.0, 1.0) AS score FROM tenant_pattern_text "
                     "WHERE tenant_pattern_text MATCH $1 LIMIT $2) AS matches "
                     "ORDER BY score DESC, id LIMIT $3",
                     match, scored, limit));
    std::vector<TextMatch> out;
    out.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.push_back({rows.integer(i, 0), rows.number(i, 1)});
    }
    return out;
}

Result<std::vector<TextMatch>> matches_from(store::Tx& tx, std::string_view match,
                                            std::int64_t rowid, std::int64_t limit) {
    const store::Rows rows =
        TRY(tx.query("SELECT rowid FROM tenant_pattern_text WHERE tenant_pattern_text MATCH $1 "
                     "AND rowid >= $2 LIMIT $3",
                     match, rowid, limit));
    std::vector<TextMatch> out;
    out.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.push_back({rows.integer(i, 0), 0.0});
    }
    return out;
}

}  // namespace credence::patterns::rows
