#include "capabilities/skills/insight/dependencies.h"

#include <algorithm>
#include <utility>

#include "capabilities/skills/insight/dependency_rows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"
#include "stats/association/association.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kMaxDeclared = 1'000;

struct Candidate {
    const stats::SkillPair* pair = nullptr;
    double shrunk = 0;  // as associate() will say it: to order them by
};

double raw_lift(const stats::PairCounts& counts) {
    return static_cast<double>(counts.sessions) * static_cast<double>(counts.both) /
           (static_cast<double>(counts.a) * static_cast<double>(counts.b));
}

double posterior_lift(const stats::PairCounts& counts) {
    const stats::LiftPrior prior;
    const double expected = static_cast<double>(counts.a) * static_cast<double>(counts.b) /
                            static_cast<double>(counts.sessions);
    return (static_cast<double>(counts.both) + prior.shape) / (expected + prior.rate);
}

SkillDependency dependency_of(const stats::SkillPair& pair, const std::string& name,
                              std::int64_t tests) {
    const stats::Association found = stats::associate(pair.counts);
    SkillDependency out;
    out.skill_b = name;
    out.co_occurrence_count = pair.counts.both;
    out.lift = found.lift;
    if (found.shrunk_lift) {
        out.shrunk_lift = figure_of(*found.shrunk_lift);
        out.lift_score = found.shrunk_lift->value;
    }
    out.relationship_type = stats::to_string(found.relationship);
    out.p_value = found.fisher_p;
    out.adjusted_p = std::min(1.0, found.fisher_p * static_cast<double>(tests));
    if (const auto order = stats::precedence(pair.order)) {
        out.direction = DependencyOrder{figure_of(order->share_a_first), order->p};
    }
    return out;
}

// What a lift that somebody declared is called; it has no interval.
std::string_view declared_relationship(double lift) {
    constexpr double kVeryStrong = 3;
    constexpr double kStrong = 2;
    constexpr double kModerate = 1.5;
    constexpr double kWeakNegative = 0.5;
    using stats::Relationship;
    if (lift > 1) {
        return stats::to_string(lift >= kVeryStrong ? Relationship::very_strong
                                : lift >= kStrong   ? Relationship::strong
                                : lift >= kModerate ? Relationship::moderate
                                                    : Relationship::weak);
    }
    return stats::to_string(lift == 1              ? Relationship::independent
                            : lift > kWeakNegative ? Relationship::weak_negative
                                                   : Relationship::negative);
}

// Declared ones that were not shown as observed.
void add_declared(SkillDependencies& answer, const GetSkillDependencies& request,
                  const std::vector<dependency_rows::Declared>& declared) {
    for (const auto& each : declared) {
        const auto known =
            std::ranges::find(answer.dependencies, each.other, &SkillDependency::skill_b);
        if (known != answer.dependencies.end()) {
            known->declared_lift = each.declared_lift;
            continue;
        }
        if (each.declared_lift < request.min_lift) {
            continue;
        }
        SkillDependency added;
        added.skill_b = each.other;
        added.source = DependencySource::declared;
        added.co_occurrence_count = each.co_occurrence_count;
        added.lift_score = each.declared_lift;
        added.relationship_type = declared_relationship(each.declared_lift);
        added.declared_lift = each.declared_lift;
        answer.dependencies.push_back(std::move(added));
    }
    if (std::ssize(answer.dependencies) > request.limit) {
        answer.dependencies.resize(static_cast<std::size_t>(request.limit));
    }
}

}  // namespace

SkillDependencies observed_dependencies(const SkillState& state,
                                        const GetSkillDependencies& request) {
    SkillDependencies answer;
    answer.skill_name = request.skill_name;
    const auto number = state.find(request.skill_name);
    if (!number) {
        return answer;
    }
    answer.sessions = state.meetings().sessions();
    answer.sessions_with = state.meetings().sessions_with(*number);
    const auto partners = state.meetings().partners(*number);
    std::vector<Candidate> candidates;
    for (const stats::SkillPair& pair : partners) {
        if (pair.counts.both >= request.min_co_occurrence) {
            ++answer.tested;
            if (raw_lift(pair.counts) >= request.min_lift) {
                candidates.push_back({&pair, posterior_lift(pair.counts)});
            }
        }
    }
    const auto& skills = state.skills();
    std::ranges::sort(candidates, [&](const Candidate& a, const Candidate& b) {
        return a.shrunk != b.shrunk ? a.shrunk > b.shrunk
                                    : skills[a.pair->other].name < skills[b.pair->other].name;
    });
    candidates.resize(std::min(candidates.size(), static_cast<std::size_t>(request.limit)));
    for (const Candidate& each : candidates) {
        answer.dependencies.push_back(
            dependency_of(*each.pair, skills[each.pair->other].name, answer.tested));
    }
    return answer;
}

Result<SkillDependencies> Skills::get_skill_dependencies(const Context& context,
                                                         const GetSkillDependencies& request) {
    bool known = false;
    auto answer = TRY(parts_.ledger->read(
        context.tenant, [&](const SkillState& state) -> Result<SkillDependencies> {
            known = state.find(request.skill_name).has_value();
            return observed_dependencies(state, request);
        }));
    const auto declared = TRY(parts_.database.read([&](store::Tx& tx) {
        return dependency_rows::declared_of(tx, context.tenant, request.skill_name, kMaxDeclared);
    }));
    if (!known && declared.empty()) {
        return fail(Code::not_found, "no such skill was ever used or declared", "skill_name");
    }
    add_declared(answer, request, declared);
    return answer;
}

}  // namespace credence::skills
