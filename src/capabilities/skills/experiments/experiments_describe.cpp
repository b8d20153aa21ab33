#include "capabilities/skills/experiments/experiment_sums.h"
#include "capabilities/skills/experiments/experiment_types.h"

namespace credence::skills {

void describe(Describe<MetricPlan>& d) {
    d.field<&MetricPlan::name>("completion_rate, duration_seconds or user_rating");
    d.field<&MetricPlan::direction>(
        "higher_is_better or lower_is_better; by default lower for durations");
    d.field<&MetricPlan::role>(
        "primary: decides; secondary: is told; guardrail: only stops harm. By default primary for "
        "the first and secondary for others");
    d.field<&MetricPlan::minimum_effect>(
         "Least effect of interest: absolute for completion_rate (0.05) and user_rating (0.2), "
         "relative for duration_seconds (0.1)")
        .between(0, 4);
}

void describe(Describe<TestArm>& d) {
    d.field<&TestArm::name>("Letters, digits, _, - and .").length(1, kMaxArmNameBytes);
    d.field<&TestArm::strategy>("What its users get").length(1, kMaxStrategyBytes);
    d.field<&TestArm::share>("Its share of all users; what is left of 1 stays outside")
        .between(0, 1);
}

void describe(Describe<CreateTest>& d) {
    d.field<&CreateTest::test_name>("Name, unique").length(1, kMaxTestNameBytes);
    d.field<&CreateTest::description>("What it is about").length(0, kMaxTestTextBytes);
    d.field<&CreateTest::control_strategy>("What users of the arm `control` get")
        .length(1, kMaxStrategyBytes);
    d.field<&CreateTest::treatment_strategy>("What users of the arm `treatment` get")
        .length(1, kMaxStrategyBytes);
    d.field<&CreateTest::start_date>("When it begins, as 2026-02-10T00:00:00Z; by default at once")
        .length(1, kMaxTimeTextBytes);
    d.field<&CreateTest::start_date_us>("The same in microseconds UTC").between(0, 4e15);
    d.field<&CreateTest::end_date>("When it ends; by default when it is stopped")
        .length(1, kMaxTimeTextBytes);
    d.field<&CreateTest::end_date_us>("The same in microseconds UTC").between(0, 4e15);
    d.field<&CreateTest::min_sample_size>(
         "Users with outcomes in each arm before anything is concluded")
        .between(1, static_cast<double>(kMaxSampleSize))
        .or_default();
    d.field<&CreateTest::metrics>("What is measured; by default completion_rate")
        .length(0, kMaxTestMetrics)
        .or_default();
    d.field<&CreateTest::assignment_ratio>("The control's share of users, 0.5 by default")
        .between(0.001, 0.999);
    d.field<&CreateTest::arms>(
         "Two arms or more in place of the two strategies; the first is the control")
        .length(0, kMaxArms)
        .or_default();
}

void describe(Describe<CreatedTest>& d) {
    d.field<&CreatedTest::test_id>("Test");
}

void describe(Describe<TestRef>& d) {
    d.field<&TestRef::test_id>("Test");
}

void describe(Describe<AssignUser>& d) {
    d.field<&AssignUser::test_id>("Test");
    d.field<&AssignUser::user_id>("User; stored as a keyed hash").length(1, kMaxUserNameBytes);
    d.field<&AssignUser::covariate>(
         "What was known of the user before, alike to the metric; fixed at the first exposure. "
         "Estimates are adjusted by it (CUPED) where a user had one before the first outcome")
        .between(-kMaxCovariate, kMaxCovariate);
}

void describe(Describe<Assignment>& d) {
    d.field<&Assignment::test_id>("Test");
    d.field<&Assignment::group_name>("The user's arm, for good; absent: outside the experiment");
    d.field<&Assignment::strategy>("What the arm gets");
    d.field<&Assignment::assigned_at_us>("First exposure");
    d.field<&Assignment::first_exposure>("Whether this call was it");
    d.field<&Assignment::status>("Where the test stands");
}

void describe(Describe<RecordOutcome>& d) {
    d.field<&RecordOutcome::test_id>("Test");
    d.field<&RecordOutcome::user_id>("User, assigned before").length(1, kMaxUserNameBytes);
    d.field<&RecordOutcome::completed>("Whether it completed");
    d.field<&RecordOutcome::duration_seconds>("How long it took; below 0.001 counts as 0.001")
        .between(0, kMaxOutcomeSeconds);
    d.field<&RecordOutcome::user_rating>("1 to 5").between(1, 5);
    d.field<&RecordOutcome::skill_name>("Skill that was used").length(1, kMaxSkillNameBytes);
}

void describe(Describe<RecordedOutcome>& d) {
    d.field<&RecordedOutcome::outcome_id>("Outcome");
    d.field<&RecordedOutcome::test_id>("Test");
    d.field<&RecordedOutcome::group_name>("Arm it counts for");
    d.field<&RecordedOutcome::recorded_at_us>("When it was recorded");
}

void describe(Describe<RecordOutcomes>& d) {
    d.field<&RecordOutcomes::items>("Each as the request of experiments.record_outcome")
        .length(1, kMaxOutcomesAtOnce);
}

void describe(Describe<RecordedOutcomes>& d) {
    d.field<&RecordedOutcomes::recorded>("Outcomes stored");
    d.field<&RecordedOutcomes::users>("Users they belong to, counted in each test");
}

void describe(Describe<ChangeTest>& d) {
    d.field<&ChangeTest::test_id>("Test");
    d.field<&ChangeTest::reason>("Why").length(1, kMaxTestTextBytes);
}

void describe(Describe<ShipTest>& d) {
    d.field<&ShipTest::test_id>("Test");
    d.field<&ShipTest::arm>("Treatment to ship; may be left out where there is one only")
        .length(1, kMaxArmNameBytes);
    d.field<&ShipTest::reason>("Why").length(1, kMaxTestTextBytes);
    d.field<&ShipTest::force>(
         "Ship although the arms have not the users they should, or a guardrail is harmed")
        .or_default();
}

void describe(Describe<TestDecision>& d) {
    d.field<&TestDecision::status>("stopped, shipped or rolled_back");
    d.field<&TestDecision::arm>("The arm shipped");
    d.field<&TestDecision::reason>("Why");
    d.field<&TestDecision::forced>("Whether against the numbers");
    d.field<&TestDecision::decided_by>("Who");
    d.field<&TestDecision::decided_at_us>("When");
}

void describe(Describe<ArmUsers>& d) {
    d.field<&ArmUsers::group_name>("Arm");
    d.field<&ArmUsers::strategy>("What its users get");
    d.field<&ArmUsers::share>("Its share of all users");
    d.field<&ArmUsers::users_assigned>("Users assigned");
    d.field<&ArmUsers::users_with_outcomes>("Of them, with outcomes");
    d.field<&ArmUsers::outcomes>("Their outcomes");
}

void describe(Describe<TestView>& d) {
    d.field<&TestView::test_id>("Test");
    d.field<&TestView::test_name>("Name");
    d.field<&TestView::description>("What it is about");
    d.field<&TestView::status>("running, paused, completed, stopped, shipped or rolled_back");
    d.field<&TestView::arms>("Arms with their users; the first is the control");
    d.field<&TestView::metrics>("What is measured");
    d.field<&TestView::min_sample_size>(
        "Users with outcomes in each arm before anything is concluded");
    d.field<&TestView::start_date_us>("When it begins");
    d.field<&TestView::end_date_us>("When it is to end");
    d.field<&TestView::ended_at_us>("When it ended");
    d.field<&TestView::decision>("How it was ended");
    d.field<&TestView::created_by>("Who made it");
    d.field<&TestView::created_at_us>("When it was made");
    d.field<&TestView::updated_at_us>("When its status last changed");
}

void describe(Describe<ListTests>& d) {
    d.field<&ListTests::status>("Only tests stored as such");
    d.field<&ListTests::after>("`next` of the page before").or_default();
    d.field<&ListTests::limit>("At most so many")
        .between(1, static_cast<double>(kMaxTestsPage))
        .or_default();
}

void describe(Describe<TestPage>& d) {
    d.field<&TestPage::tests>("Tests in the order of their making");
    d.field<&TestPage::next>("Where to go on, when there are more");
}

void describe(Describe<PlanTest>& d) {
    d.field<&PlanTest::metric>("completion_rate, duration_seconds or user_rating").or_default();
    d.field<&PlanTest::baseline>("Completion rate without the treatment, for completion_rate")
        .between(0.001, 0.999);
    d.field<&PlanTest::deviation>(
         "Standard deviation of single outcomes, for the others: of ratings, or of natural "
         "logarithms of durations")
        .between(1e-6, 1e6);
    d.field<&PlanTest::minimum_effect>("Least effect to be found, as in experiments.create_test")
        .between(1e-6, 4);
    d.field<&PlanTest::icc>("Correlation of outcomes of one user").between(0, 1).or_default();
    d.field<&PlanTest::rows_per_user>("Outcomes of a user, on average")
        .between(1, 1e6)
        .or_default();
    d.field<&PlanTest::alpha>("Chance to see an effect that is not there")
        .between(1e-9, 0.5)
        .or_default();
    d.field<&PlanTest::power>("Chance to find the effect that is there")
        .between(0.5, 0.999)
        .or_default();
    d.field<&PlanTest::users_per_arm>("Users at hand: what can they show?").between(2, 1e12);
}

void describe(Describe<TestPlan>& d) {
    d.field<&TestPlan::metric>("Metric");
    d.field<&TestPlan::minimum_effect>("Least effect to be found");
    d.field<&TestPlan::design_effect>("By how much likeness of a user's outcomes costs");
    d.field<&TestPlan::users_per_arm_fixed>("Users in each arm, looked at once at the end");
    d.field<&TestPlan::users_per_arm_watched>("Users in each arm, looked at any time");
    d.field<&TestPlan::power>("Chance to find it with users_per_arm, looked at once");
    d.field<&TestPlan::detectable_effect>("Effect that users_per_arm find, looked at once");
    d.field<&TestPlan::reason>("In words");
}

void describe(Describe<AbTestCreated>& d) {
    d.field<&AbTestCreated::test_id>("Test");
    d.field<&AbTestCreated::test_name>("Name");
}

void describe(Describe<AbTestStatusChanged>& d) {
    d.field<&AbTestStatusChanged::test_id>("Test");
    d.field<&AbTestStatusChanged::from>("Before");
    d.field<&AbTestStatusChanged::to>("Now");
    d.field<&AbTestStatusChanged::arm>("The arm shipped");
    d.field<&AbTestStatusChanged::forced>("Whether against the numbers");
}

void describe(Describe<StoredMoments>& d) {
    d.field<&StoredMoments::users>("");
    d.field<&StoredMoments::mean_y>("");
    d.field<&StoredMoments::mean_x>("");
    d.field<&StoredMoments::yy>("");
    d.field<&StoredMoments::xy>("");
    d.field<&StoredMoments::xx>("");
}

void describe(Describe<ArmSums>& d) {
    d.field<&ArmSums::assigned>("");
    d.field<&ArmSums::users>("");
    d.field<&ArmSums::outcomes>("");
    d.field<&ArmSums::completed_of_judged>("");
    d.field<&ArmSums::completion>("");
    d.field<&ArmSums::duration>("");
    d.field<&ArmSums::rating>("");
}

void describe(Describe<StoredEvidence>& d) {
    d.field<&StoredEvidence::higher_log_e>("");
    d.field<&StoredEvidence::lower_log_e>("");
    d.field<&StoredEvidence::looks>("");
}

void describe(Describe<ExperimentSums>& d) {
    d.field<&ExperimentSums::arms>("");
    d.field<&ExperimentSums::evidence>("");
    d.field<&ExperimentSums::sample_ratio_log_e>("");
    d.field<&ExperimentSums::settled>("");
    d.field<&ExperimentSums::adjusted>("");
    d.field<&ExperimentSums::covariate_sum>("");
    d.field<&ExperimentSums::covariate_users>("");
    d.field<&ExperimentSums::covariate_default>("");
    d.field<&ExperimentSums::announced>("");
}

}  // namespace credence::skills
