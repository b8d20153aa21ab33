#include "capabilities/skills/experiments/experiments.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "capabilities/skills/experiments/experiment_check.h"
#include "capabilities/skills/experiments/experiment_rows.h"
#include "capabilities/skills/experiments/experiment_store.h"
#include "capabilities/skills/experiments/experiment_verdict.h"
#include "stats/experiment/power.h"

namespace credence::skills {
namespace {

struct Transition {
    TestStatus from;
    TestStatus to;
};

// The whole of a test's life after its creation as running.
constexpr std::array kTransitions = {
    Transition{TestStatus::running, TestStatus::paused},
    Transition{TestStatus::running, TestStatus::stopped},
    Transition{TestStatus::running, TestStatus::completed},
    Transition{TestStatus::running, TestStatus::shipped},
    Transition{TestStatus::running, TestStatus::rolled_back},
    Transition{TestStatus::paused, TestStatus::running},
    Transition{TestStatus::paused, TestStatus::stopped},
    Transition{TestStatus::paused, TestStatus::completed},
    Transition{TestStatus::paused, TestStatus::shipped},
    Transition{TestStatus::paused, TestStatus::rolled_back},
    Transition{TestStatus::completed, TestStatus::shipped},
    Transition{TestStatus::completed, TestStatus::rolled_back},
    Transition{TestStatus::stopped, TestStatus::shipped},
    Transition{TestStatus::stopped, TestStatus::rolled_back},
    Transition{TestStatus::shipped, TestStatus::rolled_back},
};

bool may_become(TestStatus from, TestStatus to) {
    return std::ranges::any_of(kTransitions, [&](const Transition& transition) {
        return transition.from == from && transition.to == to;
    });
}

bool is_open(TestStatus status) {
    return status == TestStatus::running || status == TestStatus::paused;
}

TestView view_of(const Experiment& experiment, std::int64_t now_us) {
    const TestRow& row = experiment.row;
    TestView view;
    view.test_id = row.test_id;
    view.test_name = row.test_name;
    view.description = row.description;
    view.status = status_at(row, now_us);
    for (std::size_t arm = 0; arm < row.arms.size(); ++arm) {
        const ArmSums& sums = experiment.sums.arms[arm];
        view.arms.push_back({row.arms[arm].name, row.arms[arm].strategy, row.arms[arm].share,
                             sums.assigned, sums.users, sums.outcomes});
    }
    view.metrics = row.metrics;
    view.min_sample_size = row.min_sample_size;
    view.start_date_us = row.start_date_us;
    view.end_date_us = row.end_date_us;
    view.ended_at_us = row.ended_at_us;
    view.decision = row.decision;
    view.created_by = row.created_by;
    view.created_at_us = row.created_at_us;
    view.updated_at_us = row.updated_at_us;
    return view;
}

// Which arm is shipped, when it may be.
Result<std::string> shipped_arm(const Experiment& experiment,
                                const std::optional<std::string>& wanted, bool force) {
    const auto& arms = experiment.row.arms;
    if (!wanted && arms.size() > 2) {
        return fail(Code::invalid, "is missing: there are several treatments", "arm");
    }
    const auto arm = wanted ? experiment.row.find_arm(*wanted) : std::optional<std::size_t>(1);
    if (!arm) {
        return fail(Code::invalid, "is no arm of this experiment", "arm");
    }
    if (*arm == 0) {
        return fail(Code::invalid, "is the control: use rollback_test", "arm");
    }
    if (!force && sample_ratio_alarm(experiment.sums)) {
        return fail(Code::conflict,
                    "the arms do not have the users they should, so that nothing is shown; force "
                    "ships all the same");
    }
    if (!force && harms_guardrail(experiment, *arm)) {
        return fail(Code::conflict, "the arm harms a guardrail; force ships it all the same");
    }
    return arms[*arm].name;
}

// A test that runs although its end has come, as it is now.
void end_in_time(TestRow& row, std::int64_t now_us) {
    row.status = status_at(row, now_us);
    if (row.status == TestStatus::completed && !row.ended_at_us) {
        row.ended_at_us = row.end_date_us;
    }
}

}  // namespace

Result<CreatedTest> Experiments::create_test(const Context& context, const CreateTest& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    TestRow checked = TRY(test_of(request, now_us));
    checked.created_by = context.actor;
    return parts_.database.write([&](store::Tx& tx) -> Result<CreatedTest> {
        TestRow row = checked;
        TRY(experiment_rows::insert(tx, context.tenant, row));
        const auto sums = ExperimentSums::of(row.arms.size(), row.metrics.size());
        TRY(experiment_rows::put_sums(tx, context.tenant, row.test_id, {sums, now_us}));
        TRY(tx.emit(context, AbTestCreated{row.test_id, row.test_name}));
        return CreatedTest{row.test_id};
    });
}

Result<TestView> Experiments::get_test(const Context& context, const TestRef& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    return parts_.database.read([&](store::Tx& tx) -> Result<TestView> {
        return view_of(TRY(load_experiment(tx, context.tenant, request.test_id)), now_us);
    });
}

Result<TestPage> Experiments::list_tests(const Context& context, const ListTests& request) {
    const std::int64_t now_us = parts_.clock.now_us();
    return parts_.database.read([&](store::Tx& tx) -> Result<TestPage> {
        ListTests query = request;
        ++query.limit;
        auto rows = TRY(experiment_rows::list(tx, context.tenant, query));
        TestPage page;
        for (TestRow& row : rows) {
            if (std::ssize(page.tests) == request.limit) {
                page.next = page.tests.back().test_id;
                break;
            }
            auto sums = TRY(load_sums(tx, context.tenant, row));
            page.tests.push_back(view_of({std::move(row), std::move(sums)}, now_us));
        }
        return page;
    });
}

Result<Analysis> Experiments::analyze(const Context& context, const TestRef& request) {
    const auto experiment = TRY(parts_.database.read(
        [&](store::Tx& tx) { return load_experiment(tx, context.tenant, request.test_id); }));
    return analyze_experiment(experiment, parts_.clock.now_us());
}

Result<TestView> Experiments::stop_test(const Context& context, const ChangeTest& request) {
    return change(context, {.test_id = request.test_id,
                            .to = TestStatus::stopped,
                            .reason = request.reason,
                            .arm = {}});
}

Result<TestView> Experiments::pause_test(const Context& context, const ChangeTest& request) {
    return change(context, {.test_id = request.test_id,
                            .to = TestStatus::paused,
                            .reason = request.reason,
                            .arm = {}});
}

Result<TestView> Experiments::resume_test(const Context& context, const ChangeTest& request) {
    return change(context, {.test_id = request.test_id,
                            .to = TestStatus::running,
                            .reason = request.reason,
                            .arm = {}});
}

Result<TestView> Experiments::rollback_test(const Context& context, const ChangeTest& request) {
    return change(context, {.test_id = request.test_id,
                            .to = TestStatus::rolled_back,
                            .reason = request.reason,
                            .arm = {}});
}

Result<TestView> Experiments::ship_test(const Context& context, const ShipTest& request) {
    return change(context, {.test_id = request.test_id,
                            .to = TestStatus::shipped,
                            .reason = request.reason,
                            .arm = request.arm,
                            .force = request.force});
}

Result<TestView> Experiments::change(const Context& context, const Change& change) {
    return parts_.database.write([&](store::Tx& tx) { return apply(tx, context, change); });
}

Result<TestView> Experiments::apply(store::Tx& tx, const Context& context, const Change& change) {
    const std::int64_t now_us = parts_.clock.now_us();
    Experiment experiment = TRY(load_experiment(tx, context.tenant, change.test_id));
    TestRow& row = experiment.row;
    end_in_time(row, now_us);
    if (!may_become(row.status, change.to)) {
        return fail(Code::conflict, "the experiment is " + enumerator_of(row.status) +
                                        " and cannot become " + enumerator_of(change.to));
    }
    AbTestStatusChanged event{row.test_id, row.status, change.to, {}, change.force};
    if (change.to == TestStatus::shipped) {
        event.arm = TRY(shipped_arm(experiment, change.arm, change.force));
    }
    row.status = change.to;
    row.updated_at_us = now_us;
    if (!is_open(change.to)) {
        row.ended_at_us = row.ended_at_us.value_or(now_us);
        row.decision = TestDecision{change.to,    event.arm,     std::string(change.reason),
                                    change.force, context.actor, now_us};
    }
    TRY(experiment_rows::update(tx, context.tenant, row));
    TRY(tx.emit(context, event));
    return view_of(experiment, now_us);
}

Result<void> Experiments::complete_ended() {
    const std::int64_t now_us = parts_.clock.now_us();
    return parts_.database.write([&](store::Tx& tx) -> Result<void> {
        for (const TenantTest& test : TRY(experiment_rows::overdue(tx, now_us, kOverdueAtOnce))) {
            Experiment experiment = TRY(load_experiment(tx, test.tenant, test.test_id));
            const TestStatus from = experiment.row.status;
            end_in_time(experiment.row, now_us);
            experiment.row.updated_at_us = now_us;
            TRY(experiment_rows::update(tx, test.tenant, experiment.row));
            Context system;
            system.tenant = test.tenant;
            system.actor = "system";
            TRY(tx.emit(system,
                        AbTestStatusChanged{test.test_id, from, experiment.row.status, {}, false}));
        }
        return {};
    });
}

}  // namespace credence::skills
