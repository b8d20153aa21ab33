#include "capabilities/skills/people/recommendations.h"

#include <algorithm>

#include "base/units.h"
#include "capabilities/skills/people/community.h"
#include "capabilities/skills/people/community_counts.h"
#include "capabilities/skills/record/user_names.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"

namespace credence::skills {
namespace {

constexpr std::size_t kSeedDigits = 16;
constexpr unsigned kBitsOfDigit = 4;
constexpr std::uint64_t kDayStep = 0x9e3779b97f4a7c15;  // odd: no two days share a seed

// The same all day (UTC), and another for everybody.
std::uint64_t seed_of_day(std::string_view user_hash, std::int64_t now_us) {
    std::uint64_t seed = 0;
    for (const char digit : user_hash.substr(0, kSeedDigits)) {
        seed = (seed << kBitsOfDigit) | hex_value(digit);
    }
    return seed + kDayStep * static_cast<std::uint64_t>(now_us / kUsPerDay);
}

struct SimilarQuery {
    std::string_view tenant;
    std::string asker;
    const GetSimilarUsers& request;
    std::int64_t min_users = 0;
};

Result<SimilarUserList> similar_in(const SkillState& state, const SimilarQuery& query,
                                   const Community& community) {
    const std::optional<std::uint32_t> asker = state.find_user(query.asker);
    const auto people = static_cast<std::int64_t>(state.user_index().users());
    // Of very few people an alias is as good as a name.
    if (!asker || people < query.min_users || state.user_index().items_of(*asker).empty()) {
        return SimilarUserList{.users = {}, .state = PeopleState::insufficient_data};
    }
    const stats::SimilarUsers found = state.user_index().similar(
        {.user = *asker,
         .limit = static_cast<std::size_t>(query.request.limit),
         .min_common = static_cast<std::uint32_t>(query.request.min_common_skills)});
    SimilarUserList list{.users = {}, .complete = found.complete};
    for (const stats::SimilarUser& one : found.users) {
        list.users.push_back({.alias = community.alias(query.tenant, query.asker,
                                                       state.users().at(one.user).user_id),
                              .common_skills = one.common,
                              .score = one.score});
    }
    return list;
}

}  // namespace

Result<CollaborativeRecommendations> Skills::get_collaborative_recommendations(
    const Context& context, const GetCollaborativeRecommendations& request) {
    const std::string user = parts_.users->hash(context.tenant, request.user_id);
    const auto catalogue = TRY(parts_.community->catalogue(context.tenant));
    const auto own = TRY(parts_.ledger->read(
        context.tenant, [&](const SkillState& state) -> Result<std::vector<OwnSkill>> {
            return skills_of(state, user).value_or(std::vector<OwnSkill>());
        }));
    return catalogue->recommend(own, {.limit = static_cast<std::size_t>(request.limit),
                                      .exploration_share = parts_.settings.exploration_share,
                                      .seed = seed_of_day(user, parts_.clock.now_us())});
}

Result<SimilarUserList> Skills::get_similar_users(const Context& context,
                                                  const GetSimilarUsers& request) {
    const SimilarQuery query{.tenant = context.tenant,
                             .asker = parts_.users->hash(context.tenant, request.user_id),
                             .request = request,
                             .min_users = parts_.settings.community_min_users};
    return parts_.ledger->read(context.tenant, [&](const SkillState& state) {
        return similar_in(state, query, *parts_.community);
    });
}

}  // namespace credence::skills
