// Data as skills make them, for simulations: runs by hour with rates that may differ from hour to
// hour. Deterministic for a seed and standard library. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "stats/anomaly/rate_anomaly.h"
#include "stats/anomaly/volume_anomaly.h"

namespace credence::stats {

inline constexpr std::size_t kSimulatedSkills = 1000;
inline constexpr double kSimulationConfidence = 0.95;

class Draws {
public:
    explicit Draws(std::uint64_t seed) : engine_(seed) {}

    double uniform();
    double normal();
    double gamma(double shape);  // mean `shape`
    double beta(double alpha, double beta);
    std::int64_t poisson(double mean);
    std::int64_t binomial(std::int64_t trials, double rate);

    // A rate around `mean` with intra-class correlation `dispersion`.
    double rate_around(double mean, double dispersion);

    // Hours of `runs` runs each.
    std::vector<PeriodTrials> hours(std::size_t count, std::int64_t runs, double rate,
                                    double dispersion);
    // The same with Poisson numbers of runs.
    std::vector<PeriodTrials> busy_hours(std::size_t count, double runs, double rate,
                                         double dispersion);
    // Hours of events, rate multiplied by Gamma factors of variance `dispersion`.
    std::vector<PeriodCount> counts(std::size_t count, double mean, double dispersion);

private:
    std::mt19937_64 engine_;
};

}  // namespace credence::stats
