#include "stats/recommend/recommend_simulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "base/check.h"
#include "base/random.h"
#include "stats/beta_sample.h"
#include "stats/portable_math.h"
#include "stats/recommend/recommend.h"

namespace credence::stats {
namespace {

constexpr double kInTaste = 0.75;      // of the uses are of items of one's own taste
constexpr double kTaughtShare = 0.75;  // of the time
constexpr std::int64_t kSimulatedYearUs = 365LL * 86'400 * 1'000'000;
constexpr std::size_t kOldNeighbours = 10;
constexpr std::uint32_t kOldMinCommon = 3;

struct TastedUser {
    std::map<std::uint32_t, Feedback> taught;  // by item
    std::vector<std::uint32_t> relevant;
};

// Small numbers oftener than large ones, about as 1 / (1 + rank).
std::size_t skewed_rank(std::size_t count, Random& random) {
    const double share =
        portable_exp(uniform_sample(random) * portable_log(static_cast<double>(count) + 1)) - 1;
    return std::min(count - 1, static_cast<std::size_t>(share));
}

std::vector<TastedUser> draw_users(const RecommendSimulationOptions& options, Random& random) {
    std::vector<double> rates(options.items);
    for (double& rate : rates) {
        rate = beta_sample({4, 2}, random);
    }
    const std::size_t in_taste = options.items / options.tastes;
    std::vector<TastedUser> users(options.users);
    for (std::uint32_t number = 0; number < users.size(); ++number) {
        TastedUser& user = users[number];
        const std::size_t taste = random.next() % options.tastes;
        for (std::size_t use = 0; use < options.uses_per_user; ++use) {
            const bool own = uniform_sample(random) < kInTaste;
            const auto item = static_cast<std::uint32_t>(
                own ? taste + options.tastes * skewed_rank(in_taste, random)
                    : skewed_rank(options.items, random));
            const bool success = uniform_sample(random) < rates[item];
            const double when = (static_cast<double>(use) + uniform_sample(random)) /
                                static_cast<double>(options.uses_per_user);
            if (when < kTaughtShare) {
                Feedback& row = user.taught[item];
                row.user = number;
                row.item = item;
                row.successes += success ? 1 : 0;
                ++row.n;
                row.last_at_us =
                    static_cast<std::int64_t>(when * static_cast<double>(kSimulatedYearUs));
            } else if (success && !user.taught.contains(item) &&
                       std::ranges::find(user.relevant, item) == user.relevant.end()) {
                user.relevant.push_back(item);
            }
        }
    }
    return users;
}

// As the old system did it: successful rows shared, over the union of distinct items; the best
// single neighbour decides.
std::vector<std::uint32_t> old_recommendation(const std::vector<TastedUser>& users, std::size_t who,
                                              std::size_t limit) {
    const TastedUser& user = users[who];
    std::vector<std::pair<double, std::size_t>> neighbours;
    for (std::size_t other = 0; other < users.size(); ++other) {
        double rows = 0;
        double shared_items = 0;
        for (const auto& [item, row] : users[other].taught) {
            const auto own = user.taught.find(item);
            if (own != user.taught.end() && own->second.successes > 0 && row.successes > 0) {
                rows += static_cast<double>(row.successes);
                shared_items += 1;
            }
        }
        if (other != who && rows >= kOldMinCommon) {
            const double all = static_cast<double>(user.taught.size()) +
                               static_cast<double>(users[other].taught.size()) - shared_items;
            neighbours.emplace_back(rows / all, other);
        }
    }
    std::ranges::stable_sort(neighbours, std::greater<>(),
                             [](const auto& pair) { return pair.first; });
    neighbours.resize(std::min(neighbours.size(), kOldNeighbours));
    std::map<std::uint32_t, double> best;
    for (const auto& [likeness, other] : neighbours) {
        for (const auto& [item, row] : users[other].taught) {
            if (!user.taught.contains(item) && row.successes > 0) {
                const double rate = static_cast<double>(row.successes) / static_cast<double>(row.n);
                best[item] = std::max(best[item], likeness * rate);
            }
        }
    }
    std::vector<std::pair<std::uint32_t, double>> ranked(best.begin(), best.end());
    std::ranges::stable_sort(ranked, std::greater<>(),
                             [](const auto& pair) { return pair.second; });
    std::vector<std::uint32_t> items;
    for (const auto& [item, score] : ranked) {
        items.push_back(item);
    }
    items.resize(std::min(items.size(), limit));
    return items;
}

std::vector<std::uint32_t> items_of_list(const std::vector<Recommendation>& list) {
    std::vector<std::uint32_t> items;
    items.reserve(list.size());
    for (const Recommendation& recommendation : list) {
        items.push_back(recommendation.item);
    }
    return items;
}

// What a user who is new to the community would get, less what this one has tried.
std::vector<std::uint32_t> popular_list(const Recommender& recommender, const TastedUser& user,
                                        std::size_t limit) {
    std::vector<std::uint32_t> items;
    for (const Recommendation& recommendation :
         recommender.recommend({.own = {}, .limit = kMaxRecommendations})) {
        if (!user.taught.contains(recommendation.item) && items.size() < limit) {
            items.push_back(recommendation.item);
        }
    }
    return items;
}

}  // namespace

std::vector<RecommendSimulationRow> recommend_simulation(
    const RecommendSimulationOptions& options) {
    CHECK(options.users > 0 && options.tastes > 0 && options.items >= options.tastes,
          "a community without anything in it");
    SeededRandom random(options.seed);
    const std::vector<TastedUser> users = draw_users(options, random);
    std::vector<Feedback> rows;
    std::vector<CommunityItem> community(options.items);
    for (const TastedUser& user : users) {
        for (const auto& [item, row] : user.taught) {
            rows.push_back(row);
            community[item].outcomes.successes += row.successes;
            community[item].outcomes.n += row.n;
            ++community[item].users;
        }
    }
    const FeedbackOptions feedback{.now_us = kSimulatedYearUs * 3 / 4};
    const ItemSimilarity similarity(rows, options.items, feedback);
    const Recommender recommender(similarity, community, feedback);
    std::array<std::vector<RankedCase>, 4> cases;
    for (std::size_t who = 0; who < users.size(); ++who) {
        const TastedUser& user = users[who];
        std::vector<Feedback> own;
        for (const auto& [item, row] : user.taught) {
            own.push_back(row);
        }
        RecommendationRequest request{.own = own, .limit = options.k};
        cases[0].push_back({items_of_list(recommender.recommend(request)), user.relevant});
        request.exploration_share = 0.1;
        request.seed = options.seed + who;
        cases[1].push_back({items_of_list(recommender.recommend(request)), user.relevant});
        cases[2].push_back({popular_list(recommender, user, options.k), user.relevant});
        cases[3].push_back({old_recommendation(users, who, options.k), user.relevant});
    }
    constexpr std::array<std::string_view, 4> kRecommenders{"item_item", "item_item_explore_10",
                                                            "popularity", "old_max_neighbour"};
    std::vector<RecommendSimulationRow> table;
    for (std::size_t i = 0; i < kRecommenders.size(); ++i) {
        table.push_back({kRecommenders[i], ranking_quality(cases[i], options.k, options.items)});
    }
    return table;
}

}  // namespace credence::stats
