// What outcomes add up to.
#include <cmath>

#include "base/json.h"
#include "capabilities/skills/experiments/experiments_fixture.h"

namespace credence::skills {
namespace {

class ExperimentOutcomeTest : public ExperimentsFixture {
protected:
    // One user in each arm.
    void find_users() {
        test_id_ = create("outcomes");
        for (int user = 0; control_.empty() || treatment_.empty(); ++user) {
            const std::string name = "u" + std::to_string(user);
            (arm_of(test_id_, name) == "control" ? control_ : treatment_) = name;
        }
    }

    std::int64_t test_id_ = 0;
    std::string control_;
    std::string treatment_;
};

TEST_F(ExperimentOutcomeTest, NeedsAnAssignmentAndSomethingToTell) {
    const std::int64_t test_id = create("strict");
    const auto refused = completes(test_id, "stranger");
    EXPECT_EQ(failed_code(refused), Code::not_found);
    EXPECT_EQ(failed_field(refused), "user_id");
    arm_of(test_id, "user");
    RecordOutcome nothing;
    nothing.test_id = test_id;
    nothing.user_id = "user";
    nothing.skill_name = "pytest-run";
    EXPECT_EQ(failed_code(experiments_->record_outcome(caller(), nothing)), Code::invalid);
    EXPECT_FALSE(from_json<RecordOutcome>(R"({"test_id": 1, "user_id": "user", "user_rating": 6})")
                     .has_value());
    EXPECT_FALSE(
        from_json<RecordOutcome>(R"({"test_id": 1, "user_id": "user", "duration_seconds": -1})")
            .has_value());
    EXPECT_EQ(count("SELECT count(*) FROM ab_test_outcomes WHERE tenant = 'default'"), 0);
}

TEST_F(ExperimentOutcomeTest, ABatchIsAllOrNothing) {
    find_users();
    RecordOutcomes batch;
    batch.items = {{test_id_, control_, true, 2.0, 4, "pytest-run"},
                   {test_id_, treatment_, false, {}, {}, {}},
                   {test_id_, "stranger", true, {}, {}, {}}};
    const auto refused = experiments_->record_outcomes(caller(), batch);
    EXPECT_EQ(failed_code(refused), Code::not_found);
    EXPECT_EQ(failed_field(refused), "items[2].user_id");
    batch.items[2] = {99, control_, true, {}, {}, {}};
    EXPECT_EQ(failed_field(experiments_->record_outcomes(caller(), batch)), "items[2].test_id");
    batch.items[2] = {test_id_, control_, {}, {}, {}, {}};
    EXPECT_EQ(failed_field(experiments_->record_outcomes(caller(), batch)), "items[2].completed");
    EXPECT_EQ(count("SELECT count(*) FROM ab_test_outcomes WHERE tenant = 'default'"), 0);
    EXPECT_EQ(sums(test_id_).arms[0].outcomes, 0);
    batch.items[2] = {test_id_, control_, {}, {}, 2, {}};
    const auto recorded = experiments_->record_outcomes(caller(), batch);
    ASSERT_TRUE(recorded.has_value()) << recorded.error().message;
    EXPECT_EQ(recorded->recorded, 3);
    EXPECT_EQ(recorded->users, 2);
    const ExperimentSums now = sums(test_id_);
    EXPECT_EQ(now.arms[0].outcomes, 2);
    EXPECT_EQ(now.arms[0].users, 1);
    EXPECT_DOUBLE_EQ(now.arms[0].rating.mean_y, 3);
    EXPECT_DOUBLE_EQ(now.arms[0].duration.mean_y, std::log(2.0));
    EXPECT_DOUBLE_EQ(now.arms[1].completion.mean_y, 0);
    EXPECT_EQ(now.arms[1].duration.users, 0);
}

TEST_F(ExperimentOutcomeTest, AUserCountsOnceHoweverOftenItComes) {
    find_users();
    RecordOutcomes batch;
    for (int i = 0; i < 1'000; ++i) {
        batch.items.push_back({test_id_, treatment_, true, {}, {}, {}});
    }
    ASSERT_TRUE(experiments_->record_outcomes(caller(), batch).has_value());
    ASSERT_TRUE(completes(test_id_, control_, false).has_value());
    const Analysis seen = analysis(test_id_);
    EXPECT_EQ(seen.arms[1].outcomes, 1'000);
    EXPECT_EQ(seen.arms[1].users_with_outcomes, 1);
    EXPECT_FALSE(seen.arms[1].completion_rate.has_value());
    EXPECT_EQ(seen.verdict, Verdict::continue_);
    EXPECT_NE(seen.reason.find("treatment has 1 of 100"), std::string::npos) << seen.reason;
    // The view counts users, too; each weighs by its own rate.
    EXPECT_EQ(count("SELECT users_with_outcomes FROM v_ab_test_summary WHERE tenant = 'default' "
                    "AND group_name = 'treatment'"),
              1);
    EXPECT_EQ(count("SELECT outcomes FROM v_ab_test_summary WHERE tenant = 'default' "
                    "AND group_name = 'treatment'"),
              1'000);
    EXPECT_EQ(count("SELECT completion_rate = 1 FROM v_ab_test_summary WHERE tenant = 'default' "
                    "AND group_name = 'treatment'"),
              1);
    EXPECT_EQ(count("SELECT completion_rate = 0 FROM v_ab_test_summary WHERE tenant = 'default' "
                    "AND group_name = 'control'"),
              1);
}

TEST_F(ExperimentOutcomeTest, SumsAreThoseOfTheRows) {
    const std::int64_t test_id = create("sums");
    constexpr int kUsers = 40;
    expose(test_id, kUsers);
    for (int round = 0; round < 200; ++round) {
        const int user = static_cast<int>(uniform() * kUsers);
        behave(test_id, user, 1 + static_cast<int>(uniform() * 5), {.icc = 0.2});
    }
    const ExperimentSums running = sums(test_id);
    ASSERT_TRUE(
        store_.database
            ->write([&](store::Tx& tx) { return experiments_->rebuild(tx, "default", test_id); })
            .has_value());
    const ExperimentSums anew = sums(test_id);
    expect_same_sums(running, anew);
    EXPECT_GT(running.arms[0].completion.yy, 0);
    EXPECT_EQ(anew.evidence[0].looks, running.evidence[0].looks);
    EXPECT_EQ(running.arms[0].outcomes + running.arms[1].outcomes,
              count("SELECT count(*) FROM ab_test_outcomes WHERE tenant = 'default'"));
}

TEST_F(ExperimentOutcomeTest, TwoProcessesWriteToTheSameSums) {
    find_users();
    const auto second_store = store_.open();
    const auto second = service_on(*second_store);
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(completes(test_id_, control_).has_value());
        RecordOutcome outcome{test_id_, treatment_, i % 2 == 0, {}, {}, {}};
        ASSERT_TRUE(second->record_outcome(caller(), outcome).has_value());
    }
    const ExperimentSums now = sums(test_id_);
    EXPECT_EQ(now.arms[0].outcomes, 10);
    EXPECT_EQ(now.arms[1].outcomes, 10);
    EXPECT_DOUBLE_EQ(now.arms[1].completion.mean_y, 0.5);
}

TEST_F(ExperimentOutcomeTest, ForgettingAUserLeavesTheSumsRight) {
    const std::int64_t test_id = create("forget");
    const std::int64_t other_id = create("untouched");
    play(test_id, 30, 3, {{"control", {}}, {"treatment", {}}});
    play(other_id, 5, 1, {{"control", {}}, {"treatment", {}}});
    const ExperimentSums before = sums(test_id);
    const ExperimentSums other = sums(other_id);
    const std::string arm = arm_of(test_id, "leaver");
    ASSERT_TRUE(completes(test_id, "leaver", false).has_value());
    ASSERT_TRUE(completes(test_id, "leaver", true).has_value());
    const std::string hash = sha256_hex("default\nleaver");
    EXPECT_EQ(count("SELECT count(*) FROM ab_test_users WHERE tenant = 'default' AND user_id = '" +
                    hash + "'"),
              1);
    const auto tests = store_.database->write(
        [&](store::Tx& tx) { return experiments_->forget_user(tx, "default", hash); });
    ASSERT_TRUE(tests.has_value()) << tests.error().message;
    EXPECT_EQ(*tests, 1);
    expect_same_sums(sums(test_id), before);
    expect_same_sums(sums(other_id), other);
    for (const char* table : {"ab_test_users", "ab_test_assignments", "ab_test_outcomes"}) {
        EXPECT_EQ(count(std::string("SELECT count(*) FROM ") + table +
                        " WHERE tenant = 'default' AND user_id = '" + hash + "'"),
                  0)
            << table;
    }
    // Comes back as a new user of the same arm.
    const auto again = experiments_->assign(caller(), {test_id, "leaver", {}});
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(again->first_exposure);
    EXPECT_EQ(again->group_name, arm);
}

TEST_F(ExperimentOutcomeTest, TenantsDoNotMeet) {
    find_users();
    const Context other = caller("other");
    EXPECT_EQ(failed_code(experiments_->get_test(other, {test_id_})), Code::not_found);
    EXPECT_EQ(failed_code(experiments_->analyze(other, {test_id_})), Code::not_found);
    EXPECT_EQ(failed_code(experiments_->stop_test(other, {test_id_, "x"})), Code::not_found);
    RecordOutcome outcome{test_id_, control_, true, {}, {}, {}};
    EXPECT_EQ(failed_code(experiments_->record_outcome(other, outcome)), Code::not_found);
    ASSERT_TRUE(experiments_->create_test(other, draft("outcomes")).has_value());
    const auto refused = experiments_->record_outcome(other, outcome);
    EXPECT_EQ(failed_code(refused), Code::not_found);
    EXPECT_EQ(failed_field(refused), "user_id");
    const auto forgotten = store_.database->write([&](store::Tx& tx) {
        return experiments_->forget_user(tx, "other", sha256_hex("default\n" + control_));
    });
    ASSERT_TRUE(forgotten.has_value());
    EXPECT_EQ(*forgotten, 0);
    EXPECT_EQ(sums(test_id_).arms[0].assigned + sums(test_id_).arms[1].assigned,
              count("SELECT count(*) FROM ab_test_assignments WHERE tenant = 'default'"));
}

TEST_F(ExperimentOutcomeTest, NoRawUserReachesTheStore) {
    const std::int64_t test_id = create("private");
    const auto assigned = experiments_->assign(caller(), {test_id, "alice@example.org", {}});
    ASSERT_TRUE(assigned.has_value());
    ASSERT_TRUE(completes(test_id, "alice@example.org").has_value());
    for (const char* table : {"ab_test_users", "ab_test_assignments", "ab_test_outcomes"}) {
        EXPECT_EQ(count(std::string("SELECT count(*) FROM ") + table +
                        " WHERE tenant = 'default' AND (user_id LIKE '%alice%' "
                        "OR length(user_id) <> 64)"),
                  0)
            << table;
    }
    EXPECT_EQ(count("SELECT count(*) FROM event WHERE tenant = 'default' "
                    "AND body LIKE '%alice%'"),
              0);
}

}  // namespace
}  // namespace credence::skills
