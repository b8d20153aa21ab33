#include "capabilities/skills/insight/anomaly_watch.h"

#include <utility>

#include "capabilities/skills/insight/windows.h"

namespace credence::skills {

using anomaly_rows::AnomalyRow;

struct AnomalyWatch::Finding {
    SkillAnomaly anomaly;
    bool found = false;
};

// By skill and metric: everything that could be tested in the hour.
struct AnomalyWatch::Checked {
    std::map<std::pair<std::string, AnomalyMetric>, Finding> findings;
    std::int64_t through_us = 0;  // the end of the hour
    std::int64_t now_us = 0;
};

namespace {

// Events of the check have no user behind them.
struct WatchActor {
    std::string tenant;
    std::string actor = "system";
};

void take_over(AnomalyRow& row, const SkillAnomaly& anomaly, std::int64_t through_us) {
    row.anomaly_type = anomaly.anomaly_type;
    row.last_seen_at_us = through_us;
    row.baseline_value = anomaly.baseline_value;
    row.observed_value = anomaly.observed_value;
    row.deviation_score = anomaly.deviation_score;
    row.adjusted_p = anomaly.adjusted_p;
    row.detail.baseline = anomaly.baseline;
    row.detail.n = anomaly.n;
    row.detail.method = anomaly.method;
    row.detail.p_value = anomaly.p_value;
    row.detail.checked_through_us = through_us;
    row.detail.normal_checks = 0;
}

SkillAnomalyDetected detected_of(const AnomalyRow& row) {
    return {.anomaly_id = row.id,
            .skill_name = row.skill_name,
            .anomaly_type = row.anomaly_type,
            .metric = row.metric,
            .detected_at_us = row.detected_at_us,
            .baseline_value = row.baseline_value,
            .observed_value = row.observed_value,
            .deviation_score = row.deviation_score,
            .adjusted_p = row.adjusted_p};
}

}  // namespace

AnomalyWatch::AnomalyWatch(store::Database& database, Baselines& baselines, const Clock& clock,
                           IdMaker& ids, Opened opened)
    : database_(database),
      baselines_(baselines),
      clock_(clock),
      ids_(ids),
      opened_(std::move(opened)) {}

Result<void> AnomalyWatch::run() {
    const std::int64_t settled_us = clock_.now_us() - kSettleMinutes * kUsPerMinute;
    const std::int64_t hour_us = floor_to(settled_us, kUsPerHour) - kUsPerHour;
    std::string tenant;
    for (std::size_t i = 0; i < kMaxTenants; ++i) {
        const auto next = TRY(
            database_.read([&](store::Tx& tx) { return anomaly_rows::tenant_after(tx, tenant); }));
        if (!next) {
            break;
        }
        tenant = *next;
        const auto found = checked_hours_.find(tenant);
        if (found == checked_hours_.end() || found->second < hour_us) {
            TRY(check(tenant, hour_us));
            checked_hours_[tenant] = hour_us;
        }
    }
    return {};
}

Result<void> AnomalyWatch::check(const std::string& tenant, std::int64_t hour_us) {
    const Judgement judgement =
        TRY(baselines_.judge(tenant, {.baseline_hours = baselines_.baseline_hours(),
                                      .recent_hours = 1,
                                      .closed_hour_us = hour_us}));
    Checked checked{.findings = {}, .through_us = hour_us + kUsPerHour, .now_us = clock_.now_us()};
    for (const MetricTest& test : judgement.tests.tests) {
        const std::string& name = judgement.family->skills[test.skill].skill_name;
        checked.findings.emplace(std::pair(name, test.metric),
                                 Finding{describe_anomaly(test, name, checked.now_us), test.found});
    }
    for (const SkillAnomalyDetected& opened : TRY(store(tenant, checked))) {
        if (opened_) {
            opened_(tenant, opened);
        }
    }
    return {};
}

Result<std::vector<SkillAnomalyDetected>> AnomalyWatch::store(const std::string& tenant,
                                                              const Checked& checked) {
    return database_.write([&](store::Tx& tx) -> Result<std::vector<SkillAnomalyDetected>> {
        std::vector<SkillAnomalyDetected> opened;
        auto remaining = checked.findings;
        auto rows = TRY(anomaly_rows::open_ones(tx, tenant, kMaxOpen));
        std::int64_t open = std::ssize(rows);
        for (AnomalyRow& row : rows) {
            remaining.erase({row.skill_name, row.metric});
            TRY(see_again(tx, tenant, checked, std::move(row)));
        }
        for (const auto& [key, finding] : remaining) {
            if (!finding.found || open >= kMaxOpen) {
                continue;
            }
            ++open;
            AnomalyRow row;
            row.id = ids_.make<AnomalyId>();
            row.skill_name = key.first;
            row.metric = key.second;
            row.detected_at_us = checked.now_us;
            take_over(row, finding.anomaly, checked.through_us);
            TRY(anomaly_rows::insert(tx, tenant, row));
            TRY(anomaly_rows::mark(tx, tenant, row.skill_name, checked.now_us));
            opened.push_back(detected_of(row));
            TRY(tx.emit(WatchActor{.tenant = tenant}, opened.back()));
        }
        return opened;
    });
}

Result<void> AnomalyWatch::see_again(store::Tx& tx, const std::string& tenant,
                                     const Checked& checked, AnomalyRow row) {
    if (row.detail.checked_through_us >= checked.through_us) {
        return {};  // by a process before this one
    }
    const auto found = checked.findings.find({row.skill_name, row.metric});
    if (found == checked.findings.end()) {
        if (checked.through_us - row.detail.checked_through_us < kForgottenHours * kUsPerHour) {
            return {};
        }
        row.resolved_by = "no_data";
    } else if (found->second.found) {
        take_over(row, found->second.anomaly, checked.through_us);
    } else {
        row.detail.checked_through_us = checked.through_us;
        if (++row.detail.normal_checks >= kNormalChecks) {
            row.resolved_by = "recovered";
        }
    }
    if (row.resolved_by) {
        row.resolved_at_us = checked.now_us;
    }
    TRY(anomaly_rows::update(tx, tenant, row));
    TRY(anomaly_rows::mark(tx, tenant, row.skill_name, checked.now_us));
    if (!row.resolved_by) {
        return {};
    }
    return tx.emit(WatchActor{.tenant = tenant},
                   SkillAnomalyResolved{.anomaly_id = row.id,
                                        .skill_name = row.skill_name,
                                        .anomaly_type = row.anomaly_type,
                                        .metric = row.metric,
                                        .resolved_at_us = checked.now_us,
                                        .resolved_by = *row.resolved_by});
}

}  // namespace credence::skills
