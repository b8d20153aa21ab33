// Experiments: which strategy is better for users, with numbers that hold whenever one looks.
//
// A user's arm follows from a keyed hash and is written once; outcomes are summed by user; the sums
// that an analysis reads are changed in the transaction that stores an outcome. Tests belong to the
// tenant. Users come as the caller names them and are stored as keyed hashes only.
//
// Thread-safe. Errors of all: Code::not_found for a test that is not there, Code::invalid with the
// field's path.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "api/context.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"
#include "capabilities/skills/experiments/experiment_report.h"
#include "capabilities/skills/experiments/experiment_types.h"
#include "engine/store/database.h"
#include "stats/experiment/assignment.h"

namespace credence {
class Host;
}

namespace credence::skills {

struct TestRow;     // experiment_rows.h
struct Experiment;  // experiment_verdict.h

// The keyed hash of a user, 64 hexadecimal digits (UserNames::hash).
using UserHash = std::function<std::string(std::string_view tenant, std::string_view user_id)>;

struct ExperimentsParts {
    store::Database& database;
    const Clock& clock;
    stats::AssignmentKey key{};  // UserNames::derived("experiments")
    UserHash user_hash;
};

class Experiments {
public:
    static constexpr std::int64_t kGraceUs = 7 * kUsPerDay;  // for outcomes, after the end
    static constexpr std::int64_t kOverdueAtOnce = 1'000;

    explicit Experiments(ExperimentsParts parts) : parts_(std::move(parts)) {}

    // Running from its start date on. Code::conflict for a name that is taken.
    Result<CreatedTest> create_test(const Context& context, const CreateTest& request);
    Result<TestView> get_test(const Context& context, const TestRef& request);
    Result<TestPage> list_tests(const Context& context, const ListTests& request);

    // Code::conflict for a new user where the test is not running or outside its dates; a user
    // assigned before keeps the arm in any status.
    Result<Assignment> assign(const Context& context, const AssignUser& request);
    // Code::not_found without an assignment; Code::conflict kGraceUs after the end.
    Result<RecordedOutcome> record_outcome(const Context& context, const RecordOutcome& request);
    // All or nothing.
    Result<RecordedOutcomes> record_outcomes(const Context& context, const RecordOutcomes& request);

    // A read: the evidence was kept when outcomes were recorded.
    Result<Analysis> analyze(const Context& context, const TestRef& request);
    Result<TestPlan> plan_test(const Context& context, const PlanTest& request);

    Result<TestView> stop_test(const Context& context, const ChangeTest& request);
    Result<TestView> pause_test(const Context& context, const ChangeTest& request);
    Result<TestView> resume_test(const Context& context, const ChangeTest& request);
    // Code::conflict, unless forced, where the arms have not the users they should or the arm harms
    // a guardrail.
    Result<TestView> ship_test(const Context& context, const ShipTest& request);
    Result<TestView> rollback_test(const Context& context, const ChangeTest& request);

    // Completes tests whose end date has come; run each minute. Nothing depends on it but the
    // stored status and its event.
    Result<void> complete_ended();

    // Inside a write: removes assignments and outcomes of the user (a keyed hash) in all tests and
    // makes their sums anew; what was shown stays shown. The number of tests.
    Result<std::int64_t> forget_user(store::Tx& tx, std::string_view tenant,
                                     std::string_view user_hash);
    // Makes the sums of a test anew from its users' rows; evidence is kept.
    Result<void> rebuild(store::Tx& tx, std::string_view tenant, std::int64_t test_id);

private:
    struct Change {
        std::int64_t test_id = 0;
        TestStatus to = TestStatus::running;
        std::string_view reason;
        std::optional<std::string> arm;  // to ship
        bool force = false;
    };
    Result<TestView> change(const Context& context, const Change& change);
    Result<TestView> apply(store::Tx& tx, const Context& context, const Change& change);
    Result<Assignment> expose(store::Tx& tx, const Context& context, const AssignUser& request,
                              std::string_view user);

    ExperimentsParts parts_;
};

// Registers the operations (called by install()).
void serve_experiments(Host& host, Experiments& experiments);

}  // namespace credence::skills
