#include "stats/experiment/sample_ratio.h"

#include <cmath>
#include <numeric>

#include "base/check.h"
#include "stats/portable_math.h"
#include "stats/tails.h"

namespace credence::stats {
namespace {

struct Bet {
    double part;
    double concentration;
};

constexpr Bet kSharp{0.8, 3'000};
constexpr Bet kGross{0.2, 100};

void check_ratio(const SampleRatio& ratio) {
    CHECK(ratio.users.size() >= 2, "at least two arms");
    CHECK(ratio.users.size() == ratio.weights.size(), "a weight for each arm");
    for (const double weight : ratio.weights) {
        CHECK(weight > 0 && std::isfinite(weight), "a weight is positive");
    }
    for (const std::int64_t users : ratio.users) {
        CHECK(users >= 0, "a count is not negative");
    }
}

double total_weight(const SampleRatio& ratio) {
    return std::accumulate(ratio.weights.begin(), ratio.weights.end(), 0.0);
}

double total_users(const SampleRatio& ratio) {
    return static_cast<double>(
        std::accumulate(ratio.users.begin(), ratio.users.end(), std::int64_t{0}));
}

double log_e_of(const SampleRatio& ratio, double concentration) {
    const double weights = total_weight(ratio);
    double sum =
        portable_log_gamma(concentration) - portable_log_gamma(concentration + total_users(ratio));
    for (std::size_t arm = 0; arm < ratio.users.size(); ++arm) {
        const double users = static_cast<double>(ratio.users[arm]);
        const double share = ratio.weights[arm] / weights;
        const double prior = concentration * share;
        sum += portable_log_gamma(prior + users) - portable_log_gamma(prior) -
               users * portable_log(share);
    }
    return sum;
}

}  // namespace

double sample_ratio_chi_squared(const SampleRatio& ratio) {
    check_ratio(ratio);
    const double n = total_users(ratio);
    if (n == 0) {
        return 0;
    }
    const double weights = total_weight(ratio);
    double sum = 0;
    for (std::size_t arm = 0; arm < ratio.users.size(); ++arm) {
        const double expected = n * ratio.weights[arm] / weights;
        const double excess = static_cast<double>(ratio.users[arm]) - expected;
        sum += excess * excess / expected;
    }
    return sum;
}

double sample_ratio_p(const SampleRatio& ratio) {
    return chi_squared_tail(sample_ratio_chi_squared(ratio),
                            static_cast<double>(ratio.users.size() - 1));
}

double sample_ratio_log_e(const SampleRatio& ratio) {
    check_ratio(ratio);
    const double sharp = log_e_of(ratio, kSharp.concentration) + std::log(kSharp.part);
    const double gross = log_e_of(ratio, kGross.concentration) + std::log(kGross.part);
    const double larger = std::fmax(sharp, gross);
    return larger + std::log(std::exp(sharp - larger) + std::exp(gross - larger));
}

bool alarm(double log_e, double alpha) {
    CHECK(alpha > 0 && alpha < 1, "a level lies between 0 and 1");
    return log_e >= -std::log(alpha);
}

}  // namespace credence::stats
