#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/record/metrics.h"

namespace credence::skills {

void describe(Describe<SkillRef>& d) {
    d.field<&SkillRef::skill_name>("The skill or tool").length(1, kMaxSkillNameBytes);
}

void describe(Describe<UseCount>& d) {
    d.field<&UseCount::value>("What was told");
    d.field<&UseCount::uses>("How often");
}

void describe(Describe<PhaseMetrics>& d) {
    d.field<&PhaseMetrics::workflow_phase>("The phase; absent: none was told");
    d.field<&PhaseMetrics::invocations>("Uses in it");
    d.field<&PhaseMetrics::completion_rate>("Share of them that completed");
    d.field<&PhaseMetrics::avg_duration_seconds>("Of completed ones whose duration is known");
}

void describe(Describe<SkillMetrics>& d) {
    d.field<&SkillMetrics::skill_name>("The skill");
    d.field<&SkillMetrics::total_invocations>("Uses since it was first seen");
    d.field<&SkillMetrics::completed_invocations>("That completed");
    d.field<&SkillMetrics::abandoned_invocations>("That did not");
    d.field<&SkillMetrics::completion_rate>("Share that completed");
    d.field<&SkillMetrics::timed_invocations>("Completed ones whose duration is known");
    d.field<&SkillMetrics::avg_duration_seconds>("Their mean");
    d.field<&SkillMetrics::avg_selection_rank>("Mean place among those offered; 1 is the first");
    d.field<&SkillMetrics::rated_invocations>("Uses with a rating");
    d.field<&SkillMetrics::avg_rating>("Their mean, 1 to 5");
    d.field<&SkillMetrics::first_invoked_at_us>("When the first use began");
    d.field<&SkillMetrics::last_invoked_at_us>("When the last use began");
    d.field<&SkillMetrics::workflow_paths>("Workflows it was part of, the most frequent first");
    d.field<&SkillMetrics::common_errors>("Errors that were told, the most frequent first");
    d.field<&SkillMetrics::follow_up_actions>("What was done next, the most frequent first");
    d.field<&SkillMetrics::phases>("By phase of the workflow, the most used first");
}

void describe(Describe<ListSkillMetrics>& d) {
    d.field<&ListSkillMetrics::order_by>("What comes first").or_default();
    d.field<&ListSkillMetrics::limit>("At most so many").between(1, 500).or_default();
    d.field<&ListSkillMetrics::cursor>("next_cursor of the page before").between(0, 1e9);
}

void describe(Describe<RankedSkill>& d) {
    d.field<&RankedSkill::skill_name>("The skill");
    d.field<&RankedSkill::total_invocations>("Uses since it was first seen");
    d.field<&RankedSkill::completed_invocations>("That completed");
    d.field<&RankedSkill::completion_rate>("Share that completed");
    d.field<&RankedSkill::completion_rate_lower_bound>(
        "The rate that the true one exceeds with 95 %, drawn towards the tenant's skills: few uses "
        "do not make a good rank");
    d.field<&RankedSkill::avg_duration_seconds>("Of completed ones whose duration is known");
    d.field<&RankedSkill::last_invoked_at_us>("When the last use began");
}

void describe(Describe<SkillMetricsList>& d) {
    d.field<&SkillMetricsList::skills>("In the order asked for");
    d.field<&SkillMetricsList::total_skills>("Skills there are");
    d.field<&SkillMetricsList::next_cursor>("Where the next page begins; absent on the last");
}

void describe(Describe<SkillsHealth>& d) {
    d.field<&SkillsHealth::status>("\"healthy\" or \"degraded\"");
    d.field<&SkillsHealth::schema_version>("Of skill_migrations");
    d.field<&SkillsHealth::tables>("Tables of the module");
    d.field<&SkillsHealth::views>("Its views");
    d.field<&SkillsHealth::triggers>("Its triggers");
    d.field<&SkillsHealth::invocations>("Ever recorded");
    d.field<&SkillsHealth::open_invocations>("Begun and not completed");
    d.field<&SkillsHealth::fold_lag>("Rows of the log that the figures do not hold yet");
    d.field<&SkillsHealth::reasons>("Why it is degraded");
}

}  // namespace credence::skills
