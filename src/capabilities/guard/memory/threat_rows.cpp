#include "capabilities/guard/memory/threat_rows.h"

namespace credence::guard::rows {
namespace {

constexpr std::string_view kColumns =
    "SELECT threat_id, category, severity, technique, text_digest, embedder, sample, source, "
    "confirmed_by, detection_count, first_seen_at_us, last_seen_at_us, created_at_us, "
    "updated_at_us, vector FROM guard_threat WHERE tenant = $1 AND name_space = $2 ";

std::string select(std::string_view rest) {
    return std::string(kColumns).append(rest);
}

// The rows, each without its last column, which is the vector.
Result<std::vector<ThreatRow>> take(store::Rows rows) {
    std::vector<std::string> vectors;
    for (auto& cells : rows.cells) {
        auto* text = std::get_if<std::string>(&cells.back());
        vectors.push_back(text == nullptr ? std::string() : std::move(*text));
        cells.pop_back();
    }
    rows.columns.pop_back();
    auto threats = TRY(rows.as<KnownThreat>());
    std::vector<ThreatRow> out;
    out.reserve(threats.size());
    for (std::size_t i = 0; i < threats.size(); ++i) {
        out.push_back({std::move(threats[i]), std::move(vectors[i])});
    }
    return out;
}

// The names of the severities from `least` on, between commas.
std::string severities_from(const std::optional<Severity>& least) {
    const auto& names = shape_of<Severity>().enumerators;
    std::string out = ",";
    for (auto i = static_cast<std::size_t>(least.value_or(Severity::low)); i < names.size(); ++i) {
        out += names[i] + ",";
    }
    return out;
}

}  // namespace

Result<Saved> save(store::Tx& tx, const Space& space, const ThreatRow& row) {
    const KnownThreat& threat = row.threat;
    const store::Rows saved = TRY(tx.query(
        "INSERT INTO guard_threat AS known (tenant, name_space, threat_id, category, severity, "
        "technique, text_digest, embedder, vector, sample, source, confirmed_by, detection_count, "
        "first_seen_at_us, last_seen_at_us, created_at_us, updated_at_us) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) "
        "ON CONFLICT (tenant, name_space, text_digest) DO UPDATE SET "
        "category = excluded.category, severity = excluded.severity, "
        "technique = excluded.technique, embedder = excluded.embedder, vector = excluded.vector, "
        "sample = COALESCE(excluded.sample, known.sample), source = excluded.source, "
        "confirmed_by = excluded.confirmed_by, updated_at_us = excluded.updated_at_us "
        "RETURNING threat_id",
        space.tenant, space.name_space, threat.threat_id, enumerator_of(threat.category),
        enumerator_of(threat.severity), threat.technique, threat.text_digest, threat.embedder,
        row.vector, threat.sample, threat.source, threat.confirmed_by, threat.detection_count,
        threat.first_seen_at_us, threat.last_seen_at_us, threat.created_at_us,
        threat.updated_at_us));
    const ThreatId id = TRY(ThreatId::parse(saved.text(0, 0)));
    return Saved{id, id == threat.threat_id};
}

Result<std::optional<ThreatRow>> find(store::Tx& tx, const Space& space, const ThreatId& id) {
    static const std::string kSql = select("AND threat_id = $3");
    auto found = TRY(take(TRY(tx.query(kSql, space.tenant, space.name_space, id))));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<ThreatRow>> list(store::Tx& tx, const Space& space, const Filter& filter) {
    static const std::string kSql = select(
        "AND threat_id > $3 AND ($4 = '' OR category = $4) "
        "AND $5 LIKE '%,' || severity || ',%' AND ($6 = '' OR source = $6) "
        "ORDER BY threat_id LIMIT $7");
    const std::string after = filter.after ? filter.after->to_string() : std::string();
    const std::string category = filter.category ? enumerator_of(*filter.category) : std::string();
    return take(TRY(tx.query(kSql, space.tenant, space.name_space, after, category,
                             severities_from(filter.least_severity), filter.source.value_or(""),
                             filter.limit)));
}

Result<std::int64_t> count(store::Tx& tx, const Space& space) {
    return TRY(tx.query("SELECT COUNT(threat_id) FROM guard_threat "
                        "WHERE tenant = $1 AND name_space = $2",
                        space.tenant, space.name_space))
        .integer(0, 0);
}

Result<bool> remove(store::Tx& tx, const Space& space, const ThreatId& id) {
    return TRY(tx.run("DELETE FROM guard_threat "
                      "WHERE tenant = $1 AND name_space = $2 AND threat_id = $3",
                      space.tenant, space.name_space, id)) > 0;
}

Result<void> remove_all(store::Tx& tx, const Space& space) {
    TRY(tx.run("DELETE FROM guard_threat WHERE tenant = $1 AND name_space = $2", space.tenant,
               space.name_space));
    return {};
}

Result<void> save_vector(store::Tx& tx, const Space& space, const ThreatRow& row) {
    TRY(tx.run(
        "UPDATE guard_threat SET embedder = $4, vector = $5 "
        "WHERE tenant = $1 AND name_space = $2 AND threat_id = $3",
        space.tenant, space.name_space, row.threat.threat_id, row.threat.embedder, row.vector));
    return {};
}

Result<void> add_hits(store::Tx& tx, const Space& space, const std::vector<Hits>& hits) {
    for (const Hits& hit : hits) {
        TRY(
            tx.run("UPDATE guard_threat SET detection_count = detection_count + $4, "
                   "last_seen_at_us = CASE WHEN last_seen_at_us > $5 THEN last_seen_at_us "
                   "ELSE $5 END WHERE tenant = $1 AND name_space = $2 AND threat_id = $3",
                   space.tenant, space.name_space, hit.threat_id, hit.count, hit.last_at_us));
    }
    return {};
}

Result<std::vector<Space>> spaces(store::Tx& tx) {
    const store::Rows found =
        TRY(tx.query("SELECT DISTINCT tenant, name_space FROM guard_threat "
                     "ORDER BY tenant, name_space"));
    std::vector<Space> out;
    for (std::size_t i = 0; i < found.size(); ++i) {
        out.push_back({found.text(i, 0), found.text(i, 1)});
    }
    return out;
}

}  // namespace credence::guard::rows
