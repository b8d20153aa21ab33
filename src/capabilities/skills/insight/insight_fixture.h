// For tests: a store, the fold of its log and the service over it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capabilities/skills/insight/activity.h"
#include "capabilities/skills/insight/anomalies.h"
#include "capabilities/skills/insight/baseline_cache.h"
#include "capabilities/skills/insight/dependencies.h"
#include "capabilities/skills/insight/phases.h"
#include "capabilities/skills/insight/trends.h"
#include "capabilities/skills/insight/windows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/skills_store.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {

// One row of the log.
struct TestRun {
    std::string skill_name = "lint";
    std::int64_t at_us = 0;
    bool completed = true;
    std::optional<double> duration_seconds = {};
    std::string session_id = "s";
    std::string workflow_phase = {};
};

class InsightFixture : public ::testing::Test {
protected:
    // 2025-01-01 was a Wednesday.
    static constexpr std::int64_t kNowUs = kTestStartUs + 40 * kUsPerDay + 10 * kUsPerHour;

    void SetUp() override;
    void start(const SkillsSettings& settings);

    // Writes the rows in their order, and folds them in.
    void log(const std::vector<TestRun>& runs, const std::string& tenant = "default");
    // `each` runs in every hour of [from_us, to_us), the first `completed` of them completed.
    static std::vector<TestRun> steady(const std::string& skill_name, std::int64_t from_us,
                                       std::int64_t to_us, int each, int completed);
    void add_session(const std::string& session_id, const std::string& name_space,
                     std::int64_t started_at_us);
    std::int64_t count(const std::string& sql);
    std::vector<std::string> event_names();

    Context context_;
    SkillsStore store_;
    SkillsSettings settings_;
    std::unique_ptr<Ledger> ledger_;
    std::unique_ptr<Baselines> baselines_;
    std::unique_ptr<Skills> skills_;
};

// The value; fails the test when there is none.
template <class T>
T value_of(Result<T> result) {
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().message);
    return result ? *std::move(result) : T{};
}

template <class T>
Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

}  // namespace credence::skills
