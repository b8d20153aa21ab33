#include "capabilities/skills/experiments/experiment_report.h"

namespace credence::skills {

void describe(Describe<ArmReport>& d) {
    d.field<&ArmReport::group_name>("Arm");
    d.field<&ArmReport::strategy>("What its users get");
    d.field<&ArmReport::share>("Its share of all users");
    d.field<&ArmReport::users_assigned>("Users assigned");
    d.field<&ArmReport::users_with_outcomes>("Of them, with outcomes");
    d.field<&ArmReport::outcomes>("Their outcomes");
    d.field<&ArmReport::completion_rate>(
        "Share of outcomes that completed; n counts users. Absent: unknown");
    d.field<&ArmReport::duration_seconds>("Geometric mean over users. Absent: unknown");
    d.field<&ArmReport::user_rating>("Mean over users, 1 to 5. Absent: unknown");
}

void describe(Describe<Comparison>& d) {
    d.field<&Comparison::metric>("Metric");
    d.field<&Comparison::role>("primary, secondary or guardrail");
    d.field<&Comparison::direction>("Which way is better");
    d.field<&Comparison::group_name>("Treatment that is compared with the control");
    d.field<&Comparison::finding>(
        "insufficient_data, undecided, better, worse, or negligible: less than the least effect "
        "of interest");
    d.field<&Comparison::difference>(
        "Treatment less control, with an interval that holds at every look");
    d.field<&Comparison::lift>("Treatment over control, less 1, likewise");
    d.field<&Comparison::minimum_effect>("Least effect of interest");
    d.field<&Comparison::p_value>("Of `no difference`, over all looks so far");
    d.field<&Comparison::adjusted_p_value>("Corrected for the comparisons of this role (Holm)");
    d.field<&Comparison::variance_left>("Share of variance left by the covariate");
    d.field<&Comparison::users_needed>(
        "Users in each arm to find the least effect of interest in four of five tests");
    d.field<&Comparison::looks>("Looks so far: one a write of outcomes");
}

void describe(Describe<SampleRatioReport>& d) {
    d.field<&SampleRatioReport::mismatch>("Whether the arms have not the users they should");
    d.field<&SampleRatioReport::log_e>(
        "Natural logarithm of the largest evidence so far; the alarm is at 6.9 (1 in 1,000)");
    d.field<&SampleRatioReport::p_value>("Chi-squared, for one look only");
}

void describe(Describe<Analysis>& d) {
    d.field<&Analysis::test_id>("Test");
    d.field<&Analysis::test_name>("Name");
    d.field<&Analysis::status>("Where the test stands");
    d.field<&Analysis::verdict>("ship, rollback, continue, inconclusive or invalid");
    d.field<&Analysis::winner>("Arm to ship, or the control to return to");
    d.field<&Analysis::reason>("Why, in words");
    d.field<&Analysis::arms>("The arms; the first is the control");
    d.field<&Analysis::comparisons>("Each metric of each treatment against the control");
    d.field<&Analysis::sample_ratio>("Whether the arms have the users they should");
    d.field<&Analysis::min_sample_size>(
        "Users with outcomes in each arm before anything is concluded");
    d.field<&Analysis::users_needed>(
        "Users in each arm to find the least effects of interest of all primary metrics");
    d.field<&Analysis::adjusted_by_covariate>("Whether effects are adjusted (CUPED)");
    d.field<&Analysis::analyzed_at_us>("When");
}

void describe(Describe<AbTestDecided>& d) {
    d.field<&AbTestDecided::test_id>("Test");
    d.field<&AbTestDecided::verdict>("ship, rollback or invalid");
    d.field<&AbTestDecided::winner>("Arm to ship, or the control");
}

}  // namespace credence::skills
