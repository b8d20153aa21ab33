#include "capabilities/skills/skills_prompts.h"

#include "api/host.h"

namespace credence::skills {
namespace {

constexpr std::string_view kCompareSkills =
    R"(Say which of two skills is better, `{first}` or `{second}`, and how sure that is.

They are to be compared for: {task}

1. Ask `skills_get_skill_metrics` about both: share of completed uses with its interval and n,
   durations, ratings. An unknown figure is unknown, not 0.
2. Ask `get_skill_trend` about both: a skill that falls is not described by its average.
3. Look whether they were asked the same things: `skills_search` with typical queries, and the
   phases in the metrics. Skills that got easier work look better.
4. Overlapping intervals are no difference. Different work is no comparison. Say so plainly where
   it is so.
5. When a difference would matter and is not shown, plan the experiment that would show it:
   `experiments_plan_test` with the lower rate as `baseline`.

Answer with a table of the figures with intervals, one sentence of judgement, its confidence, and
what would change it.)";

constexpr std::string_view kReviewSkill =
    R"(Review the skill `{skill_name}`: is it good, does it get better, what should be done?

1. `skills_get_skill_metrics`: n, share completed with its interval, common errors, phases.
2. `get_skill_trend` and `detect_anomalies` for it. insufficient_data is an answer.
3. `get_skill_dependencies`: what is used with it, what before it.
4. `skills_find_bottlenecks`: is it given up in one phase above others?
5. `get_community_baselines`: how do others fare with it, where there are enough of them?

Answer with: a judgement (keep, mend, replace, not enough data); the two figures it rests on,
with intervals; the likeliest cause of what fails; and the smallest change worth an experiment
with `experiments_create_test`.)";

}  // namespace

void offer_prompts(Host& host) {
    host.prompt({.name = "compare_skills",
                 .title = "Compare two skills",
                 .description = "Which of two skills is better, and how sure that is",
                 .arguments = {{"first", "One skill", true, "skills.get_skill_metrics.skill_name"},
                               {"second", "The other", true, "skills.get_skill_metrics.skill_name"},
                               {"task", "What they are wanted for", false, {}}},
                 .text = std::string(kCompareSkills),
                 .scope = "skills:read"});
    host.prompt(
        {.name = "review_skill",
         .title = "Review a skill",
         .description = "Whether a skill does its work, and what to do about it",
         .arguments = {{"skill_name", "The skill", true, "skills.get_skill_metrics.skill_name"}},
         .text = std::string(kReviewSkill),
         .scope = "skills:read"});
}

}  // namespace credence::skills
