// The cache's counts decay: each minute they are set anew.
#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <unordered_set>

#include "base/units.h"
#include "capabilities/skills/state/cache_rows.h"
#include "capabilities/skills/state/ledger_book.h"

namespace credence::skills {
namespace {

constexpr std::size_t kCacheSkillsAtOnce = 500;  // of one transaction: some 15 ms

// Whole minutes that began after the one in which the window begins.
cache_rows::RecentSkill recent_of(const SkillFigures& skill, std::int64_t now_us) {
    cache_rows::RecentSkill recent;
    recent.skill_name = skill.name;
    for (const Cell& minute : skill.minutes) {
        if (minute.at_us > now_us - 60 * kUsPerMinute) {
            recent.last_hour += minute.invocations;
        }
        if (minute.at_us > now_us - kUsPerDay) {
            recent.last_day += minute.invocations;
            recent.completed_last_day += minute.completed;
        }
    }
    return recent;
}

}  // namespace

Result<void> refresh_cache(store::Database& database, const Clock& clock, const Book& book) {
    const std::int64_t now_us = clock.now_us();
    const auto counted = TRY(
        database.read([&](store::Tx& tx) { return cache_rows::counted_skills(tx, book.tenant); }));
    const std::unordered_set<std::string> to_decay(counted.begin(), counted.end());
    std::vector<cache_rows::RecentSkill> skills;
    cache_rows::RefreshOf of{.tenant = book.tenant, .now_us = now_us, .through_id = 0};
    {
        const std::shared_lock lock(book.mutex);
        of.through_id = book.state.through_id();
        for (const SkillFigures& skill : book.state.skills()) {
            if (!skill.minutes.empty() || to_decay.contains(skill.name)) {
                skills.push_back(recent_of(skill, now_us));
            }
        }
    }
    for (std::size_t from = 0; from < skills.size(); from += kCacheSkillsAtOnce) {
        const auto part =
            std::span(skills).subspan(from, std::min(kCacheSkillsAtOnce, skills.size() - from));
        TRY(database.write([&](store::Tx& tx) { return cache_rows::refresh(tx, of, part); }));
    }
    return {};
}

}  // namespace credence::skills
