#include <algorithm>

#include "capabilities/skills/people/recommendations.h"
#include "capabilities/skills/record/user_names.h"
#include "capabilities/skills/record/users.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

Figure own_rate(std::int64_t completed, std::int64_t n) {
    return figure_of({.value = static_cast<double>(completed) / static_cast<double>(n),
                      .n = n,
                      .interval = stats::wilson_95(completed, n),
                      .method = "wilson_95"});
}

Result<UserProfile> profile_in(const SkillState& state, std::string_view user_hash) {
    const std::optional<std::uint32_t> user = state.find_user(user_hash);
    UserProfile profile;
    std::int64_t completed = 0;
    if (user) {
        for (const UserSkill& used : state.users()[*user].skills) {
            if (used.invocations < 1) {
                continue;
            }
            profile.top_skills.push_back(
                {.skill_name = state.skills()[used.skill].name,
                 .invocations = used.invocations,
                 .completion_rate = own_rate(used.completed, used.invocations),
                 .last_invoked_at_us = used.last_at_us});
            ++profile.unique_skills;
            profile.total_interactions += used.invocations;
            completed += used.completed;
        }
    }
    if (profile.total_interactions == 0) {
        return fail(Code::not_found, "nothing is recorded of this user", "user_id");
    }
    profile.completion_rate = own_rate(completed, profile.total_interactions);
    std::ranges::sort(profile.top_skills, [](const auto& left, const auto& right) {
        return left.invocations != right.invocations ? left.invocations > right.invocations
                                                     : left.skill_name < right.skill_name;
    });
    profile.top_skills.resize(std::min(profile.top_skills.size(), kTopSkillsOfUser));
    return profile;
}

}  // namespace

Result<UserProfile> Skills::get_user_profile(const Context& context, const UserRef& request) {
    const std::string user = parts_.users->hash(context.tenant, request.user_id);
    return parts_.ledger->read(context.tenant,
                               [&](const SkillState& state) { return profile_in(state, user); });
}

}  // namespace credence::skills
