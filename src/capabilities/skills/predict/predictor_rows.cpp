#include "capabilities/skills/predict/predictor_rows.h"

namespace credence::skills::predictor_rows {
namespace {

StoredPredictor stored_at(const store::Rows& rows, std::size_t row) {
    return {.version = rows.integer(row, 0),
            .trained_at_us = rows.integer(row, 1),
            .outcomes = rows.integer(row, 2),
            .first_at_us = rows.integer(row, 3),
            .last_at_us = rows.integer(row, 4),
            .evaluation = rows.text(row, 5),
            .model = rows.text(row, 6)};
}

std::optional<StoredPredictor> first_stored(const store::Rows& rows) {
    return rows.empty() ? std::nullopt : std::optional(stored_at(rows, 0));
}

}  // namespace

Result<std::optional<StoredPredictor>> find(store::Tx& tx, std::string_view tenant,
                                            std::optional<std::int64_t> version) {
    return first_stored(
        TRY(tx.query("SELECT version, trained_at_us, outcomes, first_at_us, last_at_us, "
                     "evaluation, model FROM skill_predictor WHERE tenant = $1 "
                     "AND ($2 IS NULL OR version = $2) ORDER BY version DESC LIMIT 1",
                     tenant, version)));
}

Result<std::optional<StoredPredictor>> find_about(store::Tx& tx, std::string_view tenant,
                                                  std::optional<std::int64_t> version) {
    return first_stored(
        TRY(tx.query("SELECT version, trained_at_us, outcomes, first_at_us, last_at_us, "
                     "evaluation, '' FROM skill_predictor WHERE tenant = $1 "
                     "AND ($2 IS NULL OR version = $2) ORDER BY version DESC LIMIT 1",
                     tenant, version)));
}

Result<std::int64_t> newest_version(store::Tx& tx, std::string_view tenant) {
    return TRY(tx.query("SELECT coalesce(max(version), 0) FROM skill_predictor WHERE tenant = $1",
                        tenant))
        .integer(0, 0);
}

Result<std::vector<std::int64_t>> versions(store::Tx& tx, std::string_view tenant) {
    const auto found = TRY(
        tx.query("SELECT version FROM skill_predictor WHERE tenant = $1 ORDER BY version", tenant));
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < found.size(); ++i) {
        out.push_back(found.integer(i, 0));
    }
    return out;
}

Result<void> insert(store::Tx& tx, std::string_view tenant, const StoredPredictor& predictor,
                    std::int64_t keep) {
    TRY(
        tx.run("INSERT INTO skill_predictor (tenant, version, trained_at_us, outcomes, "
               "first_at_us, last_at_us, evaluation, model) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
               tenant, predictor.version, predictor.trained_at_us, predictor.outcomes,
               predictor.first_at_us, predictor.last_at_us, predictor.evaluation, predictor.model));
    TRY(tx.run("DELETE FROM skill_predictor WHERE tenant = $1 AND version <= $2", tenant,
               predictor.version - keep));
    return {};
}

Result<void> put_model(store::Tx& tx, std::string_view tenant, std::int64_t version,
                       const std::string& model) {
    TRY(tx.run("UPDATE skill_predictor SET model = $3 WHERE tenant = $1 AND version = $2", tenant,
               version, model));
    return {};
}

Result<void> remove(store::Tx& tx, std::string_view tenant, std::int64_t version) {
    TRY(tx.run("DELETE FROM skill_predictor WHERE tenant = $1 AND version = $2", tenant, version));
    return {};
}

Result<std::vector<std::string>> tenants_before(store::Tx& tx, std::int64_t trained_before_us,
                                                std::int64_t limit) {
    const auto found =
        TRY(tx.query("SELECT tenant, max(trained_at_us) AS newest FROM skill_predictor "
                     "GROUP BY tenant HAVING max(trained_at_us) < $1 ORDER BY newest LIMIT $2",
                     trained_before_us, limit));
    std::vector<std::string> out;
    for (std::size_t i = 0; i < found.size(); ++i) {
        out.push_back(found.text(i, 0));
    }
    return out;
}

Result<std::optional<std::int64_t>> epoch(store::Tx& tx, std::string_view tenant) {
    const auto found = TRY(tx.query("SELECT epoch FROM skill_fold WHERE tenant = $1", tenant));
    return found.empty() ? std::nullopt : std::optional(found.integer(0, 0));
}

Result<std::vector<OutcomeRow>> outcomes_before(store::Tx& tx, std::string_view tenant,
                                                std::int64_t before_id, std::int64_t limit) {
    const auto found =
        TRY(tx.query("SELECT id, skill_name, session_id, user_id, workflow_phase, invoked_at_us, "
                     "created_at_us, duration_seconds, completed FROM skill_invocation "
                     // Along the ids: an index on the tenant would have all its rows sorted.
                     "WHERE tenant || '' = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                     tenant, before_id, limit));
    std::vector<OutcomeRow> out;
    out.reserve(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        out.push_back({.id = found.integer(i, 0),
                       .skill_name = found.text(i, 1),
                       .session_id = found.text(i, 2),
                       .user_id = found.text(i, 3),
                       .workflow_phase = found.text(i, 4),
                       .invoked_at_us = found.integer(i, 5),
                       .created_at_us = found.integer(i, 6),
                       .duration_seconds = found.number(i, 7),
                       .completed = found.integer(i, 8) != 0});
    }
    return out;
}

}  // namespace credence::skills::predictor_rows
