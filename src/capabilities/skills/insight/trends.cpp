#include "capabilities/skills/insight/trends.h"

#include <algorithm>
#include <utility>

#include "capabilities/skills/insight/baseline_cache.h"
#include "capabilities/skills/insight/trend_fit.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"
#include "stats/multiplicity.h"

namespace credence::skills {
namespace {

std::optional<std::size_t> trend_of_skill(const TrendFamily& family,
                                          const std::string& skill_name) {
    const auto found = std::ranges::find(family.skills, skill_name, &SkillDays::skill_name);
    return found == family.skills.end()
               ? std::nullopt
               : std::optional(static_cast<std::size_t>(found - family.skills.begin()));
}

// Adjusted over all of them; the verdict is by the adjusted p.
void adjust(std::vector<SkillTrend>& trends) {
    std::vector<double> p_values;
    for (const SkillTrend& trend : trends) {
        p_values.push_back(std::clamp(trend.p_value.value_or(1), 0.0, 1.0));
    }
    const auto adjusted = stats::benjamini_hochberg(p_values);
    for (std::size_t i = 0; i < trends.size(); ++i) {
        trends[i].adjusted_p = adjusted[i];
        judge_trend(trends[i], adjusted[i]);
    }
}

}  // namespace

Result<SkillTrend> Skills::get_skill_trend(const Context& context, const GetSkillTrend& request) {
    const auto family =
        TRY(parts_.baselines->trends(context.tenant, request.metric, request.window_days));
    const auto number = trend_of_skill(*family, request.skill_name);
    if (!number) {
        const bool used =
            TRY(parts_.ledger->read(context.tenant, [&](const SkillState& state) -> Result<bool> {
                return state.find(request.skill_name).has_value();
            }));
        if (!used) {
            return fail(Code::not_found, "no such skill was ever used", "skill_name");
        }
        // Its first day is not over, and the family knows whole days only.
        SkillDays no_days;
        no_days.skill_name = request.skill_name;
        return fit_trend(no_days, family->window, family->prior);
    }
    SkillTrend trend = family->trends[*number];
    trend.change_points = trend_changes(family->skills[*number], family->window);
    return trend;
}

Result<SkillTrends> Skills::get_skill_trends(const Context& context,
                                             const GetSkillTrends& request) {
    const auto family =
        TRY(parts_.baselines->trends(context.tenant, request.metric, request.window_days));
    SkillTrends out;
    for (const SkillTrend& trend : family->trends) {
        if (trend.n < request.min_invocations || !trend.p_value) {
            out.unknown += trend.days > 0 ? 1 : 0;
            continue;
        }
        out.trends.push_back(trend);
    }
    out.tested = std::ssize(out.trends);
    adjust(out.trends);
    std::ranges::sort(out.trends, [](const SkillTrend& a, const SkillTrend& b) {
        return std::pair(*a.p_value, a.skill_name) < std::pair(*b.p_value, b.skill_name);
    });
    if (out.tested > request.limit) {
        out.trends.resize(static_cast<std::size_t>(request.limit));
    }
    return out;
}

}  // namespace credence::skills
