#include "capabilities/skills/insight/anomalies.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "capabilities/skills/insight/anomaly_rows.h"
#include "capabilities/skills/insight/anomaly_watch.h"
#include "capabilities/skills/insight/baseline_cache.h"
#include "capabilities/skills/insight/windows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {

AnomalyType anomaly_type_of(AnomalyMetric metric, stats::Direction direction) {
    if (metric == AnomalyMetric::volume) {
        return AnomalyType::pattern_shift;
    }
    const bool high = direction == stats::Direction::kHigh;
    const bool better = high == (metric == AnomalyMetric::completion_rate);
    return better ? AnomalyType::performance_spike : AnomalyType::performance_drop;
}

SkillAnomaly describe_anomaly(const MetricTest& test, const std::string& skill_name,
                              std::int64_t now_us) {
    return {.skill_name = skill_name,
            .anomaly_type = anomaly_type_of(test.metric, test.test.direction),
            .metric = test.metric,
            .baseline_value = test.test.baseline.value,
            .observed_value = test.test.observed,
            .deviation_score = test.test.deviation,
            .p_value = test.test.p_value,
            .adjusted_p = test.adjusted_p,
            .baseline = figure_of(test.test.baseline),
            .n = test.test.n,
            .method = std::string(test.test.method),
            .detected_at_us = now_us};
}

namespace {

std::vector<SkillAnomaly> found_ones(const Judgement& judgement, const DetectAnomalies& request,
                                     std::int64_t now_us) {
    std::vector<SkillAnomaly> out;
    for (const MetricTest& test : judgement.tests.tests) {
        const std::string& name = judgement.family->skills[test.skill].skill_name;
        const bool asked = !request.skill_name || *request.skill_name == name;
        if (test.found && asked &&
            std::fabs(test.test.deviation) >= request.threshold.value_or(0)) {
            out.push_back(describe_anomaly(test, name, now_us));
        }
    }
    std::ranges::sort(out, [](const SkillAnomaly& a, const SkillAnomaly& b) {
        return std::pair(-std::fabs(a.deviation_score), std::pair(a.skill_name, a.metric)) <
               std::pair(-std::fabs(b.deviation_score), std::pair(b.skill_name, b.metric));
    });
    return out;
}

std::int64_t hours_of_window(const DetectAnomalies& request, const Baselines& baselines) {
    return request.time_window_hours
               ? static_cast<std::int64_t>(std::ceil(*request.time_window_hours))
               : baselines.baseline_hours();
}

Result<void> known_skill(Ledger& ledger, const Context& context, const std::string& skill_name) {
    return ledger.read(context.tenant, [&](const SkillState& state) -> Result<void> {
        if (!state.find(skill_name)) {
            return fail(Code::not_found, "no such skill was ever used", "skill_name");
        }
        return {};
    });
}

}  // namespace

Result<AnomalyReport> Skills::detect_anomalies(const Context& context,
                                               const DetectAnomalies& request) {
    if (request.skill_name) {
        TRY(known_skill(*parts_.ledger, context, *request.skill_name));
    }
    const Judgement judgement = TRY(parts_.baselines->judge(
        context.tenant, {.baseline_hours = hours_of_window(request, *parts_.baselines),
                         .recent_hours = request.recent_hours}));
    AnomalyReport report;
    report.anomalies = found_ones(judgement, request, judgement.look.now_us);
    report.found = std::ssize(report.anomalies);
    if (report.found > request.limit) {
        report.anomalies.resize(static_cast<std::size_t>(request.limit));
    }
    report.tested = std::ssize(judgement.tests.tests);
    report.unknown = judgement.tests.unknown;
    report.window_start_at_us = judgement.look.begin_us;
    report.window_end_at_us = judgement.look.now_us;
    report.baseline_start_us = judgement.family->window.begin_us;
    report.baseline_end_us = judgement.family->window.end_us;
    report.false_discovery_rate = parts_.baselines->false_discovery_rate();
    return report;
}

Result<AnomalyList> Skills::list_anomalies(const Context& context, const ListAnomalies& request) {
    auto rows = TRY(parts_.database.read([&](store::Tx& tx) {
        return anomaly_rows::list(tx, context.tenant,
                                  {.skill_name = request.skill_name.value_or(""),
                                   .open_only = request.open_only,
                                   .since_us = request.since_us.value_or(0),
                                   .limit = request.limit});
    }));
    AnomalyList out;
    out.anomalies.reserve(rows.size());
    for (auto& row : rows) {
        out.anomalies.push_back(anomaly_rows::stored_of(std::move(row)));
    }
    return out;
}

Result<StoredAnomaly> Skills::resolve_anomaly(const Context& context,
                                              const ResolveAnomaly& request) {
    return parts_.database.write([&](store::Tx& tx) -> Result<StoredAnomaly> {
        auto row = TRY(anomaly_rows::find(tx, context.tenant, request.id));
        if (!row) {
            return fail(Code::not_found, "there is no such anomaly", "id");
        }
        if (row->resolved_at_us) {
            return fail(Code::conflict, "the anomaly is resolved already", "id");
        }
        row->resolved_at_us = parts_.clock.now_us();
        row->resolved_by = context.actor;
        row->detail.note = request.note;
        TRY(anomaly_rows::update(tx, context.tenant, *row));
        TRY(anomaly_rows::mark(tx, context.tenant, row->skill_name, *row->resolved_at_us));
        TRY(tx.emit(context, SkillAnomalyResolved{.anomaly_id = row->id,
                                                  .skill_name = row->skill_name,
                                                  .anomaly_type = row->anomaly_type,
                                                  .metric = row->metric,
                                                  .resolved_at_us = *row->resolved_at_us,
                                                  .resolved_by = context.actor}));
        return anomaly_rows::stored_of(*std::move(row));
    });
}

}  // namespace credence::skills
