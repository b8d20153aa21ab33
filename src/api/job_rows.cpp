#include "api/job_rows.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/log.h"

namespace credence::job_rows {
namespace {

constexpr std::string_view kJobColumns =
    "id, operation, state, created_at_us, started_at_us, finished_at_us, attempts, result,"
    " error_code, error_message, error_field";
constexpr std::string_view kRecordColumns = ", actor, cancel_requested";
constexpr std::string_view kClaimedColumns =
    "tenant, id, operation, request, name_space, actor, scopes, request_id, attempts,"
    " cancel_requested";

std::string scopes_json(const Scopes& scopes) {
    return to_json(scopes.granted());
}

Result<std::vector<std::string>> scopes_from(const std::string& json) {
    return from_json<std::vector<std::string>>(json);
}

Result<Claimed> read_claimed(const store::Rows& rows, std::size_t row) {
    Claimed claimed;
    claimed.context.tenant = rows.text(row, 0);
    claimed.id = TRY(JobId::parse(rows.text(row, 1)));
    claimed.operation = rows.text(row, 2);
    claimed.request = rows.text(row, 3);
    claimed.context.name_space = rows.text(row, 4);
    claimed.context.actor = rows.text(row, 5);
    claimed.context.scopes = Scopes(TRY(scopes_from(rows.text(row, 6))));
    claimed.context.request_id = TRY(RequestId::parse(rows.text(row, 7)));
    claimed.context.surface = "job";
    claimed.attempts = rows.integer(row, 8);
    claimed.cancel_requested = rows.integer(row, 9) != 0;
    return claimed;
}

// The last two columns are kRecordColumns.
Result<std::vector<JobRecord>> read_records(store::Rows rows) {
    std::vector<JobRecord> records(rows.size());
    if (rows.empty()) {
        return records;
    }
    const std::size_t actor = rows.columns.size() - 2;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        records[i].actor = rows.text(i, actor);
        records[i].cancel_requested = rows.integer(i, actor + 1) != 0;
        rows.cells[i].resize(actor);
    }
    rows.columns.resize(actor);
    std::vector<Job> jobs = TRY(rows.as<Job>());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        static_cast<Job&>(records[i]) = std::move(jobs[i]);
    }
    return records;
}

Result<void> emit_changed(store::Tx& tx, const Context& who, const JobChanged& changed) {
    return tx.emit(who, changed);
}

}  // namespace

Result<void> insert(store::Tx& tx, const Context& context, const NewJob& job) {
    TRY(
        tx.run("INSERT INTO job (tenant, id, operation, request, name_space, actor, scopes,"
               " request_id, state, created_at_us)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
               context.tenant, job.id, job.operation, job.request, context.name_space,
               context.actor, scopes_json(context.scopes), context.request_id,
               enumerator_of(JobState::queued), job.created_at_us));
    return emit_changed(tx, context, {job.id, std::string(job.operation), JobState::queued});
}

Result<std::int64_t> count_queued(store::Tx& tx, std::string_view tenant, int limit) {
    const store::Rows rows =
        TRY(tx.query("SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE tenant = $1"
                     " AND state = 'queued' LIMIT $2) AS waiting",
                     tenant, limit));
    return rows.integer(0, 0);
}

Result<Job> find(store::Tx& tx, std::string_view tenant, const JobId& id) {
    const std::string sql =
        "SELECT " + std::string(kJobColumns) + " FROM job WHERE tenant = $1 AND id = $2";
    const store::Rows rows = TRY(tx.query(sql, tenant, id));
    if (rows.empty()) {
        return fail(Code::not_found, "there is no such job", "id");
    }
    return TRY(rows.as<Job>()).front();
}

Result<JobRecord> find_record(store::Tx& tx, std::string_view tenant, const JobId& id) {
    std::string sql = "SELECT " + std::string(kJobColumns);
    sql += kRecordColumns;
    sql += " FROM job WHERE tenant = $1 AND id = $2";
    store::Rows rows = TRY(tx.query(sql, tenant, id));
    if (rows.empty()) {
        return fail(Code::not_found, "there is no such job", "id");
    }
    return TRY(read_records(std::move(rows))).front();
}

Result<std::vector<Job>> list(store::Tx& tx, std::string_view tenant, std::optional<JobState> state,
                              int limit) {
    const std::string head = "SELECT " + std::string(kJobColumns) + " FROM job WHERE tenant = $1";
    if (!state) {
        const store::Rows rows = TRY(tx.query(head + " ORDER BY id DESC LIMIT $2", tenant, limit));
        return rows.as<Job>();
    }
    const store::Rows rows = TRY(tx.query(head + " AND state = $2 ORDER BY id DESC LIMIT $3",
                                          tenant, enumerator_of(*state), limit));
    return rows.as<Job>();
}

Result<std::vector<JobRecord>> list_own(store::Tx& tx, const Context& who,
                                        const std::optional<JobId>& before, int limit) {
    // Above every id, since those are in lower case.
    const std::string bound = before ? before->to_string() : std::string("g");
    return read_records(
        TRY(tx.query("SELECT id, operation, state, created_at_us, started_at_us, finished_at_us,"
                     " attempts, NULL AS result, error_code, error_message, error_field, actor,"
                     " cancel_requested FROM job WHERE tenant = $1 AND actor = $2 AND id < $3"
                     " ORDER BY id DESC LIMIT $4",
                     who.tenant, who.actor, bound, limit)));
}

Result<std::optional<Claimed>> claim(store::Tx& tx, const std::vector<std::string>& full,
                                     std::int64_t now_us) {
    // Workers serve every tenant: the context of the row that is taken says which.
    std::string sql =
        "UPDATE job SET state = 'running', started_at_us = $1,"
        " attempts = attempts + 1 WHERE (tenant, id) IN"
        " (SELECT tenant, id FROM job WHERE state = 'queued'";
    std::vector<store::Parameter> parameters{now_us};
    for (const std::string& operation : full) {
        parameters.emplace_back(operation);
        sql += " AND operation <> $" + std::to_string(parameters.size());
    }
    sql += " ORDER BY id LIMIT 1) RETURNING " + std::string(kClaimedColumns);
    const store::Rows rows = TRY(tx.query_span(sql, parameters));
    if (rows.empty()) {
        return std::optional<Claimed>();
    }
    Claimed claimed = TRY(read_claimed(rows, 0));
    TRY(emit_changed(tx, claimed.context, {claimed.id, claimed.operation, JobState::running}));
    return std::optional(std::move(claimed));
}

Result<bool> finish(store::Tx& tx, const Claimed& job, const Ending& ending) {
    std::optional<std::string> code;
    std::optional<std::string> message;
    std::optional<std::string> field;
    if (ending.error) {
        code = to_string(ending.error->code);
        message = ending.error->message;
        if (!ending.error->field.empty()) {
            field = ending.error->field;
        }
    }
    const std::int64_t changed =
        TRY(tx.run("UPDATE job SET state = $4, finished_at_us = $5, result = $6, error_code = $7,"
                   " error_message = $8, error_field = $9,"
                   " request = CASE WHEN $4 = 'interrupted' THEN request ELSE '' END"
                   " WHERE tenant = $1 AND id = $2 AND state = 'running' AND attempts = $3",
                   job.context.tenant, job.id, job.attempts, enumerator_of(ending.state),
                   ending.at_us, ending.result, code, message, field));
    if (changed == 0) {
        return false;
    }
    TRY(emit_changed(tx, job.context, {job.id, job.operation, ending.state}));
    return true;
}

Result<bool> requeue(store::Tx& tx, const Claimed& job, std::int64_t attempts) {
    const std::int64_t changed =
        TRY(tx.run("UPDATE job SET state = 'queued', started_at_us = NULL, attempts = $4"
                   " WHERE tenant = $1 AND id = $2 AND state = 'running' AND attempts = $3",
                   job.context.tenant, job.id, job.attempts, attempts));
    if (changed == 0) {
        return false;
    }
    TRY(emit_changed(tx, job.context, {job.id, job.operation, JobState::queued}));
    return true;
}

Result<void> cancel_queued(store::Tx& tx, const Context& context, const Job& job,
                           std::int64_t now_us) {
    const std::int64_t changed =
        TRY(tx.run("UPDATE job SET state = 'cancelled', finished_at_us = $3, request = ''"
                   " WHERE tenant = $1 AND id = $2 AND state = 'queued'",
                   context.tenant, job.id, now_us));
    if (changed == 0) {
        return fail(Code::conflict, "the job no longer waits");
    }
    return emit_changed(tx, context, {job.id, job.operation, JobState::cancelled});
}

Result<void> request_cancel(store::Tx& tx, std::string_view tenant, const JobId& id) {
    TRY(tx.run("UPDATE job SET cancel_requested = 1 WHERE tenant = $1 AND id = $2", tenant, id));
    return {};
}

Result<std::vector<Claimed>> running(store::Tx& tx, std::string_view after, int limit) {
    const std::string sql = "SELECT " + std::string(kClaimedColumns) +
                            " FROM job WHERE state = 'running' AND id > $1 ORDER BY id LIMIT $2";
    const store::Rows rows = TRY(tx.query(sql, after, limit));
    std::vector<Claimed> found;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        found.push_back(TRY(read_claimed(rows, i)));
    }
    return found;
}

}  // namespace credence::job_rows
