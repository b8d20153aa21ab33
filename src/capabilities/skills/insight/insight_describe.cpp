// Fields of activity and anomalies.
#include "capabilities/skills/insight/activity.h"
#include "capabilities/skills/insight/anomaly_watch.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {

namespace {

constexpr double kLeastLiveHours = 0.05;
constexpr double kMaxThreshold = 1'000;
constexpr const char* kSkillOfAnomaly = "Skill";
constexpr const char* kMetricOfAnomaly = "What is out of its usual range";
constexpr const char* kTypeOfAnomaly =
    "performance_drop (fewer successes, or slower), performance_spike (the opposite), "
    "pattern_shift (used more or less than usual)";
constexpr const char* kBaselineValue =
    "Usual: a share, runs an hour (averaged over the week), or seconds";
constexpr const char* kObservedValue = "Seen, in the same unit";
constexpr const char* kDeviation =
    "Distance from the usual in standard deviations of what was predicted; below it: negative";
constexpr const char* kAdjustedP =
    "p value adjusted over all skills (Benjamini-Hochberg): the share of false ones to expect "
    "among those with this value or less";

}  // namespace

void describe(Describe<GetRealTimeMetrics>& d) {
    d.field<&GetRealTimeMetrics::limit>("At most so many skills")
        .between(1, kMaxTopSkills)
        .or_default();
    d.field<&GetRealTimeMetrics::time_window_hours>(
         "How far back. Runs leave the window with their minute; above 24 hours, with their hour")
        .between(kLeastLiveHours, kMaxLiveHours)
        .or_default();
}

void describe(Describe<TopSkill>& d) {
    d.field<&TopSkill::skill_name>("Skill");
    d.field<&TopSkill::invocation_count>("Runs that began in the window");
    d.field<&TopSkill::completed_count>("Of them, completed");
    d.field<&TopSkill::completion_rate>("Share completed in the window");
    d.field<&TopSkill::avg_duration_seconds>("Of completed runs whose duration is known");
    d.field<&TopSkill::last_invocation_at_us>("When its newest run began");
    d.field<&TopSkill::completion_rate_lifetime>("Share completed of all its runs ever");
}

void describe(Describe<RealTimeMetrics>& d) {
    d.field<&RealTimeMetrics::window_start_at_us>("Begin of the window as it was counted");
    d.field<&RealTimeMetrics::window_end_at_us>("Its end: now");
    d.field<&RealTimeMetrics::invocation_count>("Runs of all skills in the window");
    d.field<&RealTimeMetrics::active_skills>("Skills with a run in the window");
    d.field<&RealTimeMetrics::top_skills>("Most used first, then by name");
    d.field<&RealTimeMetrics::anomalies>("Open anomalies of the hourly check, newest first");
}

void describe(Describe<GetHourlyMetrics>& d) {
    d.field<&GetHourlyMetrics::skill_name>("Only this skill; else all added up")
        .length(1, kMaxSkillNameBytes);
    d.field<&GetHourlyMetrics::hours>("So many hours, the open one included")
        .between(1, kMaxHourlyHours)
        .or_default();
    d.field<&GetHourlyMetrics::include_empty>("Hours without runs too").or_default();
}

void describe(Describe<SkillHour>& d) {
    d.field<&SkillHour::hour_timestamp_us>("Begin of the hour");
    d.field<&SkillHour::skill_name>("Skill; \"all\" for all of them");
    d.field<&SkillHour::invocation_count>("Runs that began in the hour");
    d.field<&SkillHour::completion_rate>("Share completed; nothing without runs");
    d.field<&SkillHour::avg_duration_seconds>("Of completed runs whose duration is known");
    d.field<&SkillHour::unique_sessions>(
        "Sessions that used the skill; nothing for the open hour and for all skills together");
}

void describe(Describe<HourlyMetrics>& d) {
    d.field<&HourlyMetrics::hours>("Newest first");
}

void describe(Describe<DetectAnomalies>& d) {
    d.field<&DetectAnomalies::threshold>(
         "Only anomalies at least so many standard deviations out. What is an anomaly at all is "
         "decided by the false discovery rate, not by this")
        .between(0, kMaxThreshold);
    d.field<&DetectAnomalies::time_window_hours>(
         "Length of the baseline before the last hours; unless given, skills.anomaly_baseline_days")
        .between(1, static_cast<double>(kMaxBaselineHours));
    d.field<&DetectAnomalies::recent_hours>(
         "How many of the last hours are judged. Volumes count whole minutes; durations look at "
         "six whole hours at least")
        .between(1, static_cast<double>(kMaxRecentHours))
        .or_default();
    d.field<&DetectAnomalies::skill_name>("Only this skill; all are tested nevertheless")
        .length(1, kMaxSkillNameBytes);
    d.field<&DetectAnomalies::limit>("At most so many").between(1, kMaxAnomalies).or_default();
}

void describe(Describe<SkillAnomaly>& d) {
    d.field<&SkillAnomaly::skill_name>(kSkillOfAnomaly);
    d.field<&SkillAnomaly::anomaly_type>(kTypeOfAnomaly);
    d.field<&SkillAnomaly::metric>(kMetricOfAnomaly);
    d.field<&SkillAnomaly::baseline_value>(kBaselineValue);
    d.field<&SkillAnomaly::observed_value>(kObservedValue);
    d.field<&SkillAnomaly::deviation_score>(kDeviation);
    d.field<&SkillAnomaly::p_value>("Chance of something as far out if nothing changed");
    d.field<&SkillAnomaly::adjusted_p>(kAdjustedP);
    d.field<&SkillAnomaly::baseline>("The usual with its interval");
    d.field<&SkillAnomaly::n>("Runs, or hours with durations, that were judged");
    d.field<&SkillAnomaly::method>("Name of the test");
    d.field<&SkillAnomaly::detected_at_us>("When it was looked at");
}

void describe(Describe<AnomalyReport>& d) {
    d.field<&AnomalyReport::anomalies>("Furthest out first");
    d.field<&AnomalyReport::found>("How many there are, before `limit`");
    d.field<&AnomalyReport::tested>("Skills and metrics with enough data");
    d.field<&AnomalyReport::unknown>("Skills and metrics with too few data for a verdict");
    d.field<&AnomalyReport::window_start_at_us>("Begin of what was judged");
    d.field<&AnomalyReport::window_end_at_us>("Its end");
    d.field<&AnomalyReport::baseline_start_us>("Begin of the baseline");
    d.field<&AnomalyReport::baseline_end_us>("Its end");
    d.field<&AnomalyReport::false_discovery_rate>(
        "Share of false ones to expect among success rates in ONE look, when looking again and "
        "again each look has it anew; volumes and durations use half of it");
}

void describe(Describe<ListAnomalies>& d) {
    d.field<&ListAnomalies::skill_name>("Only this skill").length(1, kMaxSkillNameBytes);
    d.field<&ListAnomalies::open_only>("Only what is not resolved").or_default();
    d.field<&ListAnomalies::since_us>("Only what was seen at or after this time");
    d.field<&ListAnomalies::limit>("At most so many").between(1, kMaxAnomalies).or_default();
}

void describe(Describe<StoredAnomaly>& d) {
    d.field<&StoredAnomaly::id>("Anomaly");
    d.field<&StoredAnomaly::skill_name>(kSkillOfAnomaly);
    d.field<&StoredAnomaly::metric>(kMetricOfAnomaly);
    d.field<&StoredAnomaly::anomaly_type>(kTypeOfAnomaly);
    d.field<&StoredAnomaly::detected_at_us>("When the hourly check first saw it");
    d.field<&StoredAnomaly::last_seen_at_us>("End of the last hour in which it was seen");
    d.field<&StoredAnomaly::baseline_value>(kBaselineValue);
    d.field<&StoredAnomaly::observed_value>(kObservedValue);
    d.field<&StoredAnomaly::deviation_score>(kDeviation);
    d.field<&StoredAnomaly::adjusted_p>(kAdjustedP);
    d.field<&StoredAnomaly::baseline>("The usual with its interval");
    d.field<&StoredAnomaly::note>("What was written when it was resolved");
    d.field<&StoredAnomaly::resolved_at_us>("When it was resolved");
    d.field<&StoredAnomaly::resolved_by>(
        "\"recovered\" after two normal hours in a row, \"no_data\" after a week without any, or "
        "who resolved it");
}

void describe(Describe<AnomalyList>& d) {
    d.field<&AnomalyList::anomalies>("Newest first");
}

void describe(Describe<ResolveAnomaly>& d) {
    d.field<&ResolveAnomaly::id>("Anomaly");
    d.field<&ResolveAnomaly::note>("Why").length(1, kMaxAnomalyNoteBytes);
}

void describe(Describe<SkillAnomalyDetected>& d) {
    d.field<&SkillAnomalyDetected::anomaly_id>("Anomaly");
    d.field<&SkillAnomalyDetected::skill_name>(kSkillOfAnomaly);
    d.field<&SkillAnomalyDetected::anomaly_type>(kTypeOfAnomaly);
    d.field<&SkillAnomalyDetected::metric>(kMetricOfAnomaly);
    d.field<&SkillAnomalyDetected::detected_at_us>("When");
    d.field<&SkillAnomalyDetected::baseline_value>(kBaselineValue);
    d.field<&SkillAnomalyDetected::observed_value>(kObservedValue);
    d.field<&SkillAnomalyDetected::deviation_score>(kDeviation);
    d.field<&SkillAnomalyDetected::adjusted_p>(kAdjustedP);
}

void describe(Describe<SkillAnomalyResolved>& d) {
    d.field<&SkillAnomalyResolved::anomaly_id>("Anomaly");
    d.field<&SkillAnomalyResolved::skill_name>(kSkillOfAnomaly);
    d.field<&SkillAnomalyResolved::anomaly_type>(kTypeOfAnomaly);
    d.field<&SkillAnomalyResolved::metric>(kMetricOfAnomaly);
    d.field<&SkillAnomalyResolved::resolved_at_us>("When");
    d.field<&SkillAnomalyResolved::resolved_by>("recovered, no_data, or who resolved it");
}

}  // namespace credence::skills
