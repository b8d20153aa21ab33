// What people cost: 100,000 users with 15 to 40 skills of 500 each, in memory, one caller. Without
// the store: what a request adds to it is two reads of the fold (see the module's own bench).
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "base/text.h"
#include "capabilities/skills/people/catalogue.h"
#include "capabilities/skills/people/community_counts.h"
#include "capabilities/skills/state/skill_state.h"

namespace credence::skills {
namespace {

constexpr std::size_t kBenchUsers = 100'000;
constexpr std::size_t kBenchSkills = 500;
constexpr std::size_t kLeastSkills = 15;
constexpr std::size_t kMostSkills = 40;
constexpr std::size_t kQuestions = 500;
constexpr std::int64_t kBenchStartUs = 1'735'689'600'000'000;

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string user_name(std::size_t user) {
    return sha256_hex("user" + std::to_string(user));
}

// A user's skills lie around the user's craft; a fifth of all uses fail.
std::int64_t fill(SkillState& state) {
    SeededRandom random(11);
    std::vector<std::string> skills;
    for (std::size_t skill = 0; skill < kBenchSkills; ++skill) {
        skills.push_back("skill" + std::to_string(skill));
    }
    std::int64_t id = 0;
    for (std::size_t user = 0; user < kBenchUsers; ++user) {
        const std::string name = user_name(user);
        const std::string session = "s" + std::to_string(user);
        const std::size_t count = kLeastSkills + random.next() % (kMostSkills - kLeastSkills + 1);
        const std::size_t craft = random.next() % kBenchSkills;
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t near = random.next() % 60 + random.next() % 60;
            ++id;
            state.apply({.id = id,
                         .skill_name = skills[(craft + near) % kBenchSkills],
                         .session_id = session,
                         .user_id = name,
                         .workflow_phase = {},
                         .invoked_at_us = kBenchStartUs + id * 1'000,
                         .completed = random.next() % 5 != 0,
                         .duration_seconds = {},
                         .rating = {}});
        }
    }
    return id;
}

void print_times(const char* what, std::vector<double> seconds, double budget_ms) {
    std::ranges::sort(seconds);
    const auto at = [&seconds](double share) {
        return 1e3 *
               seconds[static_cast<std::size_t>(share * static_cast<double>(seconds.size() - 1))];
    };
    std::printf("%-36s p50 %8.3f ms  p99 %8.3f ms  max %8.3f ms  (bar %.0f ms: %s)\n", what,
                at(0.5), at(0.99), at(1), budget_ms, at(0.99) <= budget_ms ? "met" : "MISSED");
}

void run() {
    double load = 0;
    if (::getloadavg(&load, 1) == 1) {
        std::printf("load average %.2f\n", load);
    }
    SkillState state;
    std::int64_t rows = 0;
    const double folded = seconds_of([&] { rows = fill(state); });
    std::printf("%zu users, %zu skills, %lld rows folded in %.1f s\n", state.users().size(),
                state.skills().size(), static_cast<long long>(rows), folded);
    SeededRandom random(12);
    std::vector<double> similar;
    std::size_t found = 0;
    for (std::size_t i = 0; i < kQuestions; ++i) {
        const auto user = static_cast<std::uint32_t>(random.next() % kBenchUsers);
        similar.push_back(seconds_of([&] {
            found += state.user_index()
                         .similar({.user = user, .limit = 10, .min_common = 3})
                         .users.size();
        }));
    }
    CHECK(found > kQuestions, "nobody is alike");
    print_times("similar users", similar, 20);
    Catalogue::Source source{
        .counts = {}, .imported = {}, .min_users = 5, .now_us = kBenchStartUs + rows * 1'000};
    const double counted = seconds_of([&] { source.counts = count_community(state, 5); });
    std::unique_ptr<Catalogue> catalogue;
    const double built = seconds_of([&] { catalogue = std::make_unique<Catalogue>(source); });
    std::printf("community counted in %.2f s (the fold waits), catalogue built in %.2f s\n",
                counted, built);
    std::vector<double> recommended;
    std::size_t told = 0;
    for (std::size_t i = 0; i < kQuestions; ++i) {
        const std::string user = user_name(random.next() % kBenchUsers);
        recommended.push_back(seconds_of([&] {
            const auto own = skills_of(state, user);
            told += catalogue->recommend(*own, {.limit = 5, .exploration_share = 0.1, .seed = i})
                        .recommendations.size();
        }));
    }
    CHECK(told == 5 * kQuestions, "short lists");
    print_times("recommendations", recommended, 100);
    std::vector<double> cold;
    for (std::size_t i = 0; i < kQuestions; ++i) {
        cold.push_back(seconds_of([&] {
            told += catalogue->recommend({}, {.limit = 5, .exploration_share = 0.1, .seed = i})
                        .recommendations.size();
        }));
    }
    print_times("recommendations, cold start", cold, 100);
}

}  // namespace
}  // namespace credence::skills

int main() {
    credence::skills::run();
    return 0;
}
