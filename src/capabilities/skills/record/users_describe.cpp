#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/record/users.h"

namespace credence::skills {

void describe(Describe<UserRef>& d) {
    d.field<&UserRef::user_id>("Who, by the name that the caller uses")
        .length(1, record::kMaxUserIdBytes);
}

void describe(Describe<ExportUser>& d) {
    d.field<&ExportUser::user_id>("Who, by the name that the caller uses")
        .length(1, record::kMaxUserIdBytes);
    d.field<&ExportUser::cursor>("next_cursor of the page before").length(1, 400);
}

void describe(Describe<ErasedUser>& d) {
    d.field<&ErasedUser::invocations>("Rows of the log that went");
    d.field<&ErasedUser::open_invocations>("Begun ones that went");
    d.field<&ErasedUser::sessions>("Sessions that are nobody's now");
    d.field<&ErasedUser::skills>("Skills whose figures were corrected");
    d.field<&ErasedUser::interactions>("Skills the user was known to have used");
    d.field<&ErasedUser::experiment_assignments>("Experiments the user took part in");
    d.field<&ErasedUser::experiment_outcomes>("Outcomes there");
}

void describe(Describe<ExportedInteraction>& d) {
    d.field<&ExportedInteraction::skill_name>("The skill");
    d.field<&ExportedInteraction::invocations>("Uses");
    d.field<&ExportedInteraction::completed>("That completed");
    d.field<&ExportedInteraction::rating_sum>("Ratings, added up");
    d.field<&ExportedInteraction::rating_count>("How many ratings");
    d.field<&ExportedInteraction::first_invoked_at_us>("When the first use began");
    d.field<&ExportedInteraction::last_invoked_at_us>("When the last use began");
}

void describe(Describe<ExportedAssignment>& d) {
    d.field<&ExportedAssignment::test_id>("The experiment");
    d.field<&ExportedAssignment::group_name>("Its arm");
    d.field<&ExportedAssignment::assigned_at_us>("Since when");
    d.field<&ExportedAssignment::covariate>("What was known of the user before");
}

void describe(Describe<ExportedOutcome>& d) {
    d.field<&ExportedOutcome::outcome_id>("Its number");
    d.field<&ExportedOutcome::test_id>("The experiment");
    d.field<&ExportedOutcome::skill_name>("The skill");
    d.field<&ExportedOutcome::completed>("Whether it completed");
    d.field<&ExportedOutcome::duration_seconds>("How long it took");
    d.field<&ExportedOutcome::user_rating>("1 to 5");
    d.field<&ExportedOutcome::recorded_at_us>("When it was recorded");
}

void describe(Describe<ExportedUser>& d) {
    d.field<&ExportedUser::user_id>("Keyed hash: the user's name in the store");
    d.field<&ExportedUser::sessions>("The user's sessions");
    d.field<&ExportedUser::open_invocations>("Begun and not completed");
    d.field<&ExportedUser::invocations>("The user's rows of the log");
    d.field<&ExportedUser::interactions>("What they add up to, by skill");
    d.field<&ExportedUser::experiment_assignments>("Experiments the user takes part in");
    d.field<&ExportedUser::experiment_outcomes>("Outcomes there");
    d.field<&ExportedUser::next_cursor>("Where the next page begins; absent on the last");
}

void describe(Describe<SkillUserErased>& d) {
    d.field<&SkillUserErased::invocations>("Rows of the log that went");
    d.field<&SkillUserErased::sessions>("Sessions that are nobody's now");
    d.field<&SkillUserErased::skills>("Skills whose figures were corrected");
}

}  // namespace credence::skills
