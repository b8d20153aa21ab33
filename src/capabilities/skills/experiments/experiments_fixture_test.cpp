#include "capabilities/skills/experiments/experiments_fixture.h"

#include <cmath>
#include <numbers>

#include "base/log.h"
#include "engine/store/event.h"

namespace credence::skills {
namespace {

void expect_near(double a, double b) {
    EXPECT_NEAR(a, b, 1e-9 * std::max(1.0, std::fabs(a)));
}

void expect_same_moments(const StoredMoments& a, const StoredMoments& b) {
    EXPECT_EQ(a.users, b.users);
    expect_near(a.mean_y, b.mean_y);
    expect_near(a.mean_x, b.mean_x);
    expect_near(a.yy, b.yy);
    expect_near(a.xy, b.xy);
    expect_near(a.xx, b.xx);
}

}  // namespace

void ExperimentsFixture::SetUp() {
    log::set_level(log::Level::off);
    experiments_ = service_on(*store_.database);
}

void ExperimentsFixture::TearDown() {
    experiments_.reset();
}

std::unique_ptr<Experiments> ExperimentsFixture::service_on(store::Database& database) {
    stats::AssignmentKey key{};
    key.fill(7);
    return std::make_unique<Experiments>(ExperimentsParts{
        database, store_.clock, key, [](std::string_view tenant, std::string_view user_id) {
            return sha256_hex(std::string(tenant) + "\n" + std::string(user_id));
        }});
}

Context ExperimentsFixture::caller(const std::string& tenant) {
    Context context;
    context.tenant = tenant;
    context.scopes = Scopes::all();
    return context;
}

CreateTest ExperimentsFixture::draft(const std::string& name) {
    CreateTest request;
    request.test_name = name;
    request.control_strategy = "semantic_search";
    request.treatment_strategy = "workflow_aware_search";
    return request;
}

std::int64_t ExperimentsFixture::create(const CreateTest& request) {
    const auto made = experiments_->create_test(caller(), request);
    EXPECT_TRUE(made.has_value()) << (made ? "" : made.error().message);
    return made ? made->test_id : 0;
}

std::string ExperimentsFixture::arm_of(std::int64_t test_id, const std::string& user) {
    const auto assigned = experiments_->assign(caller(), {test_id, user, {}});
    EXPECT_TRUE(assigned.has_value()) << (assigned ? "" : assigned.error().message);
    return assigned ? assigned->group_name.value_or("") : "";
}

std::vector<std::string> ExperimentsFixture::expose(std::int64_t test_id, int users) {
    std::vector<std::string> arms;
    for (int user = 0; user < users; ++user) {
        arms.push_back(arm_of(test_id, "user-" + std::to_string(user)));
    }
    return arms;
}

// A row repeats the user's own coin with probability sqrt(icc), else it is a fresh coin.
void ExperimentsFixture::behave(std::int64_t test_id, int user, int outcomes,
                                const Behaviour& behaviour) {
    const bool own_coin = uniform() < behaviour.completion;
    RecordOutcomes batch;
    for (int i = 0; i < outcomes; ++i) {
        RecordOutcome outcome;
        outcome.test_id = test_id;
        outcome.user_id = "user-" + std::to_string(user);
        const bool repeats = uniform() < std::sqrt(behaviour.icc);
        outcome.completed = repeats ? own_coin : uniform() < behaviour.completion;
        outcome.duration_seconds =
            std::exp(behaviour.log_duration + behaviour.log_duration_deviation * normal());
        outcome.user_rating = std::clamp<std::int64_t>(
            static_cast<std::int64_t>(std::lround(behaviour.rating + normal())), 1, 5);
        batch.items.push_back(std::move(outcome));
    }
    const auto recorded = experiments_->record_outcomes(caller(), batch);
    EXPECT_TRUE(recorded.has_value()) << (recorded ? "" : recorded.error().message);
}

void ExperimentsFixture::play(std::int64_t test_id, int users, int outcomes,
                              const std::map<std::string, Behaviour>& arms) {
    const auto names = expose(test_id, users);
    for (int user = 0; user < users; ++user) {
        const auto behaviour = arms.find(names[static_cast<std::size_t>(user)]);
        if (behaviour != arms.end()) {
            behave(test_id, user, outcomes, behaviour->second);
        }
    }
}

Result<RecordedOutcome> ExperimentsFixture::completes(std::int64_t test_id, const std::string& user,
                                                      bool completed) {
    RecordOutcome outcome;
    outcome.test_id = test_id;
    outcome.user_id = user;
    outcome.completed = completed;
    return experiments_->record_outcome(caller(), outcome);
}

Analysis ExperimentsFixture::analysis(std::int64_t test_id) {
    auto found = experiments_->analyze(caller(), {test_id});
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().message);
    return found.value_or(Analysis{});
}

TestView ExperimentsFixture::view(std::int64_t test_id) {
    auto found = experiments_->get_test(caller(), {test_id});
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().message);
    return found.value_or(TestView{});
}

ExperimentSums ExperimentsFixture::sums(std::int64_t test_id) {
    auto found = store_.database->read(
        [&](store::Tx& tx) { return experiment_rows::sums(tx, "default", test_id); });
    EXPECT_TRUE(found.has_value() && found->has_value());
    return found && *found ? **found : ExperimentSums{};
}

std::vector<std::string> ExperimentsFixture::events() {
    const auto read = store_.database->read(
        [](store::Tx& tx) { return store::EventLog::read(tx, "default", 0, {}, 1000); });
    std::vector<std::string> names;
    EXPECT_TRUE(read.has_value());
    for (const auto& event : *read) {
        names.push_back(event.name);
    }
    return names;
}

std::int64_t ExperimentsFixture::count(const std::string& sql) {
    const auto rows = store_.database->read([&](store::Tx& tx) { return tx.query(sql); });
    EXPECT_TRUE(rows.has_value()) << (rows ? "" : rows.error().message);
    return rows ? rows->integer(0, 0) : -1;
}

double ExperimentsFixture::uniform() {
    return static_cast<double>(draws_.next() >> 11) / 9007199254740992.0;
}

double ExperimentsFixture::normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
}

CountBounds binomial_bounds(std::int64_t n, double p) {
    constexpr double kOutside = 1e-4;
    const double size = static_cast<double>(n);
    const auto chance_of = [&](std::int64_t k) {
        const double count = static_cast<double>(k);
        return std::exp(std::lgamma(size + 1) - std::lgamma(count + 1) -
                        std::lgamma(size - count + 1) + count * std::log(p) +
                        (size - count) * std::log1p(-p));
    };
    CountBounds bounds{0, n};
    for (double tail = chance_of(0); tail < kOutside; tail += chance_of(bounds.low)) {
        ++bounds.low;
    }
    for (double tail = chance_of(n); tail < kOutside; tail += chance_of(bounds.high)) {
        --bounds.high;
    }
    return bounds;
}

void expect_same_sums(const ExperimentSums& a, const ExperimentSums& b) {
    ASSERT_EQ(a.arms.size(), b.arms.size());
    for (std::size_t arm = 0; arm < a.arms.size(); ++arm) {
        EXPECT_EQ(a.arms[arm].assigned, b.arms[arm].assigned);
        EXPECT_EQ(a.arms[arm].users, b.arms[arm].users);
        EXPECT_EQ(a.arms[arm].outcomes, b.arms[arm].outcomes);
        expect_same_moments(a.arms[arm].completed_of_judged, b.arms[arm].completed_of_judged);
        expect_same_moments(a.arms[arm].completion, b.arms[arm].completion);
        expect_same_moments(a.arms[arm].duration, b.arms[arm].duration);
        expect_same_moments(a.arms[arm].rating, b.arms[arm].rating);
    }
}

}  // namespace credence::skills
