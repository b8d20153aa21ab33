#include "stats/recommend/item_similarity.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/check.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

struct WeightedItem {
    std::uint32_t item = 0;
    double value = 0;
};

struct WeightedUser {
    std::uint32_t user = 0;
    double value = 0;
};

using UserLists = std::vector<std::vector<WeightedItem>>;
using ItemLists = std::vector<std::vector<WeightedUser>>;

UserLists lists_by_user(std::span<const Feedback> rows, std::size_t items,
                        const FeedbackOptions& feedback) {
    UserLists lists;
    for (const Feedback& row : rows) {
        CHECK(row.item < items, "an item outside the catalogue");
        const double weight = feedback_weight(row, feedback);
        if (weight <= 0) {
            continue;
        }
        if (row.user >= lists.size()) {
            lists.resize(row.user + std::size_t{1});
        }
        lists[row.user].push_back({row.item, weight});
    }
    for (std::vector<WeightedItem>& list : lists) {
        std::ranges::sort(list, {}, &WeightedItem::item);
        std::size_t kept = 0;
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (kept > 0 && list[kept - 1].item == list[i].item) {
                list[kept - 1].value += list[i].value;
            } else {
                list[kept++] = list[i];
            }
        }
        list.resize(kept);
    }
    return lists;
}

// Keeps the heaviest of each user, and multiplies by the user's inverse frequency.
void weigh_users(UserLists& lists, std::size_t items, std::size_t most) {
    for (std::vector<WeightedItem>& list : lists) {
        if (list.empty()) {
            continue;
        }
        const double frequency =
            portable_log(1 + static_cast<double>(items) / static_cast<double>(list.size()));
        if (list.size() > most) {
            std::ranges::stable_sort(list, [](const WeightedItem& left, const WeightedItem& right) {
                return left.value > right.value;
            });
            list.resize(most);
        }
        for (WeightedItem& entry : list) {
            entry.value *= frequency;
        }
    }
}

ItemLists lists_by_item(const UserLists& users, std::size_t items) {
    ItemLists lists(items);
    for (std::uint32_t user = 0; user < users.size(); ++user) {
        for (const WeightedItem& entry : users[user]) {
            lists[entry.item].push_back({user, entry.value});
        }
    }
    return lists;
}

bool nearer_item(const ItemNeighbour& left, const ItemNeighbour& right) {
    return left.similarity != right.similarity ? left.similarity > right.similarity
                                               : left.item < right.item;
}

}  // namespace

double feedback_weight(const Feedback& feedback, const FeedbackOptions& options) {
    CHECK(feedback.successes >= 0 && feedback.successes <= feedback.n,
          "more successes than trials");
    CHECK(options.failure_weight >= 0 && options.failure_weight <= 1, "a weight is a share");
    CHECK(options.half_life_us > 0, "a half-life is positive");
    const double n = static_cast<double>(feedback.n);
    const double rate = (static_cast<double>(feedback.successes) + 1) / (n + 2);
    const double age = std::max(
        0.0, static_cast<double>(options.now_us) - static_cast<double>(feedback.last_at_us));
    const double recency =
        portable_exp(-std::numbers::ln2 * age / static_cast<double>(options.half_life_us));
    return portable_log(1 + n) * (options.failure_weight + (1 - options.failure_weight) * rate) *
           recency;
}

ItemSimilarity::ItemSimilarity(std::span<const Feedback> rows, std::size_t items,
                               const FeedbackOptions& feedback, const SimilarityOptions& options)
    : neighbours_(items) {
    CHECK(options.shrinkage >= 0, "shrinkage below 0");
    UserLists by_user = lists_by_user(rows, items, feedback);
    weigh_users(by_user, items, options.max_items_per_user);
    const ItemLists by_item = lists_by_item(by_user, items);
    std::vector<double> lengths(items);
    for (std::size_t item = 0; item < items; ++item) {
        for (const WeightedUser& entry : by_item[item]) {
            lengths[item] += entry.value * entry.value;
        }
        lengths[item] = std::sqrt(lengths[item]);
    }
    std::vector<ItemNeighbour> row(items);
    for (std::size_t item = 0; item < items; ++item) {
        for (std::uint32_t other = 0; other < items; ++other) {
            row[other] = {.item = other};
        }
        for (const WeightedUser& entry : by_item[item]) {
            for (const WeightedItem& other : by_user[entry.user]) {
                row[other.item].similarity += entry.value * other.value;
                ++row[other.item].users;
            }
        }
        std::vector<ItemNeighbour>& kept = neighbours_[item];
        for (ItemNeighbour& other : row) {
            if (other.users > 0 && other.item != item) {
                const double both = static_cast<double>(other.users);
                const double cosine = other.similarity / (lengths[item] * lengths[other.item]);
                other.similarity = std::min(1.0, cosine) * both / (both + options.shrinkage);
                kept.push_back(other);
            }
        }
        std::ranges::sort(kept, nearer_item);
        kept.resize(std::min(kept.size(), options.neighbours));
        kept.shrink_to_fit();
    }
}

std::span<const ItemNeighbour> ItemSimilarity::neighbours(std::uint32_t item) const {
    return item < neighbours_.size() ? std::span<const ItemNeighbour>(neighbours_[item])
                                     : std::span<const ItemNeighbour>();
}

}  // namespace credence::stats
