// Assignments, outcomes, and the sums that follow them.
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "capabilities/skills/experiments/experiment_check.h"
#include "capabilities/skills/experiments/experiment_rows.h"
#include "capabilities/skills/experiments/experiment_store.h"
#include "capabilities/skills/experiments/experiment_verdict.h"
#include "capabilities/skills/experiments/experiments.h"

namespace credence::skills {
namespace {

using experiment_rows::UserKey;

constexpr std::int64_t kSubjectsAtOnce = 5'000;

Result<void> check_may_join(const TestRow& row, std::int64_t now_us) {
    const TestStatus status = status_at(row, now_us);
    if (status != TestStatus::running) {
        return fail(Code::conflict, "the experiment is " + enumerator_of(status), "test_id");
    }
    if (now_us < row.start_date_us) {
        return fail(Code::conflict, "the experiment has not begun", "test_id");
    }
    return {};
}

Result<void> check_takes_outcomes(const TestRow& row, std::int64_t now_us,
                                  const std::string& path) {
    const TestStatus status = status_at(row, now_us);
    if (status == TestStatus::running || status == TestStatus::paused) {
        return {};
    }
    const std::int64_t ended_us = row.ended_at_us.value_or(row.end_date_us.value_or(now_us));
    if (now_us > ended_us + Experiments::kGraceUs) {
        return fail(Code::conflict,
                    "the experiment is " + enumerator_of(status) +
                        ", and outcomes are taken for seven days after the end",
                    path + "test_id");
    }
    return {};
}

// The position's salt: no two tests of anybody share it.
std::string salt_of(std::string_view tenant, std::int64_t test_id) {
    return std::string(tenant) + "/" + std::to_string(test_id);
}

Assignment answer_of(const TestRow& row, const AssignmentRow& found, bool first) {
    Assignment out;
    out.test_id = row.test_id;
    out.group_name = found.group_name;
    if (const auto arm = row.find_arm(found.group_name); arm) {
        out.strategy = row.arms[*arm].strategy;
    }
    out.assigned_at_us = found.assigned_at_us;
    out.first_exposure = first;
    out.status = row.status;
    return out;
}

// Tells once when the evidence comes to a conclusion.
Result<void> announce(store::Tx& tx, const Context& context, Experiment& experiment,
                      std::int64_t now_us) {
    const EvidenceVerdict verdict = judge_evidence(experiment, now_us);
    const bool concluded = verdict.verdict == Verdict::ship ||
                           verdict.verdict == Verdict::rollback ||
                           verdict.verdict == Verdict::invalid;
    if (!concluded) {
        return {};
    }
    AbTestDecided event{experiment.row.test_id, verdict.verdict, {}};
    if (verdict.winner) {
        event.winner = experiment.row.arms[*verdict.winner].name;
    }
    const std::string told = enumerator_of(event.verdict) + " " + event.winner.value_or("");
    if (told == experiment.sums.announced) {
        return {};
    }
    experiment.sums.announced = told;
    return tx.emit(context, event);
}

// A user of a test while a batch is counted.
struct Subject {
    std::size_t arm = 0;
    std::optional<double> covariate;
    UserTotals before;
    UserTotals after;
};

struct Recorded {
    std::int64_t outcome_id = 0;  // the last
    std::string group_name;       // of the last
    std::int64_t users = 0;
};

// Counts outcomes in one transaction. Sums are written at the end, once a user and once a test.
class Recorder {
public:
    Recorder(store::Tx& tx, const Context& context, std::int64_t now_us)
        : tx_(tx), context_(context), now_us_(now_us) {}

    struct Item {
        const RecordOutcome& outcome;
        std::string_view user;  // hash
        std::string path;       // before the names of its fields, in errors
    };
    Result<void> record(const Item& item) {
        const Experiment& experiment = *TRY(test(item));
        Subject& known = *TRY(subject(experiment, item));
        const UserKey key{context_.tenant, item.outcome.test_id, item.user};
        recorded_.outcome_id =
            TRY(experiment_rows::insert_outcome(tx_, key, item.outcome, now_us_));
        recorded_.group_name = experiment.row.arms[known.arm].name;
        known.after.add(item.outcome);
        return {};
    }

    Result<Recorded> finish() {
        for (auto& [key, subject] : subjects_) {
            Experiment& experiment = tests_.at(key.first);
            experiment.sums.settle();
            experiment.sums.arms[subject.arm].change(
                subject.before, subject.after, experiment.sums.covariate_of(subject.covariate));
            TRY(experiment_rows::put_totals(tx_, {context_.tenant, key.first, key.second},
                                            subject.after));
            ++recorded_.users;
        }
        for (auto& [test_id, experiment] : tests_) {
            look_at_outcomes(experiment);
            TRY(announce(tx_, context_, experiment, now_us_));
            TRY(experiment_rows::put_sums(tx_, context_.tenant, test_id,
                                          {experiment.sums, now_us_}));
        }
        return recorded_;
    }

private:
    Result<Experiment*> test(const Item& item) {
        const std::int64_t test_id = item.outcome.test_id;
        if (const auto found = tests_.find(test_id); found != tests_.end()) {
            return &found->second;
        }
        auto loaded = load_experiment(tx_, context_.tenant, test_id);
        if (!loaded) {
            Error error = std::move(loaded).error();
            error.field = item.path + error.field;
            return std::unexpected(std::move(error));
        }
        TRY(check_takes_outcomes(loaded->row, now_us_, item.path));
        return &tests_.emplace(test_id, *std::move(loaded)).first->second;
    }

    Result<Subject*> subject(const Experiment& experiment, const Item& item) {
        std::pair<std::int64_t, std::string> key{item.outcome.test_id, item.user};
        if (const auto found = subjects_.find(key); found != subjects_.end()) {
            return &found->second;
        }
        const auto row =
            TRY(experiment_rows::subject(tx_, {context_.tenant, key.first, key.second}));
        const auto arm = row ? experiment.row.find_arm(row->group_name) : std::nullopt;
        if (!arm) {
            return fail(Code::not_found, "was not assigned in this experiment",
                        item.path + "user_id");
        }
        Subject subject{*arm, row->covariate, row->totals(), row->totals()};
        return &subjects_.emplace(std::move(key), subject).first->second;
    }

    store::Tx& tx_;
    const Context& context_;
    std::int64_t now_us_;
    std::map<std::int64_t, Experiment> tests_;
    std::map<std::pair<std::int64_t, std::string>, Subject> subjects_;
    Recorded recorded_;
};

struct TestKey {
    std::string_view tenant;
    std::int64_t test_id = 0;
};

Result<void> each_subject(store::Tx& tx, const TestKey& key,
                          const std::function<void(const SubjectRow&)>& visit) {
    std::string after;
    for (bool more = true; more;) {
        const auto page =
            TRY(experiment_rows::subjects(tx, key.tenant, key.test_id, {after, kSubjectsAtOnce}));
        for (const SubjectRow& subject : page) {
            visit(subject);
        }
        more = std::ssize(page) == kSubjectsAtOnce;
        after = page.empty() ? after : page.back().user_id;
    }
    return {};
}

}  // namespace

Result<Assignment> Experiments::assign(const Context& context, const AssignUser& request) {
    const std::string user = parts_.user_hash(context.tenant, request.user_id);
    const std::int64_t now_us = parts_.clock.now_us();
    // Most calls are repeated exposures, which change nothing.
    auto known = TRY(parts_.database.read([&](store::Tx& tx) -> Result<std::optional<Assignment>> {
        auto row = TRY(experiment_rows::find(tx, context.tenant, request.test_id));
        if (!row) {
            return fail(Code::not_found, "no such experiment", "test_id");
        }
        row->status = status_at(*row, now_us);
        const auto found =
            TRY(experiment_rows::assignment(tx, {context.tenant, request.test_id, user}));
        return found ? std::optional(answer_of(*row, *found, false)) : std::nullopt;
    }));
    if (known) {
        return *std::move(known);
    }
    return parts_.database.write([&](store::Tx& tx) { return expose(tx, context, request, user); });
}

Result<Assignment> Experiments::expose(store::Tx& tx, const Context& context,
                                       const AssignUser& request, std::string_view user) {
    const std::int64_t now_us = parts_.clock.now_us();
    const UserKey key{context.tenant, request.test_id, user};
    Experiment experiment = TRY(load_experiment(tx, context.tenant, request.test_id));
    // Somebody else may have been faster.
    if (const auto found = TRY(experiment_rows::assignment(tx, key)); found) {
        return answer_of(experiment.row, *found, false);
    }
    TRY(check_may_join(experiment.row, now_us));
    std::vector<double> shares;
    for (const TestArm& arm : experiment.row.arms) {
        shares.push_back(arm.share);
    }
    const double position =
        stats::assignment_position(parts_.key, salt_of(context.tenant, request.test_id), user);
    const auto arm = stats::choose_arm(position, shares);
    if (!arm) {
        Assignment outside;
        outside.test_id = request.test_id;
        return outside;
    }
    const AssignmentRow row{experiment.row.arms[*arm].name, now_us, request.covariate};
    TRY(experiment_rows::assign(tx, key, row));
    ++experiment.sums.arms[*arm].assigned;
    if (!experiment.sums.settled && request.covariate) {
        experiment.sums.covariate_sum += *request.covariate;
        ++experiment.sums.covariate_users;
    }
    look_at_sample_ratio(experiment);
    TRY(announce(tx, context, experiment, now_us));
    TRY(experiment_rows::put_sums(tx, context.tenant, request.test_id, {experiment.sums, now_us}));
    return answer_of(experiment.row, row, true);
}

Result<RecordedOutcome> Experiments::record_outcome(const Context& context,
                                                    const RecordOutcome& request) {
    TRY(check_outcome(request));
    const std::string user = parts_.user_hash(context.tenant, request.user_id);
    const std::int64_t now_us = parts_.clock.now_us();
    auto recorded = TRY(parts_.database.write([&](store::Tx& tx) -> Result<Recorded> {
        Recorder recorder(tx, context, now_us);
        TRY(recorder.record({request, user, ""}));
        return recorder.finish();
    }));
    return RecordedOutcome{recorded.outcome_id, request.test_id, std::move(recorded.group_name),
                           now_us};
}

Result<RecordedOutcomes> Experiments::record_outcomes(const Context& context,
                                                      const RecordOutcomes& request) {
    std::vector<std::string> users;
    std::vector<std::string> paths;
    for (const RecordOutcome& item : request.items) {
        paths.push_back("items[" + std::to_string(users.size()) + "].");
        if (auto checked = check_outcome(item); !checked) {
            Error error = std::move(checked).error();
            error.field = paths.back() + error.field;
            return std::unexpected(std::move(error));
        }
        users.push_back(parts_.user_hash(context.tenant, item.user_id));
    }
    const std::int64_t now_us = parts_.clock.now_us();
    const auto recorded = TRY(parts_.database.write([&](store::Tx& tx) -> Result<Recorded> {
        Recorder recorder(tx, context, now_us);
        for (std::size_t i = 0; i < request.items.size(); ++i) {
            TRY(recorder.record({request.items[i], users[i], paths[i]}));
        }
        return recorder.finish();
    }));
    return RecordedOutcomes{std::ssize(request.items), recorded.users};
}

Result<std::int64_t> Experiments::forget_user(store::Tx& tx, std::string_view tenant,
                                              std::string_view user_hash) {
    const auto tests = TRY(experiment_rows::tests_of_user(tx, tenant, user_hash));
    for (const std::int64_t test_id : tests) {
        TRY(experiment_rows::erase_user(tx, {tenant, test_id, user_hash}));
        TRY(rebuild(tx, tenant, test_id));
    }
    return std::ssize(tests);
}

Result<void> Experiments::rebuild(store::Tx& tx, std::string_view tenant, std::int64_t test_id) {
    const TestKey key{tenant, test_id};
    Experiment experiment = TRY(load_experiment(tx, tenant, test_id));
    ExperimentSums& sums = experiment.sums;
    const std::vector<ArmSums> empty(sums.arms.size());
    sums.arms = empty;
    if (!sums.settled) {
        bool any_outcome = false;
        sums.covariate_sum = 0;
        sums.covariate_users = 0;
        TRY(each_subject(tx, key, [&](const SubjectRow& subject) {
            any_outcome = any_outcome || subject.outcomes > 0;
            sums.covariate_sum += subject.covariate.value_or(0);
            sums.covariate_users += subject.covariate ? 1 : 0;
        }));
        if (any_outcome) {
            sums.settle();
        }
    }
    TRY(each_subject(tx, key, [&](const SubjectRow& subject) {
        const auto arm = experiment.row.find_arm(subject.group_name);
        if (!arm) {
            return;
        }
        ++sums.arms[*arm].assigned;
        sums.arms[*arm].change({}, subject.totals(), sums.covariate_of(subject.covariate));
    }));
    return experiment_rows::put_sums(tx, tenant, test_id, {sums, parts_.clock.now_us()});
}

}  // namespace credence::skills
