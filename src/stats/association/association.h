// Do two skills go together in sessions more than chance would have them, how much, and which comes
// first? Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "stats/estimate.h"

namespace credence::stats {

// Sessions, not invocations: a session counts once for a skill however often it used it.
// 0 <= both <= a, b <= sessions and a + b - both <= sessions (CHECK).
struct PairCounts {
    std::int64_t sessions = 0;
    std::int64_t a = 0;     // sessions with the first skill
    std::int64_t b = 0;     // sessions with the second
    std::int64_t both = 0;  // sessions with both
};

// Gamma prior of the ratio of observed to expected sessions: mean shape / rate.
struct LiftPrior {
    double shape = 0.5;
    double rate = 0.5;
};

enum class Relationship : std::uint8_t {
    unknown,        // no session has one of the skills
    very_strong,    // the shrunk lift is 3 or more,
    strong,         // 2 or more,
    moderate,       // 1.5 or more,
    weak,           // more than 1, and its interval is above 1
    independent,    // the interval holds 1: nothing was shown
    weak_negative,  // the interval is below 1; the shrunk lift is above 0.5,
    negative,       // or 0.5 and less
};

std::string_view to_string(Relationship relationship);

struct Association {
    PairCounts counts;
    std::optional<double> lift;  // none if a or b is 0
    std::optional<Estimate> shrunk_lift;
    Estimate log_odds_ratio;
    double g_squared = 0;
    double g_squared_p = 1;
    double fisher_p = 1;
    Relationship relationship = Relationship::unknown;
};

// lift = N both / (a b): 1 for independent skills, up to N / max(a, b).
//
// shrunk_lift: both ~ Poisson(lift E), E = a b / N, lift ~ Gamma(prior): the posterior mean
// (both + shape) / (E + rate) with its 95 % credible interval. One component of W. DuMouchel's
// gamma-Poisson shrinker (The American Statistician 53 (1999), 177-190); with the default prior the
// information component of G. N. Noren, A. Bate, R. Orre and I. R. Edwards (Statistics in Medicine
// 25 (2006), 3740-3757). For skills in a large part of all sessions the Poisson interval is wider
// than it need be: cautious.
//
// log_odds_ratio: ln(ad/bc) with 1/2 added to each cell, +- 1.96 sqrt(sum of 1/cell) (J. J. Gart,
// Biometrika 53 (1966), 97-110). Never infinite.
//
// g_squared: 2 sum O ln(O/E) over the four cells, chi-squared with one degree of freedom (A.
// Agresti, Categorical Data Analysis, 3rd ed. (2013), 3.2.1); an approximation below 5 expected.
// fisher_p: the exact two-sided test, all tables as unlikely or less (R. A. Fisher, 1934; ties by
// 1e-7 as R and scipy do). Relative error below 1e-9 up to 10,000 sessions, 1e-5 at 10 million.
// Many pairs are many tests: correct p-values with benjamini_hochberg.
//
// Cost: O(log N + standard deviation of `both`), some microseconds.
Association associate(const PairCounts& counts, const LiftPrior& prior = {});

// The prior from all pairs of a population, by moments: with E_i expected,
//   mean m = sum O / sum E,  variance v = (sum (O - m E)^2 - sum O) / sum E^2,
//   shape = m^2 / v, rate = m / v.
// Pass pairs that never met too, or the mean is too high. v is kept within [0.01, 100]; the default
// prior for fewer than 20 pairs or none that ever met. O(pairs).
LiftPrior fit_lift_prior(std::span<const PairCounts> pairs);

// Sessions with both skills by which came first; those at the same instant are in neither.
struct OrderCounts {
    std::int64_t a_first = 0;
    std::int64_t b_first = 0;  // both >= 0 (CHECK)
};

struct Precedence {
    Estimate share_a_first;  // Wilson, 95 %
    double p = 1;            // exact binomial test of one half, two-sided
};

// nullopt if no session has an order.
std::optional<Precedence> precedence(const OrderCounts& counts);

}  // namespace credence::stats
