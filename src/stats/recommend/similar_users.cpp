#include "stats/recommend/similar_users.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr std::size_t kRescoredPerResult = 8;
constexpr std::size_t kMinRescored = 64;
constexpr std::size_t kGrowthParts = 20;  // lengths are renewed after growth by 1/20

bool better_user(const SimilarUser& left, const SimilarUser& right) {
    return left.score != right.score ? left.score > right.score : left.user < right.user;
}

}  // namespace

UserIndex::UserIndex(const SimilarUsersOptions& options) : options_(options) {
    CHECK(options.shrinkage >= 0 && std::isfinite(options.shrinkage), "shrinkage below 0");
    CHECK(options.max_items_per_user > 0 && options.max_visits > 0, "bounds that allow nothing");
}

bool UserIndex::add(std::uint32_t user, std::uint32_t item) {
    if (user >= options_.max_users || item >= options_.max_items) {
        return false;
    }
    if (user >= items_.size()) {
        items_.resize(user + std::size_t{1});
        inverse_lengths_.resize(user + std::size_t{1});
    }
    if (item >= users_.size()) {
        users_.resize(item + std::size_t{1});
    }
    std::vector<std::uint32_t>& items = items_[user];
    const auto place = std::ranges::lower_bound(items, item);
    if (place != items.end() && *place == item) {
        return true;
    }
    if (items.size() >= options_.max_items_per_user) {
        return false;
    }
    active_users_ += items.empty() ? 1 : 0;
    items.insert(place, item);
    users_[item].push_back(user);
    ++entries_;
    if (entries_ >= refresh_at_entries_) {
        refresh_lengths();
    } else {
        // Older items keep the weights of the last renewal.
        const double last = inverse_lengths_[user];
        const double square = (last > 0 ? 1 / (last * last) : 0) + weight_of(item);
        inverse_lengths_[user] = static_cast<float>(1 / std::sqrt(square));
    }
    return true;
}

void UserIndex::forget(std::uint32_t user) {
    if (user >= items_.size() || items_[user].empty()) {
        return;
    }
    for (const std::uint32_t item : items_[user]) {
        std::erase(users_[item], user);
    }
    entries_ -= items_[user].size();
    --active_users_;
    items_[user] = {};
    inverse_lengths_[user] = 0;
}

std::span<const std::uint32_t> UserIndex::items_of(std::uint32_t user) const {
    return user < items_.size() ? std::span<const std::uint32_t>(items_[user])
                                : std::span<const std::uint32_t>();
}

double UserIndex::weight_of(std::uint32_t item) const {
    const double idf = portable_log(1 + static_cast<double>(active_users_) /
                                            static_cast<double>(users_[item].size()));
    return idf * idf;
}

double UserIndex::length_of(std::uint32_t user) const {
    double square = 0;
    for (const std::uint32_t item : items_[user]) {
        square += weight_of(item);
    }
    return std::sqrt(square);
}

void UserIndex::refresh_lengths() {
    std::vector<double> weights(users_.size());
    for (std::uint32_t item = 0; item < users_.size(); ++item) {
        weights[item] = users_[item].empty() ? 0 : weight_of(item);
    }
    for (std::uint32_t user = 0; user < items_.size(); ++user) {
        double square = 0;
        for (const std::uint32_t item : items_[user]) {
            square += weights[item];
        }
        inverse_lengths_[user] = square > 0 ? static_cast<float>(1 / std::sqrt(square)) : 0.0F;
    }
    refresh_at_entries_ = entries_ + entries_ / kGrowthParts + 1;
}

// Adds up what every other user shares, rarest item first, while the bound on visits allows.
bool UserIndex::gather(std::uint32_t user, std::vector<Tally>& tallies) const {
    std::vector<std::uint32_t> order = items_[user];
    std::ranges::sort(order, [this](std::uint32_t left, std::uint32_t right) {
        return users_[left].size() != users_[right].size()
                   ? users_[left].size() < users_[right].size()
                   : left < right;
    });
    std::size_t visits = 0;
    for (const std::uint32_t item : order) {
        visits += users_[item].size();
        if (visits > options_.max_visits) {
            return false;
        }
        const float weight = static_cast<float>(weight_of(item));
        for (const std::uint32_t other : users_[item]) {
            tallies[other].weight += weight;
            ++tallies[other].common;
        }
    }
    return true;
}

// Exactly, by merging both lists.
SimilarUser UserIndex::compare(std::uint32_t user, std::uint32_t other) const {
    SimilarUser result{.user = other};
    double shared = 0;
    const std::vector<std::uint32_t>& left = items_[user];
    const std::vector<std::uint32_t>& right = items_[other];
    for (std::size_t i = 0, j = 0; i < left.size() && j < right.size();) {
        if (left[i] == right[j]) {
            shared += weight_of(left[i]);
            ++result.common;
            ++j;
            ++i;
        } else if (left[i] < right[j]) {
            ++i;
        } else {
            ++j;
        }
    }
    const double common = result.common;
    const double cosine = shared / (length_of(user) * length_of(other));
    result.score = std::min(1.0, cosine) * common / (common + options_.shrinkage);
    return result;
}

std::vector<SimilarUser> UserIndex::best_candidates(const SimilarQuestion& question,
                                                    std::span<const Tally> tallies,
                                                    std::uint32_t min_common) const {
    const std::size_t kept = std::max(kMinRescored, kRescoredPerResult * question.limit);
    std::vector<SimilarUser> heap;  // the worst on top
    heap.reserve(kept + 1);
    for (std::uint32_t other = 0; other < tallies.size(); ++other) {
        const Tally& tally = tallies[other];
        if (tally.common < min_common || other == question.user) {
            continue;
        }
        const double common = tally.common;
        const SimilarUser candidate{other, tally.common,
                                    double{tally.weight} * double{inverse_lengths_[other]} *
                                        common / (common + options_.shrinkage)};
        if (heap.size() < kept || better_user(candidate, heap.front())) {
            heap.push_back(candidate);
            std::ranges::push_heap(heap, better_user);
            if (heap.size() > kept) {
                std::ranges::pop_heap(heap, better_user);
                heap.pop_back();
            }
        }
    }
    return heap;
}

SimilarUsers UserIndex::similar(const SimilarQuestion& asked) const {
    SimilarUsers result;
    if (asked.limit == 0 || items_of(asked.user).empty()) {
        return result;
    }
    SimilarQuestion question = asked;
    question.limit = std::min(asked.limit, kMaxSimilarUsers);
    question.min_common = std::max(1U, asked.min_common);
    std::vector<Tally> tallies(items_.size());
    result.complete = gather(question.user, tallies);
    // What the bound left out may still make up for items in common.
    const std::uint32_t min_common = result.complete ? question.min_common : 1;
    for (const SimilarUser& candidate : best_candidates(question, tallies, min_common)) {
        const SimilarUser exact = compare(question.user, candidate.user);
        if (exact.common >= question.min_common) {
            result.users.push_back(exact);
        }
    }
    std::ranges::sort(result.users, better_user);
    result.users.resize(std::min(result.users.size(), question.limit));
    return result;
}

}  // namespace credence::stats
