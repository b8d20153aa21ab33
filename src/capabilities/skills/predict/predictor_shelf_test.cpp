#include "capabilities/skills/predict/predictor_shelf.h"

#include <algorithm>

#include "base/json.h"
#include "capabilities/skills/people/log_fixture.h"
#include "capabilities/skills/predict/predictor_rows.h"
#include "capabilities/skills/skills.h"
#include "stats/predict/predictor_simulation.h"

namespace credence::skills {
namespace {

class PredictorShelfTest : public LogFixture {
protected:
    void SetUp() override {
        LogFixture::SetUp();
        if (!HasFatalFailure()) {
            restart();
        }
    }

    void TearDown() override {
        skills_.reset();
        shelf_.reset();
        LogFixture::TearDown();
    }

    void restart() {
        shelf_ = std::make_unique<PredictorShelf>(*database_, clock_, settings_);
        skills_ = std::make_unique<Skills>(SkillsParts{.database = *database_,
                                                       .clock = clock_,
                                                       .random = random_,
                                                       .ids = ids_,
                                                       .settings = settings_,
                                                       .ledger = ledger_.get(),
                                                       .users = names_.get(),
                                                       .predictors = shelf_.get()});
    }

    // A seeded history with known truth; the clock stands a day after its end.
    void write_history(const stats::PredictorSimulationOptions& options,
                       const std::string& tenant = "default") {
        std::vector<LoggedUse> uses;
        std::int64_t last_us = 0;
        for (const stats::SimulatedUse& use : stats::simulated_history(options)) {
            const auto lasted_us = static_cast<double>(use.known_at_us - use.situation.at_us);
            uses.push_back({.user = "user" + std::to_string(use.situation.user),
                            .skill_name = "skill" + std::to_string(use.situation.skill),
                            .completed = use.success,
                            .at_us = use.situation.at_us,
                            .duration_seconds = lasted_us / 1e6,
                            .workflow_phase = "phase" + std::to_string(use.situation.phase),
                            .session_id = "s" + std::to_string(uses.size() / 10)});
            last_us = std::max(last_us, use.known_at_us);
        }
        clock_.set_us(last_us + kUsPerDay);
        write(uses, tenant);
    }

    Result<PredictorVersion> train(const std::string& tenant = "default", std::int64_t days = 100) {
        return skills_->train_predictor(context(tenant), {days});
    }

    SuccessPrediction predicted(const PredictSuccess& request,
                                const std::string& tenant = "default") {
        const auto answer = skills_->predict_success(context(tenant), request);
        EXPECT_TRUE(answer.has_value()) << answer.error().message;
        return answer.value_or(SuccessPrediction{});
    }

    std::string model(std::int64_t version) {
        const auto found = database_->read(
            [&](store::Tx& tx) { return predictor_rows::find(tx, "default", version); });
        return found && *found ? (*found)->model : "";
    }

    std::unique_ptr<PredictorShelf> shelf_;
    std::unique_ptr<Skills> skills_;
};

TEST_F(PredictorShelfTest, UntrainedItIsTheShrunkRateOfTheSkill) {
    write({{.user = "ada", .skill_name = "good"},
           {.user = "ada", .skill_name = "good"},
           {.user = "ada", .skill_name = "poor", .completed = false}});
    const auto answer = predicted({.skill_name = "good",
                                   .user_query = "how?",
                                   .workflow_phase = "setup",
                                   .session_context = RawJson{R"({"session_length_minutes": 5})"},
                                   .user_id = "ada"});
    EXPECT_EQ(answer.model_version, 0);
    EXPECT_EQ(answer.method, "empirical_bayes_beta_95");
    EXPECT_EQ(answer.probability, answer.base_rate.value);
    EXPECT_EQ(answer.n, 2);
    EXPECT_GT(answer.probability, 0.5);
    EXPECT_LT(answer.probability, 1);
    EXPECT_LT(answer.low, answer.probability);
    EXPECT_FALSE(answer.useful);
    EXPECT_FALSE(answer.evaluation.has_value());
    EXPECT_TRUE(answer.contributions.empty());
    EXPECT_EQ(answer.ignored, (std::vector<std::string>{"user_query", "session_context",
                                                        "workflow_phase", "user_id"}));
    const auto unknown = predicted({.skill_name = "never seen"});
    EXPECT_EQ(unknown.n, 0);
    EXPECT_LT(unknown.low, 0.2);
    EXPECT_GT(unknown.high, 0.8);
    EXPECT_EQ(code_of(skills_->get_predictor(context(), {})), Code::not_found);
}

TEST_F(PredictorShelfTest, LearnsFromTheLogAndBeatsTheBaseRate) {
    write_history({.seed = 3, .uses = 10'000});
    const auto trained = train();
    ASSERT_TRUE(trained.has_value()) << trained.error().message;
    EXPECT_EQ(trained->version, 1);
    EXPECT_EQ(trained->outcomes, 10'000);
    EXPECT_EQ(trained->trained_at_us, clock_.now_us());
    EXPECT_TRUE(trained->useful);
    EXPECT_EQ(trained->evaluation.days, 100);
    EXPECT_EQ(trained->evaluation.judged_on, 2'000);
    EXPECT_GT(trained->evaluation.users, 300);
    ASSERT_TRUE(trained->evaluation.log_loss_gain.has_value());
    EXPECT_GT(trained->evaluation.log_loss_gain->low, 0);
    EXPECT_LT(trained->evaluation.calibration_error->low, 0.03);
    EXPECT_EQ(events("skill_predictor_trained").size(), 1U);
    const auto stored = skills_->get_predictor(context(), {1});
    EXPECT_EQ(to_json(*stored), to_json(*trained));

    const auto answer =
        predicted({.skill_name = "skill1", .workflow_phase = "phase2", .user_id = "user1"});
    EXPECT_EQ(answer.model_version, 1);
    EXPECT_EQ(answer.method, "online_logistic_beta_95");
    EXPECT_GT(answer.n, 0);
    EXPECT_LE(answer.low, answer.probability);
    EXPECT_GE(answer.high, answer.probability);
    EXPECT_EQ(answer.contributions.size(), 13U);
    EXPECT_TRUE(answer.useful);
    EXPECT_TRUE(answer.ignored.empty());
    EXPECT_EQ(answer.base_rate.method, "empirical_bayes_beta_95");
    // What is stored answers to the bit what was in memory.
    restart();
    const auto again =
        predicted({.skill_name = "skill1", .workflow_phase = "phase2", .user_id = "user1"});
    EXPECT_EQ(again.probability, answer.probability);
    // Nobody else's tenant answers.
    EXPECT_EQ(predicted({.skill_name = "skill1"}, "other").model_version, 0);
    EXPECT_EQ(code_of(skills_->get_predictor(context("other"), {})), Code::not_found);
}

TEST_F(PredictorShelfTest, FiveVersionsAreKept) {
    write_history({.seed = 3, .uses = 300});
    for (int version = 1; version <= 7; ++version) {
        EXPECT_EQ(train()->version, version);
    }
    EXPECT_EQ(code_of(skills_->get_predictor(context(), {2})), Code::not_found);
    EXPECT_EQ(skills_->get_predictor(context(), {3})->version, 3);
    EXPECT_EQ(skills_->get_predictor(context(), {})->version, 7);
    EXPECT_EQ(predicted({.skill_name = "skill1"}).model_version, 7);
}

TEST_F(PredictorShelfTest, TooLittleIsAConflictAndStoresNothing) {
    write_history({.seed = 3, .uses = 199});
    const auto few = train();
    EXPECT_EQ(code_of(few), Code::conflict);
    EXPECT_NE(few.error().message.find("199 outcomes"), std::string::npos);
    write_history({.seed = 4, .uses = 100});
    EXPECT_TRUE(train().has_value());
    // Of a window in which nothing happened.
    clock_.advance_us(200 * kUsPerDay);
    EXPECT_EQ(code_of(train("default", 30)), Code::conflict);
    EXPECT_EQ(skills_->get_predictor(context(), {})->version, 1);
}

TEST_F(PredictorShelfTest, RetrainsWhatIsADayOld) {
    write_history({.seed = 3, .uses = 300});
    ASSERT_TRUE(shelf_->retrain_due().has_value());
    EXPECT_EQ(code_of(skills_->get_predictor(context(), {})), Code::not_found);
    ASSERT_TRUE(train("default", 90).has_value());
    ASSERT_TRUE(shelf_->retrain_due().has_value());
    EXPECT_EQ(skills_->get_predictor(context(), {})->version, 1);
    clock_.advance_us(kUsPerDay + 1);
    ASSERT_TRUE(shelf_->retrain_due().has_value());
    EXPECT_EQ(skills_->get_predictor(context(), {})->version, 2);
    EXPECT_EQ(skills_->get_predictor(context(), {})->evaluation.days, 90);
    clock_.advance_us(300 * kUsPerDay);  // nothing is left to learn from: no error
    ASSERT_TRUE(shelf_->retrain_due().has_value());
    EXPECT_EQ(skills_->get_predictor(context(), {})->version, 2);
}

TEST_F(PredictorShelfTest, ErasureTakesTheUserOutOfEveryVersion) {
    write_history({.seed = 3, .uses = 2'000, .users = 20});
    ASSERT_TRUE(train().has_value());
    ASSERT_TRUE(train().has_value());
    const PredictSuccess request{.skill_name = "skill1", .user_id = "user1"};
    const auto before = predicted(request);
    EXPECT_GT(before.n, 0);
    const std::string hash = names_->hash("default", "user1");
    // The number of the user as the stored bytes have it: little-endian.
    std::string digits;
    for (std::size_t i = 16; i > 0; i -= 2) {
        digits += hash.substr(i - 2, 2);
    }
    ASSERT_NE(model(1).find(digits), std::string::npos);
    ASSERT_TRUE(shelf_->forget_user("default", hash).has_value());
    for (const std::int64_t version : {1, 2}) {
        EXPECT_FALSE(model(version).empty());
        EXPECT_EQ(model(version).find(digits), std::string::npos);
    }
    const auto after = predicted(request);
    EXPECT_EQ(after.n, 0);
    EXPECT_EQ(after.model_version, 2);
    EXPECT_NE(after.probability, before.probability);
    const auto stranger = predicted({.skill_name = "skill1", .user_id = "stranger"});
    EXPECT_EQ(after.probability, stranger.probability);
}

TEST_F(PredictorShelfTest, AModelOfVeryFewPeopleIsDroppedWhole) {
    write_history({.seed = 3, .uses = 400, .users = 2});
    ASSERT_TRUE(train().has_value());
    ASSERT_TRUE(shelf_->forget_user("default", names_->hash("default", "user1")).has_value());
    EXPECT_EQ(code_of(skills_->get_predictor(context(), {})), Code::not_found);
    EXPECT_EQ(predicted({.skill_name = "skill1"}).model_version, 0);
}

TEST_F(PredictorShelfTest, UnknownUsersAndPhasesAreFine) {
    std::vector<LoggedUse> uses;
    for (int i = 0; i < 300; ++i) {
        uses.push_back({.skill_name = "only",
                        .completed = i % 4 != 0,
                        .at_us = clock_.now_us() - (300 - i) * kUsPerMinute,
                        .session_id = "s" + std::to_string(i / 3)});
    }
    write(uses);
    const auto trained = train();
    ASSERT_TRUE(trained.has_value()) << trained.error().message;
    EXPECT_EQ(trained->evaluation.users, 0);
    EXPECT_EQ(trained->evaluation.intervals_by, JudgedBy::session);
    const auto answer = predicted({.skill_name = "only"});
    EXPECT_NEAR(answer.probability, 0.75, 0.15);
}

TEST_F(PredictorShelfTest, ADamagedModelIsAnErrorAndNoForecast) {
    write_history({.seed = 3, .uses = 300});
    ASSERT_TRUE(train().has_value());
    execute("UPDATE skill_predictor SET model = substr(model, 1, 100)");
    restart();
    EXPECT_EQ(code_of(skills_->predict_success(context(), {.skill_name = "skill1"})),
              Code::internal);
}

}  // namespace
}  // namespace credence::skills
