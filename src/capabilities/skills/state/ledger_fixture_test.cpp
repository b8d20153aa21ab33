#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>

#include "base/units.h"
#include "capabilities/skills/state/ledger_fixture.h"

namespace credence::skills {
namespace {

std::string bits_of(double value) {
    return std::to_string(std::bit_cast<std::uint64_t>(value));
}

std::string text_of_cells(const std::vector<Cell>& cells) {
    std::string out;
    for (const Cell& cell : cells) {
        out += " " + std::to_string(cell.at_us) + ":" + std::to_string(cell.invocations) + "," +
               std::to_string(cell.completed) + "," + std::to_string(cell.timed) + "," +
               bits_of(cell.duration_sum_seconds) + "," + bits_of(cell.log_duration_sum);
    }
    return out;
}

std::string text_of_skill(const SkillState& state, std::uint32_t number) {
    const SkillFigures& skill = state.skills()[number];
    std::string out = skill.name + " last " + std::to_string(skill.last_invoked_at_us) +
                      "\n minutes" + text_of_cells(skill.minutes) + "\n hours" +
                      text_of_cells(skill.hours) + "\n";
    for (const auto& [phase, total] : skill.phases) {
        out += " phase '" + phase + "' " + std::to_string(total.invocations) + "," +
               std::to_string(total.completed) + "," + std::to_string(total.timed) + "," +
               bits_of(total.duration_sum_seconds);
        for (const std::int64_t count : total.buckets) {
            out += " " + std::to_string(count);
        }
        out += "\n";
    }
    out += " sessions " + std::to_string(state.meetings().sessions_with(number)) + "\n";
    std::map<std::string, std::string> partners;
    for (const stats::SkillPair& pair : state.meetings().partners(number)) {
        partners[state.skills()[pair.other].name] = std::to_string(pair.counts.both) + "," +
                                                    std::to_string(pair.order.a_first) + "," +
                                                    std::to_string(pair.order.b_first);
    }
    for (const auto& [name, counts] : partners) {
        out += " with " + name + " " + counts + "\n";
    }
    return out;
}

std::string text_of_user(const SkillState& state, std::uint32_t number) {
    const UserFigures& user = state.users()[number];
    std::vector<std::string> uses;
    for (const UserSkill& use : user.skills) {
        uses.push_back(" " + state.skills()[use.skill].name + ":" +
                       std::to_string(use.invocations) + "," + std::to_string(use.completed) + "," +
                       std::to_string(use.ratings) + "," + std::to_string(use.rating_sum) + "," +
                       std::to_string(use.first_at_us) + "," + std::to_string(use.last_at_us));
    }
    for (const std::uint32_t item : state.user_index().items_of(number)) {
        uses.push_back(" done " + state.skills()[item].name);
    }
    std::ranges::sort(uses);
    std::string out = user.user_id;
    for (const std::string& use : uses) {
        out += use;
    }
    return out + "\n";
}

class FailingTx final : public store::Tx {
public:
    FailingTx(store::Tx& inner, std::int64_t& left) : inner_(inner), left_(left) {}

    Result<void> emit_json(std::string_view tenant, std::string_view actor, std::string_view name,
                           std::string_view body_json) override {
        return inner_.emit_json(tenant, actor, name, body_json);
    }
    Result<std::int64_t> run_span(std::string_view sql,
                                  std::span<const store::Parameter> parameters) override {
        if (--left_ <= 0) {
            return fail(Code::unavailable, "killed");
        }
        return inner_.run_span(sql, parameters);
    }
    Result<store::Rows> query_span(std::string_view sql,
                                   std::span<const store::Parameter> parameters) override {
        return inner_.query_span(sql, parameters);
    }

private:
    store::Tx& inner_;
    std::int64_t& left_;
};

}  // namespace

Result<void> FailingDatabase::read_work(const Work& work) {
    return inner_.read([&](store::Tx& tx) { return work(tx); });
}

Result<void> FailingDatabase::write_work(const Work& work) {
    return inner_.write([&](store::Tx& tx) {
        FailingTx failing(tx, left_);
        return work(failing);
    });
}

std::vector<LogRow> some_rows(int count, std::uint64_t seed) {
    SeededRandom random(seed);
    std::vector<LogRow> rows;
    for (int i = 0; i < count; ++i) {
        LogRow row;
        row.skill = "skill" + std::to_string(random.next() % 8);
        row.session = "session" + std::to_string(random.next() % 12);
        row.user = random.next() % 3 == 0 ? "" : "user" + std::to_string(random.next() % 5);
        row.phase = random.next() % 2 == 0 ? "" : "execution";
        row.at_us = kTestStartUs + static_cast<std::int64_t>(random.next() % (3 * kUsPerDay));
        row.completed = random.next() % 4 != 0;
        if (random.next() % 2 == 0) {
            row.seconds = static_cast<double>(random.next() % 100'000) / 333;
        }
        if (random.next() % 5 == 0) {
            row.rating = static_cast<std::int64_t>(random.next() % 5) + 1;
        }
        rows.push_back(row);
    }
    return rows;
}

std::vector<std::int64_t> write_rows(store::Database& database, const std::string& tenant,
                                     const std::vector<LogRow>& rows) {
    const auto ids = database.write([&](store::Tx& tx) -> Result<std::vector<std::int64_t>> {
        std::vector<std::int64_t> made;
        for (const LogRow& row : rows) {
            const auto inserted =
                TRY(tx.query("INSERT INTO skill_invocation (tenant, skill_name, invoked_at_us, "
                             "session_id, user_id, completed, duration_seconds, rating, "
                             "workflow_phase, created_at_us) VALUES ($1, $2, $3, $4, "
                             "nullif($5, ''), $6, $7, $8, nullif($9, ''), $3) RETURNING id",
                             tenant, row.skill, row.at_us, row.session, row.user, row.completed,
                             row.seconds, row.rating, row.phase));
            made.push_back(inserted.integer(0, 0));
        }
        return made;
    });
    EXPECT_TRUE(ids.has_value()) << (ids ? "" : ids.error().message);
    return ids.value_or(std::vector<std::int64_t>{});
}

InvocationFact fact_of(const LogRow& row, std::int64_t id) {
    return {.id = id,
            .skill_name = row.skill,
            .session_id = row.session,
            .user_id = row.user,
            .workflow_phase = row.phase,
            .invoked_at_us = row.at_us,
            .completed = row.completed,
            .duration_seconds = row.seconds,
            .rating = row.rating};
}

std::string text_of(const SkillState& state) {
    std::map<std::string, std::string> parts;
    for (std::uint32_t skill = 0; skill < state.skills().size(); ++skill) {
        parts["skill " + state.skills()[skill].name] = text_of_skill(state, skill);
    }
    for (std::uint32_t user = 0; user < state.users().size(); ++user) {
        parts["user " + state.users()[user].user_id] = text_of_user(state, user);
    }
    std::string out = "newest " + std::to_string(state.newest_at_us()) + " sessions " +
                      std::to_string(state.meetings().sessions()) + "\n";
    for (const auto& [name, text] : parts) {
        out += text;
    }
    return out;
}

std::string text_of_fold(const std::vector<LogRow>& rows) {
    SkillState state;
    std::int64_t id = 0;
    for (const LogRow& row : rows) {
        state.apply(fact_of(row, ++id));
    }
    return text_of(state);
}

std::string text_in(Ledger& ledger, const std::string& tenant) {
    const auto text = ledger.read(
        tenant, [](const SkillState& state) -> Result<std::string> { return text_of(state); });
    EXPECT_TRUE(text.has_value()) << (text ? "" : text.error().message);
    return text.value_or("");
}

}  // namespace credence::skills
