#include "capabilities/skills/search/search_rows.h"

namespace credence::skills::search_rows {

void describe(Describe<Head>& d) {
    d.field<&Head::through_id>("Newest row of the log that was read");
    d.field<&Head::epoch>("Changes when wordings were removed");
}

void describe(Describe<Asked>& d) {
    d.field<&Asked::id>("Row of the log");
    d.field<&Asked::skill_name>("Skill");
    d.field<&Asked::user_query>("What was asked");
    d.field<&Asked::embedding>("The caller's own vector");
    d.field<&Asked::completed>("Whether it went well");
    d.field<&Asked::invoked_at_us>("When");
}

void describe(Describe<Wording>& d) {
    d.field<&Wording::number>("Its number, also in the word index");
    d.field<&Wording::skill_name>("Skill");
    d.field<&Wording::query_hash>("What tells wordings apart");
    d.field<&Wording::user_query>("As it was first asked");
    d.field<&Wording::embedder>("What made the vector");
    d.field<&Wording::vector>("Its meaning");
    d.field<&Wording::uses>("How often it was asked");
    d.field<&Wording::completed>("How often it went well");
    d.field<&Wording::last_at_us>("When it was asked last");
}

Result<Head> head(store::Tx& tx, std::string_view tenant) {
    const auto found = TRY(
        TRY(tx.query("SELECT through_id, epoch FROM skill_search_head WHERE tenant = $1", tenant))
            .as<Head>());
    return found.empty() ? Head{} : found.front();
}

Result<void> put_head(store::Tx& tx, std::string_view tenant, const Head& head) {
    TRY(
        tx.run("INSERT INTO skill_search_head (tenant, through_id, epoch) VALUES ($1, $2, $3) "
               "ON CONFLICT (tenant) DO UPDATE SET through_id = $2, epoch = $3",
               tenant, head.through_id, head.epoch));
    return {};
}

Result<std::int64_t> newest_id(store::Tx& tx, std::string_view tenant) {
    const auto rows = TRY(tx.query(
        "SELECT id FROM skill_invocation WHERE tenant = $1 ORDER BY id DESC LIMIT 1", tenant));
    return rows.empty() ? 0 : rows.integer(0, 0);
}

Result<std::vector<Asked>> asked_after(store::Tx& tx, std::string_view tenant, std::int64_t id,
                                       std::int64_t limit) {
    return TRY(tx.query("SELECT id, skill_name, user_query, embedding, completed, invoked_at_us "
                        "FROM skill_invocation WHERE tenant = $1 AND id > $2 "
                        "AND user_query IS NOT NULL ORDER BY id LIMIT $3",
                        tenant, id, limit))
        .as<Asked>();
}

Result<std::vector<Asked>> embedded_after(store::Tx& tx, std::string_view tenant, std::int64_t id,
                                          std::int64_t limit) {
    return TRY(tx.query("SELECT * FROM (SELECT id, skill_name, NULL AS user_query, embedding, "
                        "completed, invoked_at_us FROM skill_invocation WHERE tenant = $1 "
                        "AND id > $2 AND embedding IS NOT NULL ORDER BY id DESC LIMIT $3) "
                        "ORDER BY id",
                        tenant, id, limit))
        .as<Asked>();
}

Result<bool> count_use(store::Tx& tx, std::string_view tenant, const Wording& wording) {
    return TRY(tx.run("UPDATE skill_query SET uses = uses + $4, completed = completed + $5, "
                      "last_at_us = max(last_at_us, $6) WHERE tenant = $1 AND skill_name = $2 "
                      "AND query_hash = $3",
                      tenant, wording.skill_name, wording.query_hash, wording.uses,
                      wording.completed, wording.last_at_us)) > 0;
}

Result<void> insert(store::Tx& tx, std::string_view tenant, const Wording& wording,
                    std::string_view words) {
    const auto row = TRY(tx.query(
        "INSERT INTO skill_query (tenant, skill_name, query_hash, user_query, embedder, vector, "
        "uses, completed, last_at_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
        "RETURNING number",
        tenant, wording.skill_name, wording.query_hash, wording.user_query, wording.embedder,
        wording.vector, wording.uses, wording.completed, wording.last_at_us));
    TRY(tx.run("INSERT INTO skill_invocation_fts (rowid, user_query, tenant) VALUES ($1, $2, $3)",
               row.integer(0, 0), words, tenant));
    return {};
}

Result<std::vector<Wording>> after(store::Tx& tx, std::string_view tenant, std::int64_t number,
                                   std::int64_t limit) {
    return TRY(tx.query("SELECT number, skill_name, query_hash, user_query, embedder, vector, "
                        "uses, completed, last_at_us FROM skill_query "
                        "WHERE tenant = $1 AND number > $2 ORDER BY number LIMIT $3",
                        tenant, number, limit))
        .as<Wording>();
}

Result<std::optional<Wording>> find(store::Tx& tx, std::string_view tenant, std::int64_t number) {
    auto found = TRY(TRY(tx.query("SELECT number, skill_name, query_hash, user_query, embedder, "
                                  "vector, uses, completed, last_at_us FROM skill_query "
                                  "WHERE tenant = $1 AND number = $2",
                                  tenant, number))
                         .as<Wording>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<WordMatch>> matches(store::Tx& tx, std::string_view tenant,
                                       std::string_view expression, std::int64_t limit) {
    const auto rows =
        TRY(tx.query("SELECT rowid, bm25(skill_invocation_fts) FROM skill_invocation_fts "
                     "WHERE skill_invocation_fts MATCH $2 AND tenant = $1 ORDER BY rank LIMIT $3",
                     tenant, expression, limit));
    std::vector<WordMatch> out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        // SQLite's bm25 is negative, the better the smaller.
        out.push_back({rows.integer(i, 0), -rows.number(i, 1)});
    }
    return out;
}

Result<std::vector<std::string>> skills_of_session(store::Tx& tx, std::string_view tenant,
                                                   std::string_view session_id) {
    const auto rows =
        TRY(tx.query("SELECT skill_name FROM session_skills WHERE tenant = $1 AND session_id = $2 "
                     "ORDER BY skill_name",
                     tenant, session_id));
    std::vector<std::string> out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        out.push_back(rows.text(i, 0));
    }
    return out;
}

Result<void> forget_all(store::Tx& tx, std::string_view tenant) {
    TRY(
        tx.run("DELETE FROM skill_invocation_fts WHERE rowid IN "
               "(SELECT number FROM skill_query WHERE tenant = $1)",
               tenant));
    TRY(tx.run("DELETE FROM skill_query WHERE tenant = $1", tenant));
    const Head before = TRY(head(tx, tenant));
    return put_head(tx, tenant, {.through_id = 0, .epoch = before.epoch + 1});
}

Result<std::int64_t> forget_before(store::Tx& tx, std::int64_t at_us, std::int64_t limit) {
    const auto old = TRY(tx.query(
        "SELECT tenant, number FROM skill_query WHERE last_at_us < $1 LIMIT $2", at_us, limit));
    for (std::size_t i = 0; i < old.size(); ++i) {
        const std::string tenant = old.text(i, 0);
        const std::int64_t number = old.integer(i, 1);
        TRY(tx.run("DELETE FROM skill_invocation_fts WHERE rowid = $1 AND tenant = $2", number,
                   tenant));
        TRY(tx.run("DELETE FROM skill_query WHERE tenant = $1 AND number = $2", tenant, number));
        TRY(tx.run("UPDATE skill_search_head SET epoch = epoch + 1 WHERE tenant = $1", tenant));
    }
    return static_cast<std::int64_t>(old.size());
}

}  // namespace credence::skills::search_rows
