// How often the trend tests cry wolf and how often they find what is there, beside the old formula.
// Seeded simulations for `dev bench stats`; deterministic for a seed and standard library.
//
// The old formula: a straight line through unweighted daily rates, a trend at p < .05, skill by
// skill. Ours: rate_trend (quasi-binomial) and mann_kendall, weighted by the runs of a day, their
// p-values adjusted by Benjamini-Hochberg over the skills of an evaluation, a trend at <= .05.
//
// Null skills differ in their rate (uniform in .5 to .98) and their traffic (5 to 40 runs a day).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stats/estimate.h"

namespace credence::stats {

// Shares of `n` skills or evaluations with Clopper-Pearson's 95 % interval.
struct TrendRow {
    std::string what;
    Estimate old_rule;
    Estimate quasi_binomial;
    Estimate mann_kendall;
};

// Null skills and no trend anywhere: share of skills called a trend at p < .05 one by one, share
// of skills called one after adjustment, share of evaluations of 1,000 skills with any (which is
// the false discovery rate). For independent runs, for days that differ more than chance
// (beta-binomial, intra-day correlation .05), and for days that hang together (log-odds
// autoregressive, .5 and .7). `rounds` evaluations of 1,000 skills each; about half a second each.
std::vector<TrendRow> simulate_null_trends(std::uint64_t seed, std::size_t rounds);

// A fall of .02 a day from .9 at 20 runs a day, over 7 and 14 days: share found at p < .05 alone,
// and among 90 null skills with 10 falling ones after adjustment (the old rule: p < .05), with the
// share of false ones among the found. `rounds` evaluations of 100 skills.
std::vector<TrendRow> simulate_falling_trends(std::uint64_t seed, std::size_t rounds);

// How often the 95 % intervals hold the truth, over 10 * `rounds` falling skills: the old rule's
// line against the mean daily change, rate_trend's share a day against the mean daily change,
// Theil-Sen's slope against the same.
std::vector<TrendRow> simulate_trend_intervals(std::uint64_t seed, std::size_t rounds);

// Two skills in the same `both` of `sessions` sessions and nowhere else, used once in each: what
// the old system called their lift (pairs of invocations over the product of invocations), and the
// lift.
struct LiftRow {
    double old_lift = 0;
    double lift = 0;
    Estimate shrunk_lift;
    double fisher_p = 1;
};

LiftRow compare_lift(std::int64_t sessions, std::int64_t both);

}  // namespace credence::stats
