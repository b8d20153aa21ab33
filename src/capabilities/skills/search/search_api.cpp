// The operation of this folder, and what its structs mean.
#include "api/host.h"
#include "capabilities/skills/search/skill_search.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {

void describe(Describe<SearchSkills>& d) {
    d.field<&SearchSkills::query>("What is to be done, in words")
        .length(1, kMaxSearchBytes)
        .example("\"run the unit tests\"");
    d.field<&SearchSkills::query_embedding>(
         "A vector of your own, compared with those that invocations were tracked with")
        .length(kEmbeddingNumbers, kEmbeddingNumbers);
    d.field<&SearchSkills::similar_to>("A skill: finds those that are asked for alike")
        .length(1, kMaxSkillNameBytes);
    d.field<&SearchSkills::by>("What counts").or_default();
    d.field<&SearchSkills::workflow_phase>("Where in the workflow, as in \"execution\"")
        .length(1, 100);
    d.field<&SearchSkills::session_id>("Only skills used in this session").length(1, 128);
    d.field<&SearchSkills::limit>("Skills to answer").between(1, kMaxSkillMatches).or_default();
    d.field<&SearchSkills::min_similarity>("Leaves out what is less alike in meaning (cosine)")
        .between(-1, 1)
        .or_default();
    d.field<&SearchSkills::phase_weight>(
         "Share of the score that is how well a skill does (in the phase, if one is given); the "
         "rest is relevance")
        .between(0, 1)
        .or_default();
}

void describe(Describe<SkillMatch>& d) {
    d.field<&SkillMatch::skill_name>("The skill");
    d.field<&SkillMatch::score>("What it is ranked by, [0, 1]");
    d.field<&SkillMatch::relevance>("How well its best wording fits, [0, 1] within this answer");
    d.field<&SkillMatch::similarity>("Cosine of that wording");
    d.field<&SkillMatch::matched_query>("That wording");
    d.field<&SkillMatch::uses>("Invocations of the skill");
    d.field<&SkillMatch::completion_rate>("How often it completes, shrunk towards all skills'");
    d.field<&SkillMatch::phase_completion_rate>("The same in the phase asked for");
}

void describe(Describe<SkillMatches>& d) {
    d.field<&SkillMatches::matches>("Best first");
    d.field<&SkillMatches::wordings>("Wordings that were compared");
    d.field<&SkillMatches::complete>("False while part of the log is still to be read");
}

void serve_search(Host& host, Skills& skills) {
    host.serve<&Skills::search>(
            skills, "Find skills by what was asked of them: words, meaning, phase of the workflow")
        .post("/v1/skills/search")
        .needs("skills:read")
        .effect(Effect::read)
        .positional("query");
}

}  // namespace credence::skills
