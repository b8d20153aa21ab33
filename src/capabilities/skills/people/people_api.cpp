// The operations of this folder.
#include "api/host.h"
#include "capabilities/skills/people/baselines.h"
#include "capabilities/skills/people/recommendations.h"
#include "capabilities/skills/record/users.h"
#include "capabilities/skills/skills.h"

namespace credence::skills {
namespace {

constexpr std::int64_t kMaxBundleRequestBytes = 4 << 20;
constexpr std::int64_t kExportTimeoutMs = 120'000;

}  // namespace

void serve_people(Host& host, Skills& skills) {
    host.serve<&Skills::get_collaborative_recommendations>(skills,
                                                           "What a user may try next, and why")
        .get("/v1/skills/users/{user_id}/recommendations")
        .needs("skills:read")
        .mcp_name("get_collaborative_recommendations")
        .positional("user_id")
        .describe(
            "Never what the user tried. Skills of fewer than community_min_users users are not "
            "told of, nor are reasons that so few share.");
    host.serve<&Skills::get_similar_users>(skills, "Who works like a user, by pseudonym")
        .get("/v1/skills/users/{user_id}/similar")
        .needs("skills:read")
        .positional("user_id");
    host.serve<&Skills::get_user_profile>(skills, "What a user uses, and how it goes")
        .get("/v1/skills/users/{user_id}/profile")
        .needs("skills:read")
        .positional("user_id");
    host.serve<&Skills::get_community_baselines>(skills, "What the community makes of each skill")
        .get("/v1/skills/baselines")
        .needs("skills:read")
        .mcp_name("get_community_baselines");
    host.serve<&Skills::export_baselines>(skills, "Sign aggregates of this tenant for others")
        .post("/v1/skills/baselines/export")
        .needs("skills:admin")
        .within_ms(kExportTimeoutMs)
        .describe(
            "Of each skill that at least k users stand behind; of one user at most k uses count, "
            "and counts are rounded down to multiples of k, so that one person moves each by one "
            "step at most.");
    host.serve<&Skills::import_baselines>(skills, "Take in aggregates that somebody else signed")
        .post("/v1/skills/baselines/import")
        .needs("skills:admin")
        .up_to_bytes(kMaxBundleRequestBytes)
        .positional("bundle", Positional::file)
        .describe(
            "Signed by a key in community.trusted_baseline_keys; the same again is no "
            "change, an older one is refused.");
}

}  // namespace credence::skills
