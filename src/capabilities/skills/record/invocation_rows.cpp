#include "capabilities/skills/record/invocation_rows.h"

#include <utility>

namespace credence::skills::invocation_rows {
namespace {

using store::Parameter;
using store::Rows;
using store::Tx;

const record::ManyRowsSql& append_sql() {
    static const record::ManyRowsSql sql(
        {.head = "INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, session_id, "
                 "user_id, workflow_path, completed, duration_seconds, user_query, "
                 "alternatives_considered, selection_rank, follow_up_actions, error_type, rating, "
                 "embedding, workflow_phase, workflow_step_id, created_at_us) VALUES ",
         .columns = 16,
         .timed = true,
         .tail = " RETURNING id"});
    return sql;
}

const record::ManyRowsSql& count_sql() {
    static const record::ManyRowsSql sql(
        {.head = "INSERT INTO skill_counter (tenant, skill_name, kind, value, uses) VALUES ",
         .columns = 4,
         .timed = false,
         .tail = " ON CONFLICT (tenant, skill_name, kind, value) DO UPDATE SET "
                 "uses = uses + excluded.uses"});
    return sql;
}

void bind_entry(const Entry& entry, std::vector<Parameter>& out) {
    const record::NewInvocation& row = *entry.row;
    out.emplace_back(row.skill_name);
    out.emplace_back(row.invoked_at_us);
    out.emplace_back(row.session_id);
    out.emplace_back(*entry.user_id);
    out.emplace_back(row.workflow_path);
    out.emplace_back(row.completed);
    out.emplace_back(row.duration_seconds);
    out.emplace_back(row.user_query);
    out.emplace_back(row.alternatives_considered);
    out.emplace_back(row.selection_rank);
    out.emplace_back(row.follow_up_actions);
    out.emplace_back(row.error_type);
    out.emplace_back(row.rating);
    out.emplace_back(row.embedding);
    out.emplace_back(row.workflow_phase);
    out.emplace_back(row.workflow_step_id);
}

}  // namespace

void describe(Describe<Place>& d) {
    d.field<&Place::invocation_id>("");
    d.field<&Place::invoked_at_us>("");
    d.field<&Place::visible>("");
}

void describe(Describe<OpenRow>& d) {
    d.field<&OpenRow::handle>("");
    d.field<&OpenRow::session_id>("");
    d.field<&OpenRow::started_at_us>("");
    d.field<&OpenRow::draft>("");
}

Result<std::vector<std::int64_t>> append(Tx& tx, const record::Stamp& stamp,
                                         std::span<const Entry> entries) {
    std::vector<std::int64_t> ids;
    ids.reserve(entries.size());
    TRY(record::insert_many(tx, append_sql(), stamp, entries, bind_entry, [&](const Rows& made) {
        for (std::size_t i = 0; i < made.size(); ++i) {
            ids.push_back(made.integer(i, 0));
        }
    }));
    return ids;
}

Result<void> add_counts(Tx& tx, std::string_view tenant, std::span<const CounterChange> changes) {
    const auto bind_change = [](const CounterChange& change, std::vector<Parameter>& out) {
        out.emplace_back(change.skill_name);
        out.emplace_back(change.kind);
        out.emplace_back(change.value);
        out.emplace_back(change.uses);
    };
    return record::insert_many(tx, count_sql(), {.tenant = tenant, .now_us = 0}, changes,
                               bind_change);
}

std::string_view invocation_columns() {
    return "i.id AS invocation_id, i.session_id, i.skill_name, i.invoked_at_us, i.completed, "
           "i.duration_seconds, i.workflow_path, i.user_query, "
           "coalesce(i.alternatives_considered, '[]') AS alternatives_considered, "
           "i.selection_rank, coalesce(i.follow_up_actions, '[]') AS follow_up_actions, "
           "i.error_type, i.rating, i.workflow_phase, i.workflow_step_id, i.user_id, "
           "CASE WHEN i.embedding IS NULL THEN 0 ELSE 1 END AS has_embedding, i.created_at_us";
}

Result<std::optional<Invocation>> find(Tx& tx, std::string_view tenant, std::string_view name_space,
                                       std::int64_t id) {
    const Rows rows = TRY(tx.query(
        std::string("SELECT ") + std::string(invocation_columns()) +
            " FROM skill_invocation i JOIN skill_session s ON s.tenant = i.tenant AND "
            "s.session_id = i.session_id WHERE i.id = $2 AND i.tenant = $1 AND s.name_space = $3",
        tenant, id, name_space));
    auto found = TRY(rows.as<Invocation>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Invocation>> list(Tx& tx, std::string_view tenant, const OfSession& page) {
    const Rows rows = TRY(tx.query(
        std::string("SELECT ") + std::string(invocation_columns()) +
            " FROM skill_invocation i WHERE i.tenant = $1 AND i.session_id = $2 AND i.id > $3 AND "
            "($4 IS NULL OR i.skill_name = $4) ORDER BY i.id LIMIT $5",
        tenant, page.session_id, page.after_id, page.skill_name, page.limit));
    return rows.as<Invocation>();
}

Result<std::vector<Place>> places(Tx& tx, std::string_view tenant, const OfSkill& page) {
    const Rows rows = TRY(tx.query(
        "SELECT i.id AS invocation_id, i.invoked_at_us, "
        "CASE WHEN s.name_space = $3 THEN 1 ELSE 0 END AS visible "
        "FROM skill_invocation i LEFT JOIN skill_session s ON s.tenant = i.tenant AND "
        "s.session_id = i.session_id WHERE i.tenant = $1 AND i.skill_name = $2 AND "
        "i.invoked_at_us <= $4 AND (i.invoked_at_us < $4 OR i.id < $5) "
        "ORDER BY i.invoked_at_us DESC, i.id DESC LIMIT $6",
        tenant, page.skill_name, page.name_space, page.before_at_us, page.before_id, page.limit));
    return rows.as<Place>();
}

Result<std::int64_t> count_open(Tx& tx, std::string_view tenant, std::string_view session_id) {
    const Rows rows = TRY(
        tx.query("SELECT count(*) FROM skill_open_invocation WHERE tenant = $1 AND session_id = $2",
                 tenant, session_id));
    return rows.integer(0, 0);
}

Result<void> insert_open(Tx& tx, std::string_view tenant, const OpenRow& row) {
    TRY(tx.run(
        "INSERT INTO skill_open_invocation (tenant, handle, session_id, started_at_us, draft) "
        "VALUES ($1, $2, $3, $4, $5)",
        tenant, row.handle, row.session_id, row.started_at_us, row.draft));
    return {};
}

Result<std::optional<OpenRow>> find_open(Tx& tx, std::string_view tenant,
                                         std::string_view name_space, std::string_view handle) {
    const Rows rows = TRY(tx.query(
        "SELECT o.handle, o.session_id, o.started_at_us, o.draft FROM skill_open_invocation o "
        "JOIN skill_session s ON s.tenant = o.tenant AND s.session_id = o.session_id "
        "WHERE o.tenant = $1 AND o.handle = $2 AND s.name_space = $3",
        tenant, handle, name_space));
    auto found = TRY(rows.as<OpenRow>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<bool> remove_open(Tx& tx, std::string_view tenant, std::string_view handle) {
    return TRY(tx.run("DELETE FROM skill_open_invocation WHERE tenant = $1 AND handle = $2", tenant,
                      handle)) == 1;
}

Result<std::vector<OpenRow>> list_open(Tx& tx, std::string_view tenant, std::string_view session_id,
                                       std::int64_t limit) {
    const Rows rows = TRY(
        tx.query("SELECT handle, session_id, started_at_us, draft FROM skill_open_invocation "
                 "WHERE tenant = $1 AND session_id = $2 ORDER BY started_at_us, handle LIMIT $3",
                 tenant, session_id, limit));
    return rows.as<OpenRow>();
}

}  // namespace credence::skills::invocation_rows
