// get_analytics, reliability, suggest_learning_opportunities.
#include <algorithm>
#include <cmath>

#include "base/units.h"
#include "capabilities/patterns/maturity.h"
#include "capabilities/patterns/patterns_core.h"
#include "capabilities/patterns/report_rows.h"

namespace credence::patterns {
namespace {

constexpr int kMaxCategories = 200;
constexpr int kTopPatterns = 10;
constexpr std::int64_t kFewPatterns = 3;

// Whose patterns a report may be about: the agent's own, everybody's for an admin, else those that
// everybody sees.
Result<report_rows::Population> population_of(const Work& work,
                                              const std::optional<std::string>& agent_id) {
    const Viewer viewer = TRY(work.viewer(agent_id));
    report_rows::Population population;
    population.name_space = viewer.name_space;
    population.owner = viewer.agent_id;
    population.all_levels = agent_id.has_value() || viewer.admin;
    return population;
}

SuccessStatistics statistics_of(const report_rows::SuccessFigures& figures) {
    SuccessStatistics out;
    out.patterns = figures.labelled;
    if (figures.labelled == 0) {
        return out;
    }
    const auto n = static_cast<double>(figures.labelled);
    out.avg = figures.rate_sum / n;
    out.min = figures.rate_min;
    out.max = figures.rate_max;
    out.stddev = std::sqrt(std::max(0.0, (figures.rate_square_sum / n) - (out.avg * out.avg)));
    return out;
}

std::string day_text(std::int64_t day) {
    constexpr std::size_t kDateLength = 10;
    return format_time_us(day * kUsPerDay).substr(0, kDateLength);
}

std::string count_text(std::int64_t count, std::string_view what) {
    return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

struct Kind {
    Priority priority;
    std::string name;
    std::string advice;
};

void add_weak(Opportunities& out, const std::vector<report_rows::Weak>& found, const Kind& kind) {
    for (const auto& weak : found) {
        const std::int64_t labelled = weak.success_count + weak.failure_count;
        std::string reason = count_text(weak.usage_count, "use");
        if (labelled > 0) {
            reason += ", " + std::to_string(weak.success_count) + " of " +
                      std::to_string(labelled) + " labelled ones succeeded";
        }
        out.opportunities.push_back({kind.priority, kind.name, weak.pattern_name,
                                     weak.id.to_string(), reason + "; " + kind.advice});
    }
}

void add_few(Opportunities& out, const std::vector<report_rows::CategoryFigures>& categories) {
    constexpr std::int64_t kManyUses = 10;
    for (const auto& each : categories) {
        if (each.patterns < kFewPatterns && each.uses > kManyUses) {
            out.opportunities.push_back(
                {Priority::high, "few_patterns", each.category, std::nullopt,
                 count_text(each.uses, "use") + " of " + count_text(each.patterns, "pattern") +
                     "; learn more of this category"});
        }
    }
}

}  // namespace

Result<PatternAnalytics> Patterns::get_analytics(const Context& context,
                                                 const GetPatternAnalytics& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<PatternAnalytics> {
        const Work work(parts_, tx, context);
        auto population = TRY(population_of(work, request.agent_id));
        population.category = request.category.value_or("");
        PatternAnalytics out;
        for (const auto& each : TRY(report_rows::categories(tx, context.tenant, population))) {
            out.total_patterns += each.patterns;
            out.total_usage += each.uses;
            if (std::ssize(out.category_distribution) < kMaxCategories) {
                out.category_distribution.push_back({each.category, each.patterns});
            }
            if (each.patterns < kFewPatterns && std::ssize(out.gaps) < kMaxCategories) {
                out.gaps.push_back(each.category);
            }
        }
        out.success_statistics =
            statistics_of(TRY(report_rows::success(tx, context.tenant, population)));
        const auto spread = TRY(report_rows::confidence(tx, context.tenant, population));
        out.confidence_distribution = {spread.high, spread.medium_or_high - spread.high,
                                       out.total_patterns - spread.medium_or_high};
        const Viewer nobody{context.name_space, "", false};
        for (const PatternRow& row :
             TRY(report_rows::top(tx, context.tenant, population, kTopPatterns))) {
            const Pattern pattern = work.shown(row, nobody);
            out.top_patterns.push_back({pattern.pattern_id, pattern.pattern_name,
                                        pattern.usage_count, pattern.success_rate,
                                        pattern.confidence});
        }
        const std::int64_t first_day = day_of(work.now_us()) - request.days + 1;
        for (const auto& each : TRY(report_rows::days(tx, context.tenant, population, first_day))) {
            out.recent_usage.push_back({day_text(each.day), each.uses});
        }
        return out;
    });
}

Result<Reliability> Patterns::reliability(const Context& context, const PatternRef& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<Reliability> {
        const Work work(parts_, tx, context);
        const Subject subject = TRY(work.open(request, Action::read));
        const Pattern pattern = work.shown(subject.row, subject.viewer);
        const Maturity maturity = maturity_of(pattern, parts_.settings);
        Reliability out;
        out.pattern_id = pattern.pattern_id;
        out.pattern_name = pattern.pattern_name;
        out.is_reliable = maturity.mature;
        out.reliability_score = pattern.confidence;
        out.usage_count = pattern.usage_count;
        out.labelled_count = maturity.labelled;
        out.success_rate = pattern.success_rate;
        out.distinct_users = pattern.distinct_users;
        out.access_level = pattern.access_level;
        out.eligible_for_trust = pattern.access_level != AccessLevel::private_;
        out.has_sufficient_usage = maturity.labelled >= parts_.settings.mature_min_uses;
        out.min_confidence = parts_.settings.mature_min_confidence;
        out.min_uses = parts_.settings.mature_min_uses;
        out.min_users = parts_.settings.mature_min_users;
        out.recommendation = maturity.mature ? "Reliable: verified often enough, by enough agents."
                                             : "Not reliable yet: " + maturity.missing + ".";
        return out;
    });
}

Result<Opportunities> Patterns::suggest_learning_opportunities(
    const Context& context, const SuggestOpportunities& request) {
    constexpr int kLeastLabelled = 4;
    constexpr int kLeastUnverified = 5;
    constexpr std::int64_t kUnusedUs = std::int64_t{30} * 86'400 * 1'000'000;
    return parts_.database.read([&](store::Tx& tx) -> Result<Opportunities> {
        const Work work(parts_, tx, context);
        const auto population = TRY(population_of(work, request.agent_id));
        const std::string& tenant = context.tenant;
        Opportunities out;
        add_few(out, TRY(report_rows::categories(tx, tenant, population)));
        add_weak(out, TRY(report_rows::low_success(tx, tenant, population, kLeastLabelled)),
                 {Priority::high, "low_success", "evolve it"});
        add_weak(out, TRY(report_rows::unverified(tx, tenant, population, kLeastUnverified)),
                 {Priority::medium, "unverified", "have its uses verified"});
        add_weak(out, TRY(report_rows::unused(tx, tenant, population, work.now_us() - kUnusedUs)),
                 {Priority::low, "unused", "try it or archive it"});
        if (std::ssize(out.opportunities) > request.limit) {
            out.opportunities.resize(static_cast<std::size_t>(request.limit));
        }
        return out;
    });
}

}  // namespace credence::patterns
