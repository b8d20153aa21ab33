#include "capabilities/skills/people/baseline_bundle.h"
#include "capabilities/skills/people/baselines.h"
#include "capabilities/skills/people/recommendations.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {
namespace {

constexpr double kMostBaselines = 1'000;
constexpr std::size_t kMaxKeyTextBytes = 100;

}  // namespace

void describe(Describe<GetCollaborativeRecommendations>& d) {
    d.field<&GetCollaborativeRecommendations::user_id>("Whom to advise")
        .length(1, kMaxUserNameBytes)
        .example("\"ada\"");
    d.field<&GetCollaborativeRecommendations::limit>("Skills, at most")
        .between(1, kMaxRecommended)
        .or_default();
}

void describe(Describe<RecommendationCause>& d) {
    d.field<&RecommendationCause::skill_name>("One that the user uses");
    d.field<&RecommendationCause::share>("Of what speaks for the recommendation");
    d.field<&RecommendationCause::users>("Who use both");
}

void describe(Describe<RecommendedSkill>& d) {
    d.field<&RecommendedSkill::skill_name>("Skill");
    d.field<&RecommendedSkill::score>("Compares within a source");
    d.field<&RecommendedSkill::completion_rate>(
        "The community's, drawn towards that of all skills");
    d.field<&RecommendedSkill::source>("Why it is here");
    d.field<&RecommendedSkill::users>("Who use it");
    d.field<&RecommendedSkill::reasons>("Of similar_items: the user's skills that led here");
}

void describe(Describe<CollaborativeRecommendations>& d) {
    d.field<&CollaborativeRecommendations::recommendations>(
        "Best first, but for explored places; never what the user tried");
    d.field<&CollaborativeRecommendations::cold_start>(
        "Nothing the user did can be compared with others");
    d.field<&CollaborativeRecommendations::built_at_us>(
        "When the community was counted, microseconds UTC");
}

void describe(Describe<GetSimilarUsers>& d) {
    d.field<&GetSimilarUsers::user_id>("Who asks").length(1, kMaxUserNameBytes).example("\"ada\"");
    d.field<&GetSimilarUsers::min_common_skills>("Distinct skills both completed, at least")
        .between(1, 1'000)
        .or_default();
    d.field<&GetSimilarUsers::limit>("Users, at most")
        .between(1, kMaxSimilarUsersTold)
        .or_default();
}

void describe(Describe<SimilarUserFound>& d) {
    d.field<&SimilarUserFound::alias>("A pseudonym that holds for this asker only");
    d.field<&SimilarUserFound::common_skills>("Distinct skills both completed");
    d.field<&SimilarUserFound::score>("Likeness, rare skills weighing most, above 0 to 1");
}

void describe(Describe<SimilarUserList>& d) {
    d.field<&SimilarUserList::users>("Most alike first");
    d.field<&SimilarUserList::state>("Whether there was enough to compare");
    d.field<&SimilarUserList::complete>(
        "False: somebody who shares the commonest skills only may be missing");
}

void describe(Describe<UserSkillUse>& d) {
    d.field<&UserSkillUse::skill_name>("Skill");
    d.field<&UserSkillUse::invocations>("Uses");
    d.field<&UserSkillUse::completion_rate>("Completed, as a fraction");
    d.field<&UserSkillUse::last_invoked_at_us>("Latest use, microseconds UTC");
}

void describe(Describe<UserProfile>& d) {
    d.field<&UserProfile::unique_skills>("Distinct skills used");
    d.field<&UserProfile::total_interactions>("Uses of all of them");
    d.field<&UserProfile::completion_rate>("Completed, as a fraction");
    d.field<&UserProfile::top_skills>("The ten used most");
}

void describe(Describe<CommunitySettings>& d) {
    d.field<&CommunitySettings::trusted_baseline_keys>(
         "Ed25519 keys (base64) whose signed baselines are accepted; none: none are")
        .length(0, trust::kMaxTrustedKeys)
        .or_default();
}

void describe(Describe<GetCommunityBaselines>& d) {
    d.field<&GetCommunityBaselines::limit>("Skills, at most")
        .between(1, kMostBaselines)
        .or_default();
    d.field<&GetCommunityBaselines::skill_name>("This skill only").length(1, kMaxSkillNameBytes);
}

void describe(Describe<CommunityBaseline>& d) {
    d.field<&CommunityBaseline::skill_name>("Skill");
    d.field<&CommunityBaseline::total_users>("Of all sources; who is in two of them counts twice");
    d.field<&CommunityBaseline::total_invocations>("Uses by those users");
    d.field<&CommunityBaseline::global_completion_rate>(
        "Completed, as a fraction, drawn towards that of all skills");
    d.field<&CommunityBaseline::global_avg_duration_seconds>("Of completed uses");
    d.field<&CommunityBaseline::most_common_workflow_phase>("In the source with most users");
    d.field<&CommunityBaseline::effectiveness_percentile>(
        "Rank among the skills told of, 0 to 1, by the lower bound of the rate");
    d.field<&CommunityBaseline::sources>("local, or whose key signed it and for whom");
    d.field<&CommunityBaseline::last_updated_at_us>("Newest of its figures, microseconds UTC");
}

void describe(Describe<CommunityBaselines>& d) {
    d.field<&CommunityBaselines::baselines>("Most effective first");
    d.field<&CommunityBaselines::skills>("Skills that are told of");
    d.field<&CommunityBaselines::min_users>("Skills of fewer users are not");
    d.field<&CommunityBaselines::built_at_us>("When it was counted, microseconds UTC");
}

void describe(Describe<ExportBaselines>& d) {
    d.field<&ExportBaselines::min_users>(
         "Users behind each skill, at least; community_min_users or more")
        .between(1, 1'000'000);
}

void describe(Describe<BaselineBundle>& d) {
    d.field<&BaselineBundle::envelope>("Signed aggregates (DSSE)");
    d.field<&BaselineBundle::keyid>("Key that signed it").length(0, kMaxKeyTextBytes);
    d.field<&BaselineBundle::public_key>("What the other side has to trust, in base64")
        .length(0, kMaxKeyTextBytes);
    d.field<&BaselineBundle::created_at_us>("When it was made, microseconds UTC");
    d.field<&BaselineBundle::skills>("Skills in it");
}

void describe(Describe<ImportBaselines>& d) {
    d.field<&ImportBaselines::bundle>("What skills.export_baselines answered, or its envelope");
}

void describe(Describe<ImportedBaselines>& d) {
    d.field<&ImportedBaselines::source>("Whose key signed it and for whom");
    d.field<&ImportedBaselines::created_at_us>("When it was made, by the other side's clock");
    d.field<&ImportedBaselines::skills>("Skills in it");
    d.field<&ImportedBaselines::unchanged>("It was here before");
}

void describe(Describe<SkillBaselinesImported>& d) {
    d.field<&SkillBaselinesImported::source>("Whose key signed them and for whom");
    d.field<&SkillBaselinesImported::created_at_us>("When they were made");
    d.field<&SkillBaselinesImported::skills>("Skills");
}

}  // namespace credence::skills
