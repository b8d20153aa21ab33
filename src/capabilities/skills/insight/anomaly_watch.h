// The stored check: every closed hour once, for all tenants, into skill_anomalies.
//
// Only closed hours are tested, each once, kSettleMinutes after its end, so that sixty checks of
// the same running hour do not each get a chance to cry wolf. In each hour, with nothing wrong, the
// chance of any false anomaly is at most the false discovery rate for success rates and half of it
// for volumes and for durations; hours are further chances (README.md). Hours missed while nobody
// ran are not made up for. Runs that arrive later than that are not tested here.
//
// An open anomaly is updated while its hours stay out, resolved ("recovered") after
// kNormalChecks normal hours in a row, and ("no_data") after kForgottenHours without a hour that
// could be tested. One row a skill and metric is open at a time. Not reentrant.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "capabilities/skills/insight/anomaly_rows.h"
#include "capabilities/skills/insight/baseline_cache.h"

namespace credence::skills {

// Events.
struct SkillAnomalyDetected {
    AnomalyId anomaly_id;
    std::string skill_name;
    AnomalyType anomaly_type = AnomalyType::pattern_shift;
    AnomalyMetric metric = AnomalyMetric::completion_rate;
    std::int64_t detected_at_us = 0;
    double baseline_value = 0;
    double observed_value = 0;
    double deviation_score = 0;
    double adjusted_p = 1;
};
void describe(Describe<SkillAnomalyDetected>&);

struct SkillAnomalyResolved {
    AnomalyId anomaly_id;
    std::string skill_name;
    AnomalyType anomaly_type = AnomalyType::pattern_shift;
    AnomalyMetric metric = AnomalyMetric::completion_rate;
    std::int64_t resolved_at_us = 0;
    std::string resolved_by;
};
void describe(Describe<SkillAnomalyResolved>&);

class AnomalyWatch {
public:
    static constexpr std::int64_t kSettleMinutes = 5;
    static constexpr std::int64_t kNormalChecks = 2;
    static constexpr std::int64_t kForgottenHours = 168;
    static constexpr std::int64_t kMaxOpen = 10'000;  // of a tenant; further ones are not opened
    static constexpr std::size_t kMaxTenants = 10'000;

    // Told after the commit, once for each anomaly that was opened.
    using Opened = std::function<void(const std::string& tenant, const SkillAnomalyDetected&)>;

    AnomalyWatch(store::Database& database, Baselines& baselines, const Clock& clock, IdMaker& ids,
                 Opened opened);

    // Checks the newest closed hour of each tenant that was not checked yet.
    Result<void> run();

private:
    struct Finding;
    struct Checked;

    Result<void> check(const std::string& tenant, std::int64_t hour_us);
    Result<std::vector<SkillAnomalyDetected>> store(const std::string& tenant,
                                                    const Checked& checked);
    Result<void> see_again(store::Tx& tx, const std::string& tenant, const Checked& checked,
                           anomaly_rows::AnomalyRow row);

    store::Database& database_;
    Baselines& baselines_;
    const Clock& clock_;
    IdMaker& ids_;
    Opened opened_;
    std::map<std::string, std::int64_t> checked_hours_;  // by tenant
};

}  // namespace credence::skills
