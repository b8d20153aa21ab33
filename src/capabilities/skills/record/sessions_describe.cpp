#include "capabilities/skills/record/record_check.h"
#include "capabilities/skills/record/sessions.h"

namespace credence::skills {

void describe(Describe<CreateSession>& d) {
    d.field<&CreateSession::project_path>("What is worked on")
        .length(1, record::kMaxProjectPathBytes);
    d.field<&CreateSession::session_id>(
         "The caller's own id: letters, digits and . _ : @ + -; makes the call idempotent. Left "
         "out: a UUID")
        .length(1, record::kMaxSessionIdBytes)
        .example("\"build-4711\"");
    d.field<&CreateSession::user_id>("Who works; kept as a keyed hash only")
        .length(1, record::kMaxUserIdBytes);
    d.field<&CreateSession::started_at_us>("Since when; left out: now");
}

void describe(Describe<EndSession>& d) {
    d.field<&EndSession::session_id>("Which").length(1, record::kMaxSessionIdBytes);
    d.field<&EndSession::outcome>("How it ended").or_default();
    d.field<&EndSession::ended_at_us>("When; left out: now");
}

void describe(Describe<SessionRef>& d) {
    d.field<&SessionRef::session_id>("Which").length(1, record::kMaxSessionIdBytes);
}

void describe(Describe<Session>& d) {
    d.field<&Session::session_id>("Its id");
    d.field<&Session::project_path>("What is worked on");
    d.field<&Session::user_id>("Keyed hash of who works");
    d.field<&Session::started_at_us>("Since when");
    d.field<&Session::ended_at_us>("Until when; absent while it is active");
    d.field<&Session::outcome>("How it ended");
}

void describe(Describe<SkillInSession>& d) {
    d.field<&SkillInSession::skill_name>("The skill");
    d.field<&SkillInSession::invocation_count>("How often it was used");
}

void describe(Describe<SessionSummary>& d) {
    d.field<&SessionSummary::session>("The session");
    d.field<&SessionSummary::distinct_skills>("Skills used");
    d.field<&SessionSummary::total_invocations>("Uses of them");
    d.field<&SessionSummary::completed_invocations>("That completed");
    d.field<&SessionSummary::abandoned_invocations>("That did not");
    d.field<&SessionSummary::forgotten_invocations>(
        "Whose rows have left the log: known is only that they were");
    d.field<&SessionSummary::open_invocations>("Begun and not completed yet, not among the others");
    d.field<&SessionSummary::total_duration_seconds>("Known durations, added up");
    d.field<&SessionSummary::first_invoked_at_us>("When the first began");
    d.field<&SessionSummary::last_invoked_at_us>("When the last began");
    d.field<&SessionSummary::skills>("The most used first, a hundred at most");
}

void describe(Describe<ListSessions>& d) {
    d.field<&ListSessions::active>("Only those that have not ended, or only those that have");
    d.field<&ListSessions::project_path>("Only those of this project")
        .length(1, record::kMaxProjectPathBytes);
    d.field<&ListSessions::limit>("At most so many")
        .between(1, static_cast<double>(record::kMaxPage))
        .or_default();
    d.field<&ListSessions::cursor>("next_cursor of the page before").length(1, 400);
}

void describe(Describe<SessionPage>& d) {
    d.field<&SessionPage::sessions>("Newest first");
    d.field<&SessionPage::next_cursor>("Where the next page begins; absent on the last");
}

void describe(Describe<SkillSessionStarted>& d) {
    d.field<&SkillSessionStarted::session_id>("The session");
    d.field<&SkillSessionStarted::started_at_us>("Since when");
}

void describe(Describe<SkillSessionEnded>& d) {
    d.field<&SkillSessionEnded::session_id>("The session");
    d.field<&SkillSessionEnded::outcome>("How it ended");
    d.field<&SkillSessionEnded::ended_at_us>("When");
    d.field<&SkillSessionEnded::total_invocations>("Skills used in it");
    d.field<&SkillSessionEnded::completed_invocations>("That completed");
}

}  // namespace credence::skills
