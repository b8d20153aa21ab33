#include "capabilities/skills/record/invocations.h"
#include "capabilities/skills/record/record_check.h"

namespace credence::skills {
namespace {

constexpr std::string_view kDocSession = "The session it belongs to";
constexpr std::string_view kDocSkill = "The skill or tool";
constexpr std::string_view kDocInvokedAt = "When it began; left out: now";
constexpr std::string_view kDocPath = "The workflow it was part of";
constexpr std::string_view kDocQuery =
    "What was asked; secrets and personal data are masked before it is stored";
constexpr std::string_view kDocAlternatives = "Other skills that were considered";
constexpr std::string_view kDocRank = "Its place among those offered; 1 is the first";
constexpr std::string_view kDocPhase =
    "Where in the workflow: setup, execution, verification, cleanup, rollback, deployment, or "
    "another short word";
constexpr std::string_view kDocStep = "The step of the workflow";
constexpr std::string_view kDocUser = "Who, if not the user of the session; kept as a keyed hash";
constexpr std::string_view kDocEmbedding = "A vector of the query, 384 numbers";
constexpr std::string_view kDocDuration = "How long it took";
constexpr std::string_view kDocError = "What kind of error ended it; counted as it is told";
constexpr std::string_view kDocFollowUps = "What was done next";
constexpr std::string_view kDocRating = "What the user thought of it, 1 to 5";

template <class Request>
void describe_start(Describe<Request>& d) {
    d.template field<&Request::workflow_path>(kDocPath).length(1, kMaxPathBytes);
    d.template field<&Request::user_query>(kDocQuery).length(0, kMaxQueryBytes);
    d.template field<&Request::alternatives_considered>(kDocAlternatives)
        .length(0, kMaxAlternatives)
        .or_default();
    d.template field<&Request::selection_rank>(kDocRank).between(
        1, static_cast<double>(kMaxSelectionRank));
}

}  // namespace

void describe(Describe<TrackInvocation>& d) {
    d.field<&TrackInvocation::session_id>(kDocSession).length(1, record::kMaxSessionIdBytes);
    d.field<&TrackInvocation::skill_name>(kDocSkill)
        .length(1, kMaxSkillNameBytes)
        .example("\"pytest-run\"");
    d.field<&TrackInvocation::completed>("Whether it completed, or was abandoned");
    d.field<&TrackInvocation::duration_seconds>(kDocDuration).between(0, kMaxDurationSeconds);
    d.field<&TrackInvocation::invoked_at_us>(kDocInvokedAt);
    describe_start(d);
    d.field<&TrackInvocation::follow_up_actions>(kDocFollowUps)
        .length(0, kMaxFollowUps)
        .or_default();
    d.field<&TrackInvocation::error_type>(kDocError).length(0, kMaxErrorBytes);
    d.field<&TrackInvocation::rating>(kDocRating).between(1, 5);
    d.field<&TrackInvocation::workflow_phase>(kDocPhase).length(1, kMaxPhaseBytes);
    d.field<&TrackInvocation::workflow_step_id>(kDocStep).length(1, kMaxPathBytes);
    d.field<&TrackInvocation::user_id>(kDocUser).length(1, record::kMaxUserIdBytes);
    d.field<&TrackInvocation::embedding>(kDocEmbedding)
        .length(kEmbeddingNumbers, kEmbeddingNumbers);
}

void describe(Describe<Tracked>& d) {
    d.field<&Tracked::invocation_id>("Its number in the log; later ones are higher");
}

void describe(Describe<TrackInvocations>& d) {
    d.field<&TrackInvocations::items>("All are recorded, or none").length(1, kMaxBatch);
}

void describe(Describe<TrackedBatch>& d) {
    d.field<&TrackedBatch::recorded>("How many");
    d.field<&TrackedBatch::invocation_ids>("In the order of the items");
}

void describe(Describe<BeginInvocation>& d) {
    d.field<&BeginInvocation::session_id>(kDocSession).length(1, record::kMaxSessionIdBytes);
    d.field<&BeginInvocation::skill_name>(kDocSkill).length(1, kMaxSkillNameBytes);
    d.field<&BeginInvocation::invoked_at_us>(kDocInvokedAt);
    describe_start(d);
    d.field<&BeginInvocation::workflow_phase>(kDocPhase).length(1, kMaxPhaseBytes);
    d.field<&BeginInvocation::workflow_step_id>(kDocStep).length(1, kMaxPathBytes);
    d.field<&BeginInvocation::user_id>(kDocUser).length(1, record::kMaxUserIdBytes);
    d.field<&BeginInvocation::embedding>(kDocEmbedding)
        .length(kEmbeddingNumbers, kEmbeddingNumbers);
}

void describe(Describe<OpenInvocation>& d) {
    d.field<&OpenInvocation::handle>("Completes it, once");
    d.field<&OpenInvocation::session_id>(kDocSession);
    d.field<&OpenInvocation::skill_name>(kDocSkill);
    d.field<&OpenInvocation::started_at_us>("Since when");
}

void describe(Describe<CompleteInvocation>& d) {
    d.field<&CompleteInvocation::handle>("From begin_invocation").length(1, 64);
    d.field<&CompleteInvocation::completed>("Whether it completed, or was abandoned");
    d.field<&CompleteInvocation::duration_seconds>("How long it took; left out: by the clock")
        .between(0, kMaxDurationSeconds);
    d.field<&CompleteInvocation::error_type>(kDocError).length(0, kMaxErrorBytes);
    d.field<&CompleteInvocation::follow_up_actions>(kDocFollowUps)
        .length(0, kMaxFollowUps)
        .or_default();
    d.field<&CompleteInvocation::rating>(kDocRating).between(1, 5);
}

void describe(Describe<InvocationRef>& d) {
    d.field<&InvocationRef::invocation_id>("Which").between(0, 9e15);
}

void describe(Describe<Invocation>& d) {
    d.field<&Invocation::invocation_id>("Its number in the log");
    d.field<&Invocation::session_id>(kDocSession);
    d.field<&Invocation::skill_name>(kDocSkill);
    d.field<&Invocation::invoked_at_us>("When it began");
    d.field<&Invocation::completed>("Whether it completed");
    d.field<&Invocation::duration_seconds>(kDocDuration);
    d.field<&Invocation::workflow_path>(kDocPath);
    d.field<&Invocation::user_query>("What was asked, masked");
    d.field<&Invocation::alternatives_considered>(kDocAlternatives);
    d.field<&Invocation::selection_rank>(kDocRank);
    d.field<&Invocation::follow_up_actions>(kDocFollowUps);
    d.field<&Invocation::error_type>(kDocError);
    d.field<&Invocation::rating>(kDocRating);
    d.field<&Invocation::workflow_phase>(kDocPhase);
    d.field<&Invocation::workflow_step_id>(kDocStep);
    d.field<&Invocation::user_id>("Keyed hash of the user");
    d.field<&Invocation::has_embedding>("Whether it came with a vector");
    d.field<&Invocation::created_at_us>("When it was recorded");
}

void describe(Describe<ListInvocations>& d) {
    d.field<&ListInvocations::session_id>("Those of this session, oldest first")
        .length(1, record::kMaxSessionIdBytes);
    d.field<&ListInvocations::skill_name>("Those of this skill; without a session newest first")
        .length(1, kMaxSkillNameBytes);
    d.field<&ListInvocations::limit>("At most so many")
        .between(1, static_cast<double>(record::kMaxPage))
        .or_default();
    d.field<&ListInvocations::cursor>("next_cursor of the page before").length(1, 400);
}

void describe(Describe<InvocationPage>& d) {
    d.field<&InvocationPage::invocations>("Those of the caller's namespace");
    d.field<&InvocationPage::next_cursor>("Where the next page begins; absent on the last");
}

}  // namespace credence::skills
