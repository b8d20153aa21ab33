#include "capabilities/patterns/patterns.h"

namespace credence::patterns {

void describe(Describe<PatternsSettings>& d) {
    constexpr double kMany = 1e12;
    d.field<&PatternsSettings::max_patterns_per_namespace>("Patterns a namespace may have")
        .between(1, kMany)
        .or_default();
    d.field<&PatternsSettings::max_patterns_per_agent>("Patterns an agent may have")
        .between(1, kMany)
        .or_default();
    d.field<&PatternsSettings::max_uses_per_agent_day>(
         "Uses of one pattern that an agent may record a day (UTC)")
        .between(1, kMany)
        .or_default();
    d.field<&PatternsSettings::half_life_days>(
         "Days after which an outcome weighs half in confidence; 0: outcomes do not age")
        .between(0, 36'500)
        .or_default();
    d.field<&PatternsSettings::max_outcomes_per_user>(
         "Outcomes of one agent that weigh in a pattern's confidence; older ones give way")
        .between(1, 1'000'000)
        .or_default();
    d.field<&PatternsSettings::inherited_share>(
         "Share of its evidence that a pattern passes to changed content or a new version")
        .between(0, 1)
        .or_default();
    d.field<&PatternsSettings::inherited_max>("Outcomes so passed on, at most")
        .between(0, 1000)
        .or_default();
    d.field<&PatternsSettings::exploration_weight>(
         "How much recommendations favour what was hardly tried")
        .between(0, 10)
        .or_default();
    d.field<&PatternsSettings::duplicate_threshold>("Likeness from which two patterns are one")
        .between(0, 1)
        .or_default();
    d.field<&PatternsSettings::mature_min_confidence>("Confidence of a mature pattern, at least")
        .between(0, 1)
        .or_default();
    d.field<&PatternsSettings::mature_min_uses>(
         "Verified or confirmed uses of a mature pattern, at least")
        .between(1, kMany)
        .or_default();
    d.field<&PatternsSettings::mature_min_users>(
         "Distinct agents behind a mature pattern, at least")
        .between(1, kMany)
        .or_default();
    d.field<&PatternsSettings::archive_after_days>(
         "Archive patterns neither used nor changed for so long; 0: never")
        .between(0, 36'500)
        .or_default();
    d.field<&PatternsSettings::keep_uses_days>(
         "Forget single uses, not their statistics, after so long; 0: never")
        .between(0, 36'500)
        .or_default();
}

}  // namespace credence::patterns
