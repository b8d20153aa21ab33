#include "stats/anomaly/anomaly_draws.h"

namespace credence::stats {

double Draws::uniform() {
    return std::uniform_real_distribution<double>(0, 1)(engine_);
}

double Draws::normal() {
    return std::normal_distribution<double>(0, 1)(engine_);
}

double Draws::gamma(double shape) {
    return std::gamma_distribution<double>(shape, 1)(engine_);
}

double Draws::beta(double alpha, double beta) {
    const double first = gamma(alpha);
    const double second = gamma(beta);
    return first + second > 0 ? first / (first + second) : alpha / (alpha + beta);
}

std::int64_t Draws::poisson(double mean) {
    return mean > 0 ? std::poisson_distribution<std::int64_t>(mean)(engine_) : 0;
}

std::int64_t Draws::binomial(std::int64_t trials, double rate) {
    return std::binomial_distribution<std::int64_t>(trials, rate)(engine_);
}

double Draws::rate_around(double mean, double dispersion) {
    if (dispersion == 0 || mean <= 0 || mean >= 1) {
        return mean;
    }
    const double concentration = 1 / dispersion - 1;
    return beta(mean * concentration, (1 - mean) * concentration);
}

std::vector<PeriodTrials> Draws::hours(std::size_t count, std::int64_t runs, double rate,
                                       double dispersion) {
    std::vector<PeriodTrials> periods;
    for (std::size_t hour = 0; hour < count; ++hour) {
        periods.push_back({binomial(runs, rate_around(rate, dispersion)), runs});
    }
    return periods;
}

std::vector<PeriodTrials> Draws::busy_hours(std::size_t count, double runs, double rate,
                                            double dispersion) {
    std::vector<PeriodTrials> periods;
    for (std::size_t hour = 0; hour < count; ++hour) {
        const std::int64_t trials = poisson(runs);
        periods.push_back({binomial(trials, rate_around(rate, dispersion)), trials});
    }
    return periods;
}

std::vector<PeriodCount> Draws::counts(std::size_t count, double mean, double dispersion) {
    std::vector<PeriodCount> periods;
    for (std::size_t hour = 0; hour < count; ++hour) {
        const double factor = dispersion > 0 ? gamma(1 / dispersion) * dispersion : 1;
        periods.push_back({poisson(mean * factor), 1});
    }
    return periods;
}

}  // namespace credence::stats
