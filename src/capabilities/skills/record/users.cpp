#include "capabilities/skills/record/users.h"

#include <iterator>
#include <limits>
#include <set>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "capabilities/skills/record/new_invocation.h"
#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/record/user_rows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kErasedAtOnce = 2'000;  // rows a transaction
constexpr int kMaxEraseSteps = 1'000'000;

enum class Stage : std::uint8_t {
    sessions,
    open,
    invocations,
    interactions,
    assignments,
    outcomes,
    end,
};

// Fills one page, stage after stage.
class UserPage {
public:
    UserPage(store::Tx& tx, const user_rows::Who& who, ExportedUser& out)
        : tx_(tx), who_(who), out_(out) {}

    Result<void> fill(Stage stage, user_rows::After after) {
        after.limit = ExportedUser::kMaxRows;
        while (stage != Stage::end) {
            const std::int64_t before = after.limit;
            const std::string last = TRY(add(stage, after));
            if (after.limit == 0) {
                out_.next_cursor = record::write_cursor({static_cast<std::int64_t>(stage), last});
                return {};
            }
            after = {.number = 0, .text = {}, .limit = std::min(before, after.limit)};
            stage = static_cast<Stage>(static_cast<int>(stage) + 1);
        }
        return {};
    }

private:
    // Appends what the stage has behind `after`; the key of its last row. Takes from the limit.
    Result<std::string> add(Stage stage, user_rows::After& after) {
        switch (stage) {
            case Stage::sessions:
                return keep(TRY(user_rows::sessions(tx_, who_, after)), out_.sessions, after,
                            [](const Session& row) { return row.session_id; });
            case Stage::open:
                return keep(TRY(open(after)), out_.open_invocations, after,
                            [](const OpenInvocation& row) { return row.handle; });
            case Stage::invocations:
                return keep(TRY(user_rows::invocations(tx_, who_, after)), out_.invocations, after,
                            [](const Invocation& row) { return row.invocation_id; });
            case Stage::interactions:
                return keep(TRY(user_rows::interactions(tx_, who_, after)), out_.interactions,
                            after, [](const ExportedInteraction& row) { return row.skill_name; });
            case Stage::assignments:
                return keep(TRY(user_rows::assignments(tx_, who_, after)),
                            out_.experiment_assignments, after,
                            [](const ExportedAssignment& row) { return row.test_id; });
            case Stage::outcomes:
                return keep(TRY(user_rows::outcomes(tx_, who_, after)), out_.experiment_outcomes,
                            after, [](const ExportedOutcome& row) { return row.outcome_id; });
            case Stage::end:
                break;
        }
        return std::string();
    }

    Result<std::vector<OpenInvocation>> open(const user_rows::After& after) {
        std::vector<OpenInvocation> out;
        for (const auto& row : TRY(user_rows::open(tx_, who_, after))) {
            const auto draft = TRY(from_json<record::NewInvocation>(row.draft));
            out.push_back({row.handle, row.session_id, draft.skill_name, row.started_at_us});
        }
        return out;
    }

    template <class Row, class Key>
    static std::string keep(std::vector<Row> rows, std::vector<Row>& list, user_rows::After& after,
                            Key key) {
        if (rows.empty()) {
            return {};
        }
        after.limit -= std::ssize(rows);
        std::string last;
        if constexpr (std::is_same_v<decltype(key(rows.back())), std::string>) {
            last = key(rows.back());
        } else {
            last = std::to_string(key(rows.back()));
        }
        list.insert(list.end(), std::make_move_iterator(rows.begin()),
                    std::make_move_iterator(rows.end()));
        return last;
    }

    store::Tx& tx_;
    const user_rows::Who& who_;
    ExportedUser& out_;
};

struct ExportStart {
    Stage stage = Stage::sessions;
    user_rows::After after;
};

Result<ExportStart> export_start(const std::optional<std::string>& cursor) {
    ExportStart start;
    if (!cursor) {
        return start;
    }
    const auto read = TRY(record::read_cursor(*cursor));
    if (read.at < 0 || read.at >= static_cast<std::int64_t>(Stage::end)) {
        return fail(Code::invalid, "this is no cursor of ours", "cursor");
    }
    start.stage = static_cast<Stage>(read.at);
    start.after.text = read.key;
    start.after.number = parse_integer(read.key).value_or(0);
    return start;
}

// The user's rows with all that was counted from them, in the order of the log. The log is read
// outside of writes: finding rows of one user among all takes as long as reading it.
Result<std::int64_t> erase_rows(store::Database& database, const user_rows::Who& who,
                                std::set<std::string>& skills) {
    std::int64_t erased = 0;
    user_rows::After after{.number = 0, .text = {}, .limit = kErasedAtOnce};
    for (int step = 0; step < kMaxEraseSteps; ++step) {
        const auto traces =
            TRY(database.read([&](store::Tx& tx) { return user_rows::traces(tx, who, after); }));
        if (traces.empty()) {
            break;
        }
        erased += TRY(
            database.write([&](store::Tx& tx) { return user_rows::take_back(tx, who, traces); }));
        for (const auto& trace : traces) {
            skills.insert(trace.skill_name);
        }
        after.number = traces.back().id;
    }
    return erased;
}

}  // namespace

Result<ErasedUser> Skills::erase_user(const Context& context, const UserRef& request) {
    const auto hash = TRY(record::hash_user(parts_, context.tenant, request.user_id));
    const user_rows::Who who{context.tenant, *hash};
    ErasedUser out;
    // Sessions first: nothing that is recorded from here on gets the user from its session.
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        out.open_invocations = TRY(user_rows::remove_open(tx, who));
        out.sessions = TRY(user_rows::leave_sessions(tx, who));
        return {};
    }));
    std::set<std::string> skills;
    out.invocations = TRY(erase_rows(parts_.database, who, skills));
    out.skills = std::ssize(skills);
    TRY(parts_.database.write([&](store::Tx& tx) -> Result<void> {
        for (const std::string& skill : skills) {
            TRY(user_rows::recount_skill(tx, context.tenant, skill));
        }
        out.interactions = TRY(user_rows::remove_interactions(tx, who));
        const auto experiments = TRY(user_rows::count_in_experiments(tx, who));
        out.experiment_assignments = experiments.assignments;
        out.experiment_outcomes = experiments.outcomes;
        if (parts_.erasing) {
            TRY(parts_.erasing(tx, context.tenant, *hash));
        }
        return tx.emit(context, SkillUserErased{out.invocations, out.sessions, out.skills});
    }));
    if (parts_.ledger != nullptr) {
        TRY(parts_.ledger->rebuild(context.tenant));
    }
    if (parts_.erased) {
        TRY(parts_.erased(context.tenant, *hash));
    }
    return out;
}

Result<ExportedUser> Skills::export_user(const Context& context, const ExportUser& request) {
    const auto hash = TRY(record::hash_user(parts_, context.tenant, request.user_id));
    const ExportStart start = TRY(export_start(request.cursor));
    const user_rows::Who who{context.tenant, *hash};
    return parts_.database.read([&](store::Tx& tx) -> Result<ExportedUser> {
        ExportedUser out;
        out.user_id = *hash;
        TRY(UserPage(tx, who, out).fill(start.stage, start.after));
        return out;
    });
}

}  // namespace credence::skills
