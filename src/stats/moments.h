// What must be kept of the users of an arm so that means, ratios and their variances can be had at
// any time: counts, means and centred sums of products. A user enters once, changes as outcomes
// arrive, and parts counted apart are merged; each step is O(1) and nothing is kept a user.
//
// The unit is the USER, not the row: a user's rows are summed first (CUPED: averaged). Rows of one
// user resemble each other, and a variance taken over rows would be too small.
//
// Updates: B. P. Welford, "Note on a method for calculating corrected sums of squares and
// products", Technometrics 4 (1962); merging: T. F. Chan, G. H. Golub, R. J. LeVeque, "Updating
// formulae and a pairwise algorithm for computing sample variances" (1979).
// Values must be finite (CHECK). Plain values: not thread-safe, copy freely.
#pragma once

#include <cstdint>

namespace credence::stats {

// One number a user.
struct Moments {
    std::int64_t users = 0;
    double mean = 0;
    double squares = 0;  // sum of (y - mean)^2

    void add(double y);
    // A user known so far with `before` now has `after`.
    void replace(double before, double after);
    void merge(const Moments& other);
};

// Two numbers of one user: y the outcome, x what it is divided by (number of rows), or what was
// known before the experiment (CUPED).
struct UserPair {
    double y = 0;
    double x = 0;
};

struct PairMoments {
    std::int64_t users = 0;
    double mean_y = 0;
    double mean_x = 0;
    double yy = 0;  // sum of (y - mean_y)^2
    double xy = 0;  // sum of (x - mean_x) (y - mean_y)
    double xx = 0;  // sum of (x - mean_x)^2

    void add(const UserPair& user);
    void replace(const UserPair& before, const UserPair& after);
    void merge(const PairMoments& other);
};

}  // namespace credence::stats
