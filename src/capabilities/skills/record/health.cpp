// health_check: whether everything the module needs is there and keeps up.
#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "capabilities/skills/record/metric_rows.h"
#include "capabilities/skills/record/metrics.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kSchemaVersion = 4;
constexpr std::int64_t kMaxLagSeen = 100'000;
constexpr std::int64_t kMaxLagHealthy = 50'000;

constexpr std::array<std::string_view, 22> kTables = {
    "ab_test_assignments",
    "ab_test_configs",
    "ab_test_outcomes",
    "mv_daily_skills",
    "session_skills",
    "skill_anomalies",
    "skill_categories",
    "skill_category_mapping",
    "skill_cluster_membership",
    "skill_clusters",
    "skill_community_baselines",
    "skill_counter",
    "skill_dependencies",
    "skill_invocation",
    "skill_metrics",
    "skill_metrics_cache",
    "skill_migrations",
    "skill_modalities",
    "skill_open_invocation",
    "skill_session",
    "skill_time_series",
    "skill_user_interactions",
};
constexpr std::array<std::string_view, 13> kViews = {
    "v_ab_test_summary",
    "v_community_baseline_comparison",
    "v_daily_skill_source",
    "v_multimodal_skill_catalog",
    "v_realtime_skill_dashboard",
    "v_session_skill_summary",
    "v_skill_dependency_network",
    "v_skill_effectiveness",
    "v_skill_effectiveness_by_phase",
    "v_skill_effectiveness_trend",
    "v_skills_by_phase_usage",
    "v_top_skills",
    "v_workflow_phase_patterns",
};
constexpr std::array<std::string_view, 3> kTriggers = {
    "trg_metrics_cache_after_insert",
    "trg_session_skills_after_insert",
    "trg_skill_metrics_after_insert",
};

void tell_missing(std::span<const std::string_view> wanted, const std::vector<std::string>& there,
                  std::string_view what, std::vector<std::string>& reasons) {
    for (const std::string_view name : wanted) {
        if (std::ranges::find(there, name) == there.end()) {
            reasons.push_back(std::string(what) + " " + std::string(name) + " is missing");
        }
    }
}

}  // namespace

Result<SkillsHealth> Skills::health_check(const Context& context, const Empty&) {
    SkillsHealth out;
    std::int64_t through_id = 0;
    if (parts_.ledger != nullptr) {
        const auto read = parts_.ledger->read(
            context.tenant,
            [](const SkillState& state) -> Result<std::int64_t> { return state.through_id(); });
        if (read) {
            through_id = *read;
        } else {
            out.reasons.push_back("the figures cannot be read: " + read.error().message);
        }
    }
    const auto looked = parts_.database.read([&](store::Tx& tx) -> Result<void> {
        const auto catalogue = TRY(metric_rows::catalogue(tx));
        out.schema_version = catalogue.schema_version;
        out.tables = std::ssize(catalogue.tables);
        out.views = std::ssize(catalogue.views);
        out.triggers = std::ssize(catalogue.triggers);
        tell_missing(kTables, catalogue.tables, "table", out.reasons);
        tell_missing(kViews, catalogue.views, "view", out.reasons);
        tell_missing(kTriggers, catalogue.triggers, "trigger", out.reasons);
        const auto log = TRY(metric_rows::log_figures(tx, context.tenant, through_id, kMaxLagSeen));
        out.invocations = log.invocations;
        out.open_invocations = log.open_invocations;
        out.fold_lag = parts_.ledger == nullptr ? 0 : log.beyond;
        return {};
    });
    if (!looked) {
        out.reasons.push_back("the store cannot be read: " + looked.error().message);
    } else if (out.schema_version != kSchemaVersion) {
        out.reasons.push_back("the schema has version " + std::to_string(out.schema_version));
    }
    if (out.fold_lag > kMaxLagHealthy) {
        out.reasons.push_back("the figures trail behind the log");
    }
    out.status = out.reasons.empty() ? "healthy" : "degraded";
    return out;
}

}  // namespace credence::skills
