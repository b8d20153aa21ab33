// Life of a test: made, joined, ended.
#include <algorithm>

#include "base/json.h"
#include "capabilities/skills/experiments/experiment_check.h"
#include "capabilities/skills/experiments/experiments_fixture.h"

namespace credence::skills {
namespace {

using ExperimentsTest = ExperimentsFixture;

constexpr const char* kDocument =
    R"({"test_name": "test_experiment", "control_strategy": "semantic_search",
        "treatment_strategy": "workflow_aware_search", "start_date": "2026-02-10T00:00:00Z"})";
constexpr std::int64_t kDocumentStartUs = 1'770'681'600'000'000;

TEST_F(ExperimentsTest, TheDocumentsCallWorksAsItStands) {
    const auto request = from_json<CreateTest>(kDocument);
    ASSERT_TRUE(request.has_value()) << request.error().message;
    const std::int64_t test_id = create(*request);
    EXPECT_EQ(test_id, 1);
    const TestView test = view(test_id);
    EXPECT_EQ(test.status, TestStatus::running);
    EXPECT_EQ(test.start_date_us, kDocumentStartUs);
    EXPECT_EQ(test.min_sample_size, 100);
    ASSERT_EQ(test.metrics.size(), 1U);
    EXPECT_EQ(test.metrics[0].name, TestMetric::completion_rate);
    EXPECT_EQ(test.metrics[0].role, MetricRole::primary);
    ASSERT_EQ(test.arms.size(), 2U);
    EXPECT_EQ(test.arms[0].group_name, "control");
    EXPECT_EQ(test.arms[0].strategy, "semantic_search");
    EXPECT_DOUBLE_EQ(test.arms[0].share, 0.5);
    // It has not begun in 2025.
    EXPECT_EQ(failed_code(experiments_->assign(caller(), {test_id, "user", {}})), Code::conflict);
    store_.clock.set_us(kDocumentStartUs);
    EXPECT_FALSE(arm_of(test_id, "user").empty());
}

TEST_F(ExperimentsTest, NamesAreUniqueWithinATenant) {
    create("search");
    const auto again = experiments_->create_test(caller(), draft("search"));
    EXPECT_EQ(failed_code(again), Code::conflict);
    EXPECT_EQ(failed_field(again), "test_name");
    const auto other = experiments_->create_test(caller("other"), draft("search"));
    ASSERT_TRUE(other.has_value());
    EXPECT_EQ(other->test_id, 1);
    EXPECT_EQ(create("another"), 2);
}

TEST_F(ExperimentsTest, RatioIsTheControlsShare) {
    CreateTest request = draft("ratio");
    request.assignment_ratio = 0.8;
    const TestView test = view(create(request));
    EXPECT_DOUBLE_EQ(test.arms[0].share, 0.8);
    EXPECT_NEAR(test.arms[1].share, 0.2, 1e-12);
}

TEST_F(ExperimentsTest, RefusesWhatMakesNoSense) {
    const auto field = [&](auto change) {
        CreateTest request = draft("nonsense");
        change(request);
        const auto made = experiments_->create_test(caller(), request);
        EXPECT_EQ(failed_code(made), Code::invalid);
        return failed_field(made);
    };
    EXPECT_EQ(field([](CreateTest& r) { r.control_strategy.reset(); }), "control_strategy");
    EXPECT_EQ(field([](CreateTest& r) { r.treatment_strategy.reset(); }), "treatment_strategy");
    EXPECT_EQ(field([](CreateTest& r) { r.start_date = "tomorrow"; }), "start_date");
    EXPECT_EQ(field([](CreateTest& r) { r.end_date = "2020-01-01T00:00:00Z"; }), "end_date");
    EXPECT_EQ(field([](CreateTest& r) {
                  r.start_date = "2025-01-01T00:00:00Z";
                  r.start_date_us = 1;
              }),
              "start_date");
    EXPECT_EQ(field([](CreateTest& r) { r.arms = {{"a", "x", 0.5}, {"b", "y", 0.5}}; }), "arms");
    const auto with_arms = [&](std::vector<TestArm> arms) {
        return field([&](CreateTest& r) {
            r.control_strategy.reset();
            r.treatment_strategy.reset();
            r.arms = std::move(arms);
        });
    };
    EXPECT_EQ(with_arms({{"a", "x", 1}}), "arms");
    EXPECT_EQ(with_arms({{"a", "x", 0.6}, {"b", "y", 0.6}}), "arms");
    EXPECT_EQ(with_arms({{"a", "x", 0.5}, {"a", "y", 0.5}}), "arms[1].name");
    EXPECT_EQ(with_arms({{"a", "x", 0.5}, {"b b", "y", 0.5}}), "arms[1].name");
    EXPECT_EQ(with_arms({{"a", "x", 0}, {"b", "y", 0.5}}), "arms[0].share");
    EXPECT_EQ(field([](CreateTest& r) { r.metrics = {{}, {}}; }), "metrics[1].name");
    EXPECT_EQ(field([](CreateTest& r) {
                  r.metrics = {{TestMetric::user_rating, {}, MetricRole::guardrail, {}}};
              }),
              "metrics");
    EXPECT_EQ(
        field([](CreateTest& r) { r.metrics = {{TestMetric::completion_rate, {}, {}, 0.0}}; }),
        "metrics[0].minimum_effect");
    EXPECT_EQ(count("SELECT count(*) FROM ab_test_configs WHERE tenant = 'default'"), 0);
}

TEST_F(ExperimentsTest, AssignmentIsDeterministicAndWrittenOnce) {
    const std::int64_t test_id = create("once");
    const auto first = experiments_->assign(caller(), {test_id, "user", 0.5});
    ASSERT_TRUE(first.has_value());
    EXPECT_TRUE(first->first_exposure);
    EXPECT_EQ(first->assigned_at_us, kTestStartUs);
    EXPECT_EQ(first->strategy,
              first->group_name == "control" ? "semantic_search" : "workflow_aware_search");
    store_.clock.advance_us(kUsPerDay);
    const auto again = experiments_->assign(caller(), {test_id, "user", 0.9});
    ASSERT_TRUE(again.has_value());
    EXPECT_FALSE(again->first_exposure);
    EXPECT_EQ(again->group_name, first->group_name);
    EXPECT_EQ(again->assigned_at_us, kTestStartUs);
    EXPECT_EQ(count("SELECT count(*) FROM ab_test_assignments WHERE tenant = 'default' "
                    "AND covariate = 0.5 AND length(user_id) = 64"),
              1);
    EXPECT_EQ(view(test_id).arms[0].users_assigned + view(test_id).arms[1].users_assigned, 1);
    // Another service with the same key on the same store, as after a restart.
    const auto other = store_.open();
    const auto same = service_on(*other)->assign(caller(), {test_id, "user", {}});
    ASSERT_TRUE(same.has_value());
    EXPECT_EQ(same->group_name, first->group_name);
}

TEST_F(ExperimentsTest, SharesAreKept) {
    constexpr int kUsers = 1'000;
    for (const double ratio : {0.5, 0.8}) {
        CreateTest request = draft("share " + std::to_string(ratio));
        request.assignment_ratio = ratio;
        const auto arms = expose(create(request), kUsers);
        const auto controls = std::ranges::count(arms, "control");
        const CountBounds bounds = binomial_bounds(kUsers, ratio);
        EXPECT_GE(controls, bounds.low) << ratio;
        EXPECT_LE(controls, bounds.high) << ratio;
        EXPECT_EQ(std::ranges::count(arms, "treatment"), kUsers - controls);
    }
    EXPECT_EQ(binomial_bounds(10, 0.5).low, 0);
    EXPECT_LT(binomial_bounds(kUsers, 0.5).high, 580);
}

TEST_F(ExperimentsTest, TwoTestsInParallelAreIndependent) {
    constexpr int kUsers = 600;
    const auto first = expose(create("first"), kUsers);
    const auto second = expose(create("second"), kUsers);
    std::int64_t both = 0;
    for (std::size_t user = 0; user < first.size(); ++user) {
        both += first[user] == "treatment" && second[user] == "treatment" ? 1 : 0;
    }
    const CountBounds bounds = binomial_bounds(kUsers, 0.25);
    EXPECT_GE(both, bounds.low);
    EXPECT_LE(both, bounds.high);
    // What one learns the other does not.
    ASSERT_TRUE(completes(1, "user-0").has_value());
    EXPECT_EQ(view(1).arms[0].outcomes + view(1).arms[1].outcomes, 1);
    EXPECT_EQ(view(2).arms[0].outcomes + view(2).arms[1].outcomes, 0);
}

TEST_F(ExperimentsTest, ThreeArmsAndTheRestOutside) {
    CreateTest request;
    request.test_name = "three";
    request.arms = {{"plain", "a", 0.3}, {"short", "b", 0.3}, {"long", "c", 0.2}};
    const std::int64_t test_id = create(request);
    constexpr int kUsers = 600;
    const auto arms = expose(test_id, kUsers);
    for (const auto& [name, share] :
         std::map<std::string, double>{{"plain", 0.3}, {"short", 0.3}, {"long", 0.2}, {"", 0.2}}) {
        const CountBounds bounds = binomial_bounds(kUsers, share);
        EXPECT_GE(std::ranges::count(arms, name), bounds.low) << name;
        EXPECT_LE(std::ranges::count(arms, name), bounds.high) << name;
    }
    const auto outside = std::ranges::find(arms, "");
    ASSERT_NE(outside, arms.end());
    const auto user = "user-" + std::to_string(outside - arms.begin());
    const auto refused = completes(test_id, user);
    EXPECT_EQ(failed_code(refused), Code::not_found);
    EXPECT_EQ(failed_field(refused), "user_id");
}

TEST_F(ExperimentsTest, UnknownAndStoppedTests) {
    EXPECT_EQ(failed_code(experiments_->get_test(caller(), {9})), Code::not_found);
    EXPECT_EQ(failed_code(experiments_->analyze(caller(), {9})), Code::not_found);
    EXPECT_EQ(failed_code(experiments_->assign(caller(), {9, "user", {}})), Code::not_found);
    EXPECT_EQ(failed_code(completes(9, "user")), Code::not_found);
    EXPECT_EQ(failed_code(experiments_->stop_test(caller(), {9, "why"})), Code::not_found);
    const std::int64_t test_id = create("stopped");
    const std::string arm = arm_of(test_id, "early");
    ASSERT_TRUE(experiments_->stop_test(caller(), {test_id, "enough"}).has_value());
    EXPECT_EQ(failed_code(experiments_->assign(caller(), {test_id, "late", {}})), Code::conflict);
    EXPECT_EQ(arm_of(test_id, "early"), arm);
    EXPECT_EQ(failed_code(experiments_->stop_test(caller(), {test_id, "again"})), Code::conflict);
}

TEST_F(ExperimentsTest, DatesAreKept) {
    CreateTest request = draft("dated");
    request.start_date = "2025-01-02T00:00:00Z";
    request.end_date = "2025-01-09T00:00:00+00:00";
    const std::int64_t test_id = create(request);
    EXPECT_EQ(failed_code(experiments_->assign(caller(), {test_id, "user", {}})), Code::conflict);
    store_.clock.advance_us(kUsPerDay);
    EXPECT_FALSE(arm_of(test_id, "user").empty());
    EXPECT_TRUE(completes(test_id, "user").has_value());
    store_.clock.advance_us(7 * kUsPerDay - 1);
    EXPECT_FALSE(arm_of(test_id, "last").empty());
    EXPECT_EQ(view(test_id).status, TestStatus::running);
    store_.clock.advance_us(1);
    EXPECT_EQ(view(test_id).status, TestStatus::completed);
    EXPECT_EQ(failed_code(experiments_->assign(caller(), {test_id, "late", {}})), Code::conflict);
    EXPECT_FALSE(arm_of(test_id, "user").empty());
    // Outcomes of those exposed in time come in for seven days.
    store_.clock.advance_us(7 * kUsPerDay);
    EXPECT_TRUE(completes(test_id, "last").has_value());
    store_.clock.advance_us(1);
    const auto late = completes(test_id, "last");
    EXPECT_EQ(failed_code(late), Code::conflict);
    EXPECT_EQ(failed_field(late), "test_id");
    EXPECT_EQ(analysis(test_id).verdict, Verdict::inconclusive);
    // The stored status follows, once.
    EXPECT_EQ(count("SELECT count(*) FROM ab_test_configs WHERE tenant = 'default' "
                    "AND status = 'running'"),
              1);
    ASSERT_TRUE(experiments_->complete_ended().has_value());
    ASSERT_TRUE(experiments_->complete_ended().has_value());
    EXPECT_EQ(view(test_id).ended_at_us, kTestStartUs + 8 * kUsPerDay);
    EXPECT_EQ(events(), (std::vector<std::string>{"ab_test_created", "ab_test_status_changed"}));
}

TEST_F(ExperimentsTest, PausesAndGoesOn) {
    const std::int64_t test_id = create("paused");
    const std::string arm = arm_of(test_id, "early");
    ASSERT_TRUE(experiments_->pause_test(caller(), {test_id, "outage"}).has_value());
    EXPECT_EQ(failed_code(experiments_->assign(caller(), {test_id, "new", {}})), Code::conflict);
    EXPECT_EQ(arm_of(test_id, "early"), arm);
    EXPECT_TRUE(completes(test_id, "early").has_value());
    EXPECT_EQ(failed_code(experiments_->pause_test(caller(), {test_id, "x"})), Code::conflict);
    const auto resumed = experiments_->resume_test(caller(), {test_id, "mended"});
    ASSERT_TRUE(resumed.has_value());
    EXPECT_EQ(resumed->status, TestStatus::running);
    EXPECT_FALSE(resumed->decision.has_value());
    EXPECT_FALSE(arm_of(test_id, "new").empty());
}

TEST_F(ExperimentsTest, AWholeLife) {
    const std::int64_t test_id = create("life");
    play(test_id, 20, 2, {{"control", {}}, {"treatment", {}}});
    store_.clock.advance_us(kUsPerDay);
    const auto shipped = experiments_->ship_test(caller(), {test_id, {}, "we like it", false});
    ASSERT_TRUE(shipped.has_value()) << shipped.error().message;
    EXPECT_EQ(shipped->status, TestStatus::shipped);
    ASSERT_TRUE(shipped->decision.has_value());
    EXPECT_EQ(shipped->decision->arm, "treatment");
    EXPECT_EQ(shipped->decision->reason, "we like it");
    EXPECT_EQ(shipped->decision->decided_by, "local");
    EXPECT_EQ(shipped->ended_at_us, kTestStartUs + kUsPerDay);
    EXPECT_EQ(failed_code(experiments_->resume_test(caller(), {test_id, "x"})), Code::conflict);
    EXPECT_EQ(failed_code(experiments_->stop_test(caller(), {test_id, "x"})), Code::conflict);
    store_.clock.advance_us(kUsPerDay);
    const auto back = experiments_->rollback_test(caller(), {test_id, "it broke"});
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(back->status, TestStatus::rolled_back);
    EXPECT_EQ(back->ended_at_us, kTestStartUs + kUsPerDay);
    EXPECT_EQ(failed_code(experiments_->ship_test(caller(), {test_id, {}, "x", true})),
              Code::conflict);
    EXPECT_EQ(events(), (std::vector<std::string>{"ab_test_created", "ab_test_status_changed",
                                                  "ab_test_status_changed"}));
}

TEST_F(ExperimentsTest, ShipsOnlyATreatmentOfItsOwn) {
    CreateTest request;
    request.test_name = "three";
    request.arms = {{"plain", "a", 0.3}, {"short", "b", 0.3}, {"long", "c", 0.2}};
    const std::int64_t test_id = create(request);
    const auto ship = [&](std::optional<std::string> arm) {
        return experiments_->ship_test(caller(), {test_id, std::move(arm), "x", false});
    };
    EXPECT_EQ(failed_field(ship({})), "arm");
    EXPECT_EQ(failed_field(ship("plain")), "arm");
    EXPECT_EQ(failed_field(ship("else")), "arm");
    EXPECT_TRUE(ship("long").has_value());
}

TEST_F(ExperimentsTest, ListsInPages) {
    for (const char* name : {"a", "b", "c"}) {
        create(name);
    }
    ASSERT_TRUE(experiments_->stop_test(caller(), {2, "x"}).has_value());
    auto page = experiments_->list_tests(caller(), {{}, 0, 2});
    ASSERT_TRUE(page.has_value());
    ASSERT_EQ(page->tests.size(), 2U);
    EXPECT_EQ(page->tests[1].test_name, "b");
    EXPECT_EQ(page->next, 2);
    page = experiments_->list_tests(caller(), {{}, 2, 2});
    ASSERT_EQ(page->tests.size(), 1U);
    EXPECT_FALSE(page->next.has_value());
    page = experiments_->list_tests(caller(), {TestStatus::stopped, 0, 10});
    ASSERT_EQ(page->tests.size(), 1U);
    EXPECT_EQ(page->tests[0].test_id, 2);
    EXPECT_TRUE(experiments_->list_tests(caller("other"), {})->tests.empty());
}

TEST(ExperimentTimeTest, ReadsRfc3339) {
    const auto at = [](std::string_view text) { return parse_test_time(text, "t").value_or(-1); };
    EXPECT_EQ(at("2026-02-10T00:00:00Z"), kDocumentStartUs);
    EXPECT_EQ(at("2026-02-10T01:30:00+01:30"), kDocumentStartUs);
    EXPECT_EQ(at("2026-02-09t19:00:00.250000-05:00"), kDocumentStartUs + 250'000);
    EXPECT_EQ(at("2026-02-10T00:00:00.1234567Z"), kDocumentStartUs + 123'456);
    EXPECT_EQ(at("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(at("2024-02-29T00:00:00Z"), 1'709'164'800'000'000);
    for (const char* bad :
         {"", "2026-02-10", "2026-02-30T00:00:00Z", "2026-02-10T24:00:00Z", "2026-02-10T00:00:00",
          "2026-02-10T00:00:00Zx", "2026-02-10T00:00:00.Z", "2026-13-10T00:00:00Z",
          "1969-12-31T00:00:00Z", "2026-02-10T00:00:00+25:00", "x026-02-10T00:00:00Z"}) {
        EXPECT_EQ(at(bad), -1) << bad;
    }
}

}  // namespace
}  // namespace credence::skills
