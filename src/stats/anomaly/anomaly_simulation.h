// How often the anomaly tests cry wolf and how often they find what is there, beside the old
// formula. Seeded simulations for `dev bench stats`; deterministic for a seed and standard library.
//
// The old formula: z = (recent mean - baseline mean) / standard deviation of the single 0/1
// outcomes of the baseline, an anomaly at |z| >= 2 (at least 5 runs before, 2 now; none when the
// deviation is 0). Ours: p values, adjusted by Benjamini-Hochberg over 1,000 skills, an anomaly at
// <= 0.05.
//
// Each family of skills learns its prior of the dispersion (dispersion.h). Volumes and durations
// have continuous p values, whose false discovery rate is the whole level; they are taken at 0.025.
//
// Null skills differ in their rate (Beta(4, 1)) and traffic; their baseline has about 200 runs in
// 40 hours, the recent window about 20 in 4 hours. Where nothing has changed in any skill the false
// discovery rate is the share of rounds with any discovery.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stats/estimate.h"

namespace credence::stats {

// Shares with Clopper-Pearson's 95 % interval, over `n` rounds or skills. Where a row says "mean
// share", the rounds' mean with its normal 95 % interval.
struct AnomalyRow {
    std::string_view what;
    std::optional<Estimate> old_rule;  // where the old system had one
    Estimate ours;
    double limit = 0;
    bool at_most = true;  // ours must stay at or below the limit with its interval; else reach it
};

bool holds(const AnomalyRow& row);

// `rounds` families of 1,000 skills (200 for the figures promised: a minute or two), 10 times as
// many single skills for detection.
std::vector<AnomalyRow> simulate_rate_anomalies(std::uint64_t seed, std::size_t rounds);

// Volume, duration, season, change points and the sequential detector; 300 rounds for the figures
// promised, several minutes.
std::vector<AnomalyRow> simulate_other_anomalies(std::uint64_t seed, std::size_t rounds);

}  // namespace credence::stats
