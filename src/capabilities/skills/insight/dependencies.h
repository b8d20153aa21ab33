// Which skills are used together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {

inline constexpr std::int64_t kMaxDependencies = 100;  // of an answer
inline constexpr double kMaxLift = 1'000'000;

struct GetSkillDependencies {
    std::string skill_name;
    std::int64_t limit = 10;
    double min_lift = 1.5;
    std::int64_t min_co_occurrence = 3;
};
void describe(Describe<GetSkillDependencies>&);

enum class DependencySource : std::uint8_t { observed, declared };

struct DependencyOrder {
    Figure share_a_first;
    double p_value = 1;
};
void describe(Describe<DependencyOrder>&);

struct SkillDependency {
    std::string skill_b;
    DependencySource source = DependencySource::observed;
    std::int64_t co_occurrence_count = 0;
    std::optional<double> lift;
    std::optional<Figure> shrunk_lift;
    double lift_score = 0;
    std::string relationship_type;
    std::optional<double> p_value;
    std::optional<double> adjusted_p;
    std::optional<DependencyOrder> direction;
    std::optional<double> declared_lift;
};
void describe(Describe<SkillDependency>&);

struct SkillDependencies {
    std::string skill_name;
    std::int64_t sessions = 0;                  // of all skills
    std::int64_t sessions_with = 0;             // with this one
    std::int64_t tested = 0;                    // other skills met often enough
    std::vector<SkillDependency> dependencies;  // strongest first
};
void describe(Describe<SkillDependencies>&);

// What the fold says. Only those that are shown are tested exactly, and their p values are
// multiplied by the number of all that could have been shown (Bonferroni), which holds whichever
// are picked. O(skills that ever met it); some microseconds for each that is shown.
SkillDependencies observed_dependencies(const SkillState& state,
                                        const GetSkillDependencies& request);

}  // namespace credence::skills
