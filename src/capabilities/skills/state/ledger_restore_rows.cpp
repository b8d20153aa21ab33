// Reading a checkpoint back: pages of kPageRows, so that no table has to fit a single answer.
#include "base/json.h"
#include "capabilities/skills/state/ledger_rows.h"

namespace credence::skills::ledger_rows {
namespace {

constexpr std::int64_t kPageRows = 20'000;

Result<void> restore_totals(store::Tx& tx, std::string_view tenant, SkillState& state) {
    std::string after_skill;
    std::string after_phase;
    while (true) {
        const auto page =
            TRY(tx.query("SELECT skill_name, workflow_phase, invocations, completed, timed, "
                         "duration_sum_seconds, buckets, last_invoked_at_us FROM skill_total "
                         "WHERE tenant = $1 AND (skill_name, workflow_phase) > ($2, $3) "
                         "ORDER BY skill_name, workflow_phase LIMIT $4",
                         tenant, after_skill, after_phase, kPageRows));
        for (std::size_t row = 0; row < page.size(); ++row) {
            SavedTotal saved;
            saved.skill_name = after_skill = page.text(row, 0);
            saved.workflow_phase = after_phase = page.text(row, 1);
            saved.total.invocations = page.integer(row, 2);
            saved.total.completed = page.integer(row, 3);
            saved.total.timed = page.integer(row, 4);
            saved.total.duration_sum_seconds = page.number(row, 5);
            const auto buckets = TRY(from_json<std::vector<std::int64_t>>(page.text(row, 6)));
            for (std::size_t i = 0; i < std::min(buckets.size(), saved.total.buckets.size()); ++i) {
                saved.total.buckets[i] = buckets[i];
            }
            saved.last_invoked_at_us = page.integer(row, 7);
            state.restore_total(saved);
        }
        if (page.size() < static_cast<std::size_t>(kPageRows)) {
            return {};
        }
    }
}

Result<void> restore_hours(store::Tx& tx, std::string_view tenant, std::int64_t from_us,
                           SkillState& state) {
    std::string after_skill;
    std::int64_t after_us = 0;
    while (true) {
        const auto page = TRY(
            tx.query("SELECT skill_name, timestamp_us, invocation_count, completed_count, "
                     "timed_count, duration_sum_seconds, log_duration_sum FROM skill_time_series "
                     "WHERE tenant = $1 AND (skill_name, timestamp_us) > ($2, $3) "
                     "AND timestamp_us >= $4 ORDER BY skill_name, timestamp_us LIMIT $5",
                     tenant, after_skill, after_us, from_us, kPageRows));
        for (std::size_t row = 0; row < page.size(); ++row) {
            after_skill = page.text(row, 0);
            after_us = page.integer(row, 1);
            state.restore_hour(after_skill, {.at_us = after_us,
                                             .invocations = page.integer(row, 2),
                                             .completed = page.integer(row, 3),
                                             .timed = page.integer(row, 4),
                                             .duration_sum_seconds = page.number(row, 5),
                                             .log_duration_sum = page.number(row, 6)});
        }
        if (page.size() < static_cast<std::size_t>(kPageRows)) {
            return {};
        }
    }
}

Result<void> restore_uses(store::Tx& tx, std::string_view tenant, SkillState& state) {
    SavedUse saved;
    while (true) {
        const auto page =
            TRY(tx.query("SELECT user_id, skill_name, invocations, completed, rating_sum, "
                         "rating_count, first_invoked_at_us, last_invoked_at_us "
                         "FROM skill_user_interactions "
                         "WHERE tenant = $1 AND (user_id, skill_name) > ($2, $3) "
                         "ORDER BY user_id, skill_name LIMIT $4",
                         tenant, saved.user_id, saved.skill_name, kPageRows));
        for (std::size_t row = 0; row < page.size(); ++row) {
            saved.user_id = page.text(row, 0);
            saved.skill_name = page.text(row, 1);
            saved.use = {.skill = 0,
                         .rating_sum = static_cast<std::int32_t>(page.integer(row, 4)),
                         .ratings = static_cast<std::int32_t>(page.integer(row, 5)),
                         .invocations = page.integer(row, 2),
                         .completed = page.integer(row, 3),
                         .first_at_us = page.integer(row, 6),
                         .last_at_us = page.integer(row, 7)};
            state.restore_use(saved);
        }
        if (page.size() < static_cast<std::size_t>(kPageRows)) {
            return {};
        }
    }
}

Result<void> restore_skill_sessions(store::Tx& tx, std::string_view tenant, SkillState& state) {
    const auto rows = TRY(
        tx.query("SELECT skill_name, sessions FROM skill_session_count WHERE tenant = $1", tenant));
    for (std::size_t row = 0; row < rows.size(); ++row) {
        state.restore_skill_sessions({rows.text(row, 0), rows.integer(row, 1)});
    }
    return {};
}

Result<void> restore_pairs(store::Tx& tx, std::string_view tenant, SkillState& state) {
    SavedPair saved;
    while (true) {
        const auto page = TRY(
            tx.query("SELECT skill_a, skill_b, co_occurrence_count, a_first_count, b_first_count "
                     "FROM skill_dependencies "
                     "WHERE tenant = $1 AND (skill_a, skill_b) > ($2, $3) "
                     "ORDER BY skill_a, skill_b LIMIT $4",
                     tenant, saved.skill_a, saved.skill_b, kPageRows));
        for (std::size_t row = 0; row < page.size(); ++row) {
            saved.skill_a = page.text(row, 0);
            saved.skill_b = page.text(row, 1);
            saved.counts.both = page.integer(row, 2);
            saved.order = {page.integer(row, 3), page.integer(row, 4)};
            if (saved.counts.both > 0) {  // others are only declared
                state.restore_pair(saved);
            }
        }
        if (page.size() < static_cast<std::size_t>(kPageRows)) {
            return {};
        }
    }
}

}  // namespace

Result<void> restore(store::Tx& tx, std::string_view tenant, std::int64_t hours_from_us,
                     SkillState& state) {
    TRY(restore_totals(tx, tenant, state));
    TRY(restore_hours(tx, tenant, hours_from_us, state));
    TRY(restore_uses(tx, tenant, state));
    TRY(restore_skill_sessions(tx, tenant, state));
    return restore_pairs(tx, tenant, state);
}

Result<void> restore_minutes(store::Tx& tx, std::string_view tenant, const MinutesWanted& wanted,
                             SkillState& state) {
    const std::size_t skills = state.skills().size();  // it does not grow meanwhile
    for (std::size_t number = 0; number < skills; ++number) {
        const SkillFigures& skill = state.skills()[number];
        if (skill.last_invoked_at_us < wanted.from_us) {
            continue;
        }
        std::int64_t after_id = 0;
        while (true) {
            const auto page =
                TRY(tx.query("SELECT id, invoked_at_us, completed, duration_seconds "
                             "FROM skill_invocation WHERE tenant = $1 AND skill_name = $2 "
                             "AND invoked_at_us >= $3 AND id <= $4 AND id > $5 "
                             "ORDER BY id LIMIT $6",
                             tenant, skill.name, wanted.from_us, wanted.through_id, after_id,
                             store::Rows::kMaxRows));
            for (std::size_t row = 0; row < page.size(); ++row) {
                InvocationFact fact;
                fact.id = after_id = page.integer(row, 0);
                fact.skill_name = skill.name;
                fact.invoked_at_us = page.integer(row, 1);
                fact.completed = page.integer(row, 2) != 0;
                if (!page.is_null(row, 3)) {
                    fact.duration_seconds = page.number(row, 3);
                }
                state.restore_minute(fact);
            }
            if (page.size() < store::Rows::kMaxRows) {
                break;
            }
        }
    }
    return {};
}

}  // namespace credence::skills::ledger_rows
