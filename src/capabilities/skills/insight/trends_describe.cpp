// Fields of trends, dependencies and phases.
#include "capabilities/skills/insight/dependencies.h"
#include "capabilities/skills/insight/phases.h"
#include "capabilities/skills/insight/trends.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {
namespace {

constexpr double kMaxCount = 1'000'000'000;
constexpr const char* kTrendMetricDoc =
    "completion_rate, avg_duration_seconds (geometric mean of completed runs) or invocation_count "
    "(by whole weeks)";
constexpr const char* kWindowDoc = "So many whole UTC days before today";
constexpr const char* kMeanDoc = "Of completed runs whose duration is known";

}  // namespace

void describe(Describe<GetSkillTrend>& d) {
    d.field<&GetSkillTrend::skill_name>("Skill").length(1, kMaxSkillNameBytes);
    d.field<&GetSkillTrend::metric>(kTrendMetricDoc).or_default();
    d.field<&GetSkillTrend::window_days>(kWindowDoc)
        .between(kMinTrendDays, kMaxTrendDays)
        .or_default();
}

void describe(Describe<TrendChange>& d) {
    d.field<&TrendChange::date>("First day of the new level, UTC");
    d.field<&TrendChange::earliest_date>("With 95 % confidence not before");
    d.field<&TrendChange::latest_date>("nor after");
    d.field<&TrendChange::before>("Share completed before");
    d.field<&TrendChange::after>("and after");
}

void describe(Describe<SkillTrend>& d) {
    d.doc(
        "There is no \"confidence\": what was called so was a p value. See p_value, and the "
        "interval of the slope.");
    d.field<&SkillTrend::skill_name>("Skill");
    d.field<&SkillTrend::metric>(kTrendMetricDoc);
    d.field<&SkillTrend::trend>(
        "improving, declining, stable or insufficient_data; shorter durations are improving. At "
        "p_value < .05 for one skill, adjusted_p < .05 in a list");
    d.field<&SkillTrend::reason>("Why there is no verdict");
    d.field<&SkillTrend::window_start_at_us>("Begin of the first whole day");
    d.field<&SkillTrend::window_end_at_us>("End of the last whole day");
    d.field<&SkillTrend::days>("Days with data");
    d.field<&SkillTrend::weeks>("Whole weeks, for invocation_count");
    d.field<&SkillTrend::n>("Runs, or completed runs with a known duration");
    d.field<&SkillTrend::slope>(
        "Change a day: of the share, of the duration as a share of itself, or of the runs a day");
    d.field<&SkillTrend::start_value>("Fitted value of the first day (or week: runs a day)");
    d.field<&SkillTrend::end_value>("Fitted value of the last");
    d.field<&SkillTrend::change_percent>("From the one to the other, in per cent of the first");
    d.field<&SkillTrend::p_value>("Chance of such a slope, either way, without a trend");
    d.field<&SkillTrend::adjusted_p>("Adjusted over all skills of the list (Benjamini-Hochberg)");
    d.field<&SkillTrend::method>("Name of the test");
    d.field<&SkillTrend::change_points>("Days on which the share changed its level");
}

void describe(Describe<GetSkillTrends>& d) {
    d.field<&GetSkillTrends::metric>(kTrendMetricDoc).or_default();
    d.field<&GetSkillTrends::window_days>(kWindowDoc)
        .between(kMinTrendDays, kMaxTrendDays)
        .or_default();
    d.field<&GetSkillTrends::min_invocations>("Leave out skills with fewer runs in the window")
        .between(1, kMaxCount)
        .or_default();
    d.field<&GetSkillTrends::limit>("At most so many").between(1, kMaxTrends).or_default();
}

void describe(Describe<SkillTrends>& d) {
    d.field<&SkillTrends::trends>("Surest first; without change points");
    d.field<&SkillTrends::tested>("Skills with a verdict, over which p is adjusted");
    d.field<&SkillTrends::unknown>("Skills used in the window, but too little");
}

void describe(Describe<GetSkillDependencies>& d) {
    d.field<&GetSkillDependencies::skill_name>("Skill").length(1, kMaxSkillNameBytes);
    d.field<&GetSkillDependencies::limit>("At most so many")
        .between(1, kMaxDependencies)
        .or_default();
    d.field<&GetSkillDependencies::min_lift>(
         "Least lift; 1 is chance, below 1 they avoid each other")
        .between(0, kMaxLift)
        .or_default();
    d.field<&GetSkillDependencies::min_co_occurrence>("Least number of common sessions")
        .between(1, kMaxCount)
        .or_default();
}

void describe(Describe<DependencyOrder>& d) {
    d.field<&DependencyOrder::share_a_first>(
        "Of the common sessions with an order: share in which the skill asked for came first");
    d.field<&DependencyOrder::p_value>(
        "Chance of such a share, either way, if order meant nothing");
}

void describe(Describe<SkillDependency>& d) {
    d.field<&SkillDependency::skill_b>("The other skill");
    d.field<&SkillDependency::source>("observed in sessions, or declared by the taxonomy only");
    d.field<&SkillDependency::co_occurrence_count>("Sessions with both");
    d.field<&SkillDependency::lift>("Sessions with both over those expected by chance");
    d.field<&SkillDependency::shrunk_lift>("The same, drawn to 1 where sessions are few");
    d.field<&SkillDependency::lift_score>("Shrunk lift, or the declared one");
    d.field<&SkillDependency::relationship_type>(
        "very_strong (3 or more), strong (2), moderate (1.5), weak; independent: nothing was "
        "shown; weak_negative, negative (0.5 or less)");
    d.field<&SkillDependency::p_value>("Fisher's exact test, two-sided");
    d.field<&SkillDependency::adjusted_p>("Times the number of skills tested (Bonferroni)");
    d.field<&SkillDependency::direction>("Which one comes first");
    d.field<&SkillDependency::declared_lift>("What the taxonomy says");
}

void describe(Describe<SkillDependencies>& d) {
    d.field<&SkillDependencies::skill_name>("The skill asked for");
    d.field<&SkillDependencies::sessions>("Sessions of all skills");
    d.field<&SkillDependencies::sessions_with>("Sessions with this one");
    d.field<&SkillDependencies::tested>("Other skills with enough common sessions");
    d.field<&SkillDependencies::dependencies>("Strongest first; declared ones at the end");
}

void describe(Describe<GetPhaseEffectiveness>& d) {
    d.field<&GetPhaseEffectiveness::workflow_phase>("Only this phase; \"unknown\": none was named")
        .length(1, kMaxPhaseNameBytes);
    d.field<&GetPhaseEffectiveness::skill_name>("Only this skill").length(1, kMaxSkillNameBytes);
    d.field<&GetPhaseEffectiveness::min_invocations>("Leave out a skill's phase with fewer runs")
        .between(1, kMaxCount)
        .or_default();
}

void describe(Describe<PhaseSkill>& d) {
    d.field<&PhaseSkill::skill_name>("Skill");
    d.field<&PhaseSkill::invocation_count>("Runs in the phase");
    d.field<&PhaseSkill::completed_count>("Of them, completed");
    d.field<&PhaseSkill::completion_rate>("Share completed");
    d.field<&PhaseSkill::avg_duration_seconds>(kMeanDoc);
}

void describe(Describe<PhaseFigures>& d) {
    d.field<&PhaseFigures::workflow_phase>("Phase");
    d.field<&PhaseFigures::invocation_count>("Runs");
    d.field<&PhaseFigures::completed_count>("Of them, completed");
    d.field<&PhaseFigures::unique_skills>("Skills used in it");
    d.field<&PhaseFigures::completion_rate>("Share completed");
    d.field<&PhaseFigures::avg_duration_seconds>(kMeanDoc);
    d.field<&PhaseFigures::skills>("By the lower end of their rate, highest first");
}

void describe(Describe<PhaseEffectiveness>& d) {
    d.field<&PhaseEffectiveness::phases>("Most used first");
    d.field<&PhaseEffectiveness::complete>("False when there were more than an answer holds");
}

void describe(Describe<FindBottlenecks>& d) {
    d.field<&FindBottlenecks::min_abandonment_rate>(
         "Share given up that the lower end of the interval must reach")
        .between(0, 1)
        .or_default();
    d.field<&FindBottlenecks::min_invocations>("Least number of runs")
        .between(1, kMaxCount)
        .or_default();
    d.field<&FindBottlenecks::limit>("At most so many").between(1, kMaxPhaseRows).or_default();
}

void describe(Describe<Bottleneck>& d) {
    d.field<&Bottleneck::workflow_phase>("Phase");
    d.field<&Bottleneck::skill_name>("Skill");
    d.field<&Bottleneck::invocation_count>("Runs of the skill in the phase");
    d.field<&Bottleneck::abandoned_count>("Of them, not completed");
    d.field<&Bottleneck::abandonment_rate>("Raw share not completed, with its interval");
    d.field<&Bottleneck::avg_duration_seconds>(kMeanDoc);
}

void describe(Describe<Bottlenecks>& d) {
    d.field<&Bottlenecks::bottlenecks>("The highest lower end first");
    d.field<&Bottlenecks::examined>("Phases of skills with enough runs");
    d.field<&Bottlenecks::suspected>("Further ones whose raw share is high, but not surely so");
}

void describe(Describe<GetPhaseTransitions>& d) {
    d.field<&GetPhaseTransitions::session_id>("Only this session, of the caller's namespace")
        .length(1, kMaxSkillNameBytes);
    d.field<&GetPhaseTransitions::limit>("At most so many").between(1, kMaxPhaseRows).or_default();
}

void describe(Describe<PhaseTransition>& d) {
    d.field<&PhaseTransition::from_phase>("Phase of a run");
    d.field<&PhaseTransition::to_phase>("Phase of the next run of the session that names one");
    d.field<&PhaseTransition::self_transition>("Both are the same");
    d.field<&PhaseTransition::count>("How often");
    d.field<&PhaseTransition::share>("Of all transitions");
    d.field<&PhaseTransition::most_common_skill>("Skill most often used in the second run");
    d.field<&PhaseTransition::median_gap_seconds>("Between the begins of the two runs");
}

void describe(Describe<PhaseTransitions>& d) {
    d.field<&PhaseTransitions::transitions>("Most frequent first");
    d.field<&PhaseTransitions::total>("All transitions");
    d.field<&PhaseTransitions::sessions>("Sessions looked at");
    d.field<&PhaseTransitions::complete>(
        "False when only the newest 10,000 sessions or 200,000 runs were looked at");
}

}  // namespace credence::skills
