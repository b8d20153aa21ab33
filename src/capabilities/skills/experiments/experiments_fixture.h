// For tests: experiments on a store of their own, and users to play with.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "capabilities/skills/experiments/experiment_rows.h"
#include "capabilities/skills/experiments/experiments.h"
#include "capabilities/skills/skills_store.h"

namespace credence::skills {

// Chance of a user and how alike his outcomes are.
struct Behaviour {
    double completion = 0.8;
    double icc = 0;
    double log_duration = 1;
    double log_duration_deviation = 0.4;
    double rating = 4;
};

class ExperimentsFixture : public ::testing::Test {
protected:
    void SetUp() override;
    void TearDown() override;

    std::unique_ptr<Experiments> service_on(store::Database& database);
    static Context caller(const std::string& tenant = "default");
    static CreateTest draft(const std::string& name);
    std::int64_t create(const CreateTest& request);
    std::int64_t create(const std::string& name) { return create(draft(name)); }
    // "" where nobody's share.
    std::string arm_of(std::int64_t test_id, const std::string& user);
    // user-0 … with the arm of each.
    std::vector<std::string> expose(std::int64_t test_id, int users);
    // A user's number of outcomes, each completed with the chance.
    void behave(std::int64_t test_id, int user, int outcomes, const Behaviour& behaviour);
    // Exposes users and gives each outcomes, by arm.
    void play(std::int64_t test_id, int users, int outcomes,
              const std::map<std::string, Behaviour>& arms);
    Result<RecordedOutcome> completes(std::int64_t test_id, const std::string& user,
                                      bool completed = true);
    Analysis analysis(std::int64_t test_id);
    TestView view(std::int64_t test_id);
    ExperimentSums sums(std::int64_t test_id);
    std::vector<std::string> events();
    std::int64_t count(const std::string& sql);
    double uniform();
    double normal();

    SkillsStore store_;
    SeededRandom draws_{11};
    std::unique_ptr<Experiments> experiments_;
};

// The least and the largest count of n coins of chance p, but for 1 in 10,000 on each side.
struct CountBounds {
    std::int64_t low = 0;
    std::int64_t high = 0;
};
CountBounds binomial_bounds(std::int64_t n, double p);

void expect_same_sums(const ExperimentSums& a, const ExperimentSums& b);

// The code of a failed result; fails the test when it succeeded.
template <class T>
Code failed_code(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

template <class T>
std::string failed_field(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? "" : result.error().field;
}

}  // namespace credence::skills
