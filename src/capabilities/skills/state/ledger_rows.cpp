#include "capabilities/skills/state/ledger_rows.h"

#include <variant>

#include "base/units.h"

namespace credence::skills::ledger_rows {
namespace {

// Columns of log_page, by place: a page has thousands of rows, and names would cost more than the
// fold itself.
enum LogColumn : std::uint8_t {
    kTenant,
    kId,
    kSkillName,
    kSessionId,
    kUserId,
    kWorkflowPhase,
    kInvokedAtUs,
    kCompleted,
    kDurationSeconds,
    kRating
};

std::string_view text_at(const store::Rows& rows, std::size_t row, LogColumn column) {
    const auto* text = std::get_if<std::string>(&rows.cells[row][column]);
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

}  // namespace

void describe(Describe<Head>& d) {
    d.field<&Head::newest_id>("");
    d.field<&Head::epoch>("");
}

void describe(Describe<Fold>& d) {
    d.field<&Fold::figures_through_id>("");
    d.field<&Fold::users_through_id>("");
    d.field<&Fold::pairs_through_id>("");
    d.field<&Fold::epoch>("");
    d.field<&Fold::sessions>("");
    d.field<&Fold::ignored>("");
    d.field<&Fold::newest_at_us>("");
}

Result<Head> head(store::Tx& tx, std::string_view tenant) {
    const auto found =
        TRY(tx.query("SELECT coalesce((SELECT max(id) FROM skill_invocation), 0), "
                     "coalesce((SELECT epoch FROM skill_fold WHERE tenant = $1), 0)",
                     tenant));
    return Head{found.integer(0, 0), found.integer(0, 1)};
}

// Epochs only grow, so their sum tells whether any changed: "tenant" is not asked for on purpose.
Result<Head> head_of_all(store::Tx& tx) {
    const auto found =
        TRY(tx.query("SELECT coalesce((SELECT max(id) FROM skill_invocation), 0), "
                     "coalesce((SELECT sum(epoch) FROM skill_fold WHERE tenant <> ''), 0)"));
    return Head{found.integer(0, 0), found.integer(0, 1)};
}

Result<Fold> fold(store::Tx& tx, std::string_view tenant) {
    auto found =
        TRY(TRY(tx.query("SELECT figures_through_id, users_through_id, pairs_through_id, epoch, "
                         "sessions, ignored, newest_at_us FROM skill_fold "
                         "WHERE tenant = $1",
                         tenant))
                .as<Fold>());
    return found.empty() ? Fold{} : found.front();
}

Result<std::vector<std::string>> tenants(store::Tx& tx, std::int64_t limit) {
    const auto found =
        TRY(tx.query("SELECT DISTINCT tenant FROM skill_metrics ORDER BY tenant LIMIT $1", limit));
    std::vector<std::string> names;
    for (std::size_t row = 0; row < found.size(); ++row) {
        names.push_back(found.text(row, 0));
    }
    return names;
}

Result<LogPage> log_page(store::Tx& tx, std::string_view tenant, std::int64_t after_id,
                         std::int64_t limit) {
    const auto end =
        TRY(tx.query("SELECT coalesce(max(id), $1) FROM (SELECT tenant, id FROM skill_invocation "
                     "WHERE id > $1 ORDER BY id LIMIT $2) AS part",
                     after_id, limit));
    LogPage page;
    page.end_id = end.integer(0, 0);
    if (page.end_id == after_id) {
        return page;
    }
    // The alternative keeps the planner on the primary key: an index by tenant would have to be
    // read from its beginning and sorted.
    page.rows =
        TRY(tx.query("SELECT tenant, id, skill_name, session_id, user_id, workflow_phase, "
                     "invoked_at_us, completed, duration_seconds, rating FROM skill_invocation "
                     "WHERE id > $1 AND id <= $2 AND ($3 = '' OR tenant = $3) ORDER BY id",
                     after_id, page.end_id, tenant));
    return page;
}

std::string_view tenant_of(const LogPage& page, std::size_t row) {
    return text_at(page.rows, row, kTenant);
}

InvocationFact fact_of(const LogPage& page, std::size_t row) {
    const store::Rows& rows = page.rows;
    InvocationFact fact{.id = rows.integer(row, kId),
                        .skill_name = text_at(rows, row, kSkillName),
                        .session_id = text_at(rows, row, kSessionId),
                        .user_id = text_at(rows, row, kUserId),
                        .workflow_phase = text_at(rows, row, kWorkflowPhase),
                        .invoked_at_us = rows.integer(row, kInvokedAtUs),
                        .completed = rows.integer(row, kCompleted) != 0,
                        .duration_seconds = std::nullopt,
                        .rating = std::nullopt};
    if (!rows.is_null(row, kDurationSeconds)) {
        fact.duration_seconds = rows.number(row, kDurationSeconds);
    }
    if (!rows.is_null(row, kRating)) {
        fact.rating = rows.integer(row, kRating);
    }
    return fact;
}

Result<std::vector<SessionSkill>> session_skills(store::Tx& tx, std::string_view tenant,
                                                 std::string_view session_id,
                                                 std::int64_t through_id) {
    const auto found =
        TRY(tx.query("SELECT skill_name, min(invoked_at_us) FROM skill_invocation "
                     "WHERE tenant = $1 AND session_id = $2 AND id <= $3 "
                     "GROUP BY skill_name ORDER BY min(id)",
                     tenant, session_id, through_id));
    std::vector<SessionSkill> skills;
    for (std::size_t row = 0; row < found.size(); ++row) {
        skills.push_back({found.text(row, 0), found.integer(row, 1)});
    }
    return skills;
}

Result<std::int64_t> sessions_in(store::Tx& tx, const HourOfSkill& hour) {
    return TRY(tx.query("SELECT count(DISTINCT session_id) FROM skill_invocation "
                        "WHERE tenant = $1 AND skill_name = $2 AND invoked_at_us >= $3 "
                        "AND invoked_at_us < $4",
                        hour.tenant, hour.skill_name, hour.from_us, hour.before_us))
        .integer(0, 0);
}

Result<std::optional<std::int64_t>> oldest_at_us(store::Tx& tx, std::string_view tenant) {
    // By skill, because the index of times is.
    const auto found =
        TRY(tx.query("SELECT min((SELECT min(i.invoked_at_us) FROM skill_invocation i "
                     "WHERE i.tenant = m.tenant AND i.skill_name = m.skill_name)) "
                     "FROM skill_metrics_cache m WHERE m.tenant = $1",
                     tenant));
    return found.is_null(0, 0) ? std::nullopt : std::optional(found.integer(0, 0));
}

}  // namespace credence::skills::ledger_rows
