// Who works like this user: users that share rare items, from an inverted index kept as items
// arrive.
//
//   idf(i)   = ln(1 + users / users_of(i))                  (an item that all use says little)
//   cos(a,b) = sum over shared i of idf(i)^2 / (|a| |b|),   |a|^2 = sum over i of a of idf(i)^2
//   score    = cos(a, b) * s / (s + k)                      s = number of shared distinct items
// Inverse document frequency: K. Sparck Jones, "A statistical interpretation of term specificity
// and its application in retrieval", Journal of Documentation 28 (1972), 11-21; J. S. Breese, D.
// Heckerman and C. Kadie, "Empirical analysis of predictive algorithms for collaborative
// filtering", UAI (1998), 43-52. Damping of little overlap: Y. Koren, "Factorization meets the
// neighborhood", KDD (2008), 426-434.
//
// Distinct items count, not how often. Users and items are small numbers that the caller gives out
// densely from 0. Not thread-safe for writing; similar() may run beside similar().
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stats/estimate.h"

namespace credence::stats {

struct SimilarUsersOptions {
    double shrinkage = 5;                   // k, in shared items; at least 0
    std::size_t max_users = 1'000'000;      // further ones are refused
    std::size_t max_items = 100'000;        // likewise
    std::size_t max_items_per_user = 1024;  // likewise
    std::size_t max_visits = 2'000'000;     // entries of the index that one question reads
};

struct SimilarQuestion {
    std::uint32_t user = 0;
    std::size_t limit = 10;        // at most kMaxSimilarUsers are given
    std::uint32_t min_common = 1;  // distinct items that both have
};

inline constexpr std::size_t kMaxSimilarUsers = 1000;

struct SimilarUser {
    std::uint32_t user = 0;
    std::uint32_t common = 0;  // shared distinct items
    double score = 0;          // in (0, 1]
};

struct SimilarUsers {
    std::vector<SimilarUser> users;  // best first, then the smaller number
    // False where max_visits left the commonest items of the user out of the search: everybody
    // found is scored in full, but somebody who shares only those may be missing.
    bool complete = true;
};

class UserIndex {
public:
    explicit UserIndex(const SimilarUsersOptions& options = {});

    // The user has the item. False where a bound of the options refuses it, true also when it was
    // known. Amortised O(items of the user): the lengths |a| are computed anew for all when the
    // index has grown by a twentieth, until when older items keep their weight in them.
    bool add(std::uint32_t user, std::uint32_t item);

    // Forgets all of a user. Linear in the users of each of its items.
    void forget(std::uint32_t user);

    // Nobody for an unknown user or one without items. Candidates come from the index, rarest items
    // first, ranked by lengths at most a twentieth old; the best 8 * limit (at least 64) are then
    // scored exactly. Cost: at most max_visits additions and a pass over all users; 1 to 10 ms for
    // 100,000 users with 15 to 40 items each.
    SimilarUsers similar(const SimilarQuestion& question) const;

    std::span<const std::uint32_t> items_of(std::uint32_t user) const;  // ascending
    std::size_t users() const { return active_users_; }
    std::size_t entries() const { return entries_; }

private:
    struct Tally {
        float weight = 0;
        std::uint32_t common = 0;
    };

    double weight_of(std::uint32_t item) const;  // idf squared
    double length_of(std::uint32_t user) const;
    void refresh_lengths();
    bool gather(std::uint32_t user, std::vector<Tally>& tallies) const;
    std::vector<SimilarUser> best_candidates(const SimilarQuestion& question,
                                             std::span<const Tally> tallies,
                                             std::uint32_t min_common) const;
    SimilarUser compare(std::uint32_t user, std::uint32_t other) const;

    SimilarUsersOptions options_;
    std::vector<std::vector<std::uint32_t>> items_;  // of each user, ascending
    std::vector<std::vector<std::uint32_t>> users_;  // of each item, in order of arrival
    std::vector<float> inverse_lengths_;             // of each user, 0 without items
    std::size_t active_users_ = 0;
    std::size_t entries_ = 0;
    std::size_t refresh_at_entries_ = 0;
};

}  // namespace credence::stats
