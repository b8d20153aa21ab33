#include "capabilities/skills/experiments/experiment_rows.h"

#include "base/json.h"

namespace credence::skills {
namespace {

// As ExperimentSums is read from its row.
struct SumsRow {
    ExperimentSums state;
};

void describe(Describe<SumsRow>& d) {
    d.field<&SumsRow::state>("");
}

}  // namespace

void describe(Describe<TestRow>& d) {
    d.field<&TestRow::test_id>("");
    d.field<&TestRow::test_name>("");
    d.field<&TestRow::description>("");
    d.field<&TestRow::arms>("");
    d.field<&TestRow::metrics>("");
    d.field<&TestRow::start_date_us>("");
    d.field<&TestRow::end_date_us>("");
    d.field<&TestRow::min_sample_size>("");
    d.field<&TestRow::status>("");
    d.field<&TestRow::ended_at_us>("");
    d.field<&TestRow::decision>("");
    d.field<&TestRow::created_by>("");
    d.field<&TestRow::created_at_us>("");
    d.field<&TestRow::updated_at_us>("");
}

void describe(Describe<AssignmentRow>& d) {
    d.field<&AssignmentRow::group_name>("");
    d.field<&AssignmentRow::assigned_at_us>("");
    d.field<&AssignmentRow::covariate>("");
}

void describe(Describe<SubjectRow>& d) {
    d.field<&SubjectRow::user_id>("");
    d.field<&SubjectRow::group_name>("");
    d.field<&SubjectRow::covariate>("");
    d.field<&SubjectRow::outcomes>("");
    d.field<&SubjectRow::judged>("");
    d.field<&SubjectRow::completed>("");
    d.field<&SubjectRow::timed>("");
    d.field<&SubjectRow::duration_sum_seconds>("");
    d.field<&SubjectRow::log_duration_sum>("");
    d.field<&SubjectRow::rated>("");
    d.field<&SubjectRow::rating_sum>("");
}

void describe(Describe<TenantTest>& d) {
    d.field<&TenantTest::tenant>("");
    d.field<&TenantTest::test_id>("");
}

std::optional<std::size_t> TestRow::find_arm(std::string_view name) const {
    for (std::size_t arm = 0; arm < arms.size(); ++arm) {
        if (arms[arm].name == name) {
            return arm;
        }
    }
    return std::nullopt;
}

namespace experiment_rows {
namespace {

constexpr std::string_view kTest =
    "SELECT test_id, test_name, description, arms, metrics, start_date_us, end_date_us, "
    "min_sample_size, status, ended_at_us, decision, created_by, created_at_us, updated_at_us "
    "FROM ab_test_configs WHERE tenant = $1 AND ";

constexpr std::string_view kSubject =
    "SELECT a.user_id, a.group_name, a.covariate, coalesce(u.outcomes, 0) AS outcomes, "
    "coalesce(u.judged, 0) AS judged, coalesce(u.completed, 0) AS completed, "
    "coalesce(u.timed, 0) AS timed, coalesce(u.duration_sum_seconds, 0.0) AS duration_sum_seconds, "
    "coalesce(u.log_duration_sum, 0.0) AS log_duration_sum, coalesce(u.rated, 0) AS rated, "
    "coalesce(u.rating_sum, 0) AS rating_sum FROM ab_test_assignments a "
    "LEFT JOIN ab_test_users u ON u.tenant = a.tenant AND u.test_id = a.test_id "
    "AND u.user_id = a.user_id WHERE a.tenant = $1 AND a.test_id = $2 AND ";

std::string joined(std::string_view select, std::string_view rest) {
    return std::string(select).append(rest);
}

template <class T>
std::optional<T> first_of(std::vector<T> rows) {
    return rows.empty() ? std::nullopt : std::optional(std::move(rows.front()));
}

std::optional<std::string> decision_text(const TestRow& row) {
    return row.decision ? std::optional(to_json(*row.decision)) : std::nullopt;
}

template <class T>
std::string list_text(const std::vector<T>& items) {
    std::string text;
    encode_json(shape_of<std::vector<T>>(), &items, text);
    return text;
}

}  // namespace

Result<void> insert(store::Tx& tx, std::string_view tenant, TestRow& row) {
    const auto same =
        TRY(tx.query("SELECT test_id FROM ab_test_configs WHERE tenant = $1 AND test_name = $2",
                     tenant, row.test_name));
    if (!same.empty()) {
        return fail(Code::conflict, "an experiment of this name exists", "test_name");
    }
    const auto next = TRY(tx.query(
        "SELECT coalesce(max(test_id), 0) + 1 FROM ab_test_configs WHERE tenant = $1", tenant));
    row.test_id = next.integer(0, 0);
    const std::string arms = list_text(row.arms);
    const std::string metrics = list_text(row.metrics);
    const auto decision = decision_text(row);
    TRY(
        tx.run("INSERT INTO ab_test_configs (tenant, test_id, test_name, description, arms, "
               "metrics, start_date_us, end_date_us, min_sample_size, status, ended_at_us, "
               "decision, created_by, created_at_us, updated_at_us) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
               tenant, row.test_id, row.test_name, row.description, arms, metrics,
               row.start_date_us, row.end_date_us, row.min_sample_size, enumerator_of(row.status),
               row.ended_at_us, decision, row.created_by, row.created_at_us, row.updated_at_us));
    return {};
}

Result<std::optional<TestRow>> find(store::Tx& tx, std::string_view tenant, std::int64_t test_id) {
    static const std::string kSql = joined(kTest, "test_id = $2");
    return first_of(TRY(TRY(tx.query(kSql, tenant, test_id)).as<TestRow>()));
}

Result<void> update(store::Tx& tx, std::string_view tenant, const TestRow& row) {
    const auto decision = decision_text(row);
    TRY(
        tx.run("UPDATE ab_test_configs SET status = $3, ended_at_us = $4, decision = $5, "
               "updated_at_us = $6 WHERE tenant = $1 AND test_id = $2",
               tenant, row.test_id, enumerator_of(row.status), row.ended_at_us, decision,
               row.updated_at_us));
    return {};
}

Result<std::vector<TestRow>> list(store::Tx& tx, std::string_view tenant, const ListTests& query) {
    static const std::string kAll = joined(kTest, "test_id > $2 ORDER BY test_id LIMIT $3");
    static const std::string kSome =
        joined(kTest, "test_id > $2 AND status = $4 ORDER BY test_id LIMIT $3");
    if (!query.status) {
        return TRY(tx.query(kAll, tenant, query.after, query.limit)).as<TestRow>();
    }
    return TRY(tx.query(kSome, tenant, query.after, query.limit, enumerator_of(*query.status)))
        .as<TestRow>();
}

Result<std::vector<TenantTest>> overdue(store::Tx& tx, std::int64_t now_us, std::int64_t limit) {
    return TRY(tx.query("SELECT tenant, test_id FROM ab_test_configs "
                        "WHERE status IN ('running', 'paused') AND end_date_us <= $1 "
                        "ORDER BY end_date_us, tenant, test_id LIMIT $2",
                        now_us, limit))
        .as<TenantTest>();
}

Result<std::optional<AssignmentRow>> assignment(store::Tx& tx, const UserKey& key) {
    return first_of(
        TRY(TRY(tx.query("SELECT group_name, assigned_at_us, covariate FROM ab_test_assignments "
                         "WHERE tenant = $1 AND test_id = $2 AND user_id = $3",
                         key.tenant, key.test_id, key.user_id))
                .as<AssignmentRow>()));
}

Result<bool> assign(store::Tx& tx, const UserKey& key, const AssignmentRow& row) {
    return TRY(tx.run("INSERT INTO ab_test_assignments (tenant, test_id, user_id, group_name, "
                      "assigned_at_us, covariate) VALUES ($1, $2, $3, $4, $5, $6) "
                      "ON CONFLICT (tenant, test_id, user_id) DO NOTHING",
                      key.tenant, key.test_id, key.user_id, row.group_name, row.assigned_at_us,
                      row.covariate)) > 0;
}

Result<std::optional<SubjectRow>> subject(store::Tx& tx, const UserKey& key) {
    static const std::string kSql = joined(kSubject, "a.user_id = $3");
    return first_of(
        TRY(TRY(tx.query(kSql, key.tenant, key.test_id, key.user_id)).as<SubjectRow>()));
}

Result<void> put_totals(store::Tx& tx, const UserKey& key, const UserTotals& totals) {
    TRY(
        tx.run("INSERT INTO ab_test_users (tenant, test_id, user_id, outcomes, judged, completed, "
               "timed, duration_sum_seconds, log_duration_sum, rated, rating_sum) "
               "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
               "ON CONFLICT (tenant, test_id, user_id) DO UPDATE SET outcomes = $4, judged = $5, "
               "completed = $6, timed = $7, duration_sum_seconds = $8, log_duration_sum = $9, "
               "rated = $10, rating_sum = $11",
               key.tenant, key.test_id, key.user_id, totals.outcomes, totals.judged,
               totals.completed, totals.timed, totals.duration_sum_seconds, totals.log_duration_sum,
               totals.rated, totals.rating_sum));
    return {};
}

Result<std::int64_t> insert_outcome(store::Tx& tx, const UserKey& key, const RecordOutcome& outcome,
                                    std::int64_t now_us) {
    const auto made = TRY(
        tx.query("INSERT INTO ab_test_outcomes (tenant, test_id, user_id, skill_name, completed, "
                 "duration_seconds, user_rating, recorded_at_us) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING outcome_id",
                 key.tenant, key.test_id, key.user_id, outcome.skill_name, outcome.completed,
                 outcome.duration_seconds, outcome.user_rating, now_us));
    return made.integer(0, 0);
}

Result<std::vector<SubjectRow>> subjects(store::Tx& tx, std::string_view tenant,
                                         std::int64_t test_id, const SubjectPage& page) {
    static const std::string kSql = joined(kSubject, "a.user_id > $3 ORDER BY a.user_id LIMIT $4");
    return TRY(tx.query(kSql, tenant, test_id, page.after, page.limit)).as<SubjectRow>();
}

Result<std::vector<std::int64_t>> tests_of_user(store::Tx& tx, std::string_view tenant,
                                                std::string_view user_id) {
    const auto found =
        TRY(tx.query("SELECT c.test_id FROM ab_test_configs c "
                     "JOIN ab_test_assignments a ON a.tenant = c.tenant AND a.test_id = c.test_id "
                     "AND a.user_id = $2 WHERE c.tenant = $1 ORDER BY c.test_id",
                     tenant, user_id));
    std::vector<std::int64_t> tests(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        tests[i] = found.integer(i, 0);
    }
    return tests;
}

Result<void> erase_user(store::Tx& tx, const UserKey& key) {
    TRY(tx.run("DELETE FROM ab_test_outcomes WHERE tenant = $1 AND test_id = $2 AND user_id = $3",
               key.tenant, key.test_id, key.user_id));
    TRY(tx.run("DELETE FROM ab_test_users WHERE tenant = $1 AND test_id = $2 AND user_id = $3",
               key.tenant, key.test_id, key.user_id));
    TRY(
        tx.run("DELETE FROM ab_test_assignments WHERE tenant = $1 AND test_id = $2 "
               "AND user_id = $3",
               key.tenant, key.test_id, key.user_id));
    return {};
}

Result<std::optional<ExperimentSums>> sums(store::Tx& tx, std::string_view tenant,
                                           std::int64_t test_id) {
    auto found =
        TRY(TRY(tx.query("SELECT state FROM ab_test_state WHERE tenant = $1 AND test_id = $2",
                         tenant, test_id))
                .as<SumsRow>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front().state));
}

Result<void> put_sums(store::Tx& tx, std::string_view tenant, std::int64_t test_id,
                      const StampedSums& stamped) {
    const std::string text = to_json(stamped.sums);
    TRY(
        tx.run("INSERT INTO ab_test_state (tenant, test_id, state, updated_at_us) "
               "VALUES ($1, $2, $3, $4) ON CONFLICT (tenant, test_id) "
               "DO UPDATE SET state = $3, updated_at_us = $4",
               tenant, test_id, text, stamped.now_us));
    return {};
}

}  // namespace experiment_rows
}  // namespace credence::skills
