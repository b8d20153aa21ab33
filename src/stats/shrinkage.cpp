#include "stats/shrinkage.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace credence::stats {
namespace {

constexpr int kMaxPriorRounds = 50;
constexpr double kPriorStandsStill = 1e-13;  // change of rho
constexpr double kMinPriorStrength = 1;
constexpr double kMaxPriorStrength = 10'000;
constexpr double kPosteriorTail = 0.025;

void check_count(const RateCount& count) {
    CHECK(count.successes >= 0 && count.successes <= count.n, "more successes than trials");
}

struct WeightedMoments {
    double mean = 0;
    double correlation = 0;  // rho
};

// One round: the moments with the weights that the last rho gives.
WeightedMoments moments_of(std::span<const RateCount> groups, double correlation) {
    double weight_sum = 0;
    double mean = 0;
    const auto weight_of = [correlation](const RateCount& group) {
        const double n = static_cast<double>(group.n);
        return group.n == 0 ? 0.0 : n / (1 + (n - 1) * correlation);
    };
    const auto rate_of = [](const RateCount& group) {
        return static_cast<double>(group.successes) / static_cast<double>(group.n);
    };
    for (const RateCount& group : groups) {
        if (group.n > 0) {
            weight_sum += weight_of(group);
            mean += weight_of(group) * rate_of(group);
        }
    }
    mean /= weight_sum;
    double spread = 0;
    double sampling = 0;
    double between = 0;
    for (const RateCount& group : groups) {
        if (group.n > 0) {
            const double weight = weight_of(group);
            const double share = weight * (1 - weight / weight_sum);
            spread += weight * (rate_of(group) - mean) * (rate_of(group) - mean);
            sampling += share / static_cast<double>(group.n);
            between += share;
        }
    }
    const double variance = mean * (1 - mean);
    if (variance <= 0 || between <= sampling) {
        return {mean, 0};  // no two trials of one group, or all alike: no sign of a difference
    }
    return {mean, std::clamp((spread / variance - sampling) / (between - sampling), 0.0, 1.0)};
}

}  // namespace

std::optional<BetaShape> fit_rate_prior(std::span<const RateCount> groups) {
    RateCount total;
    std::int64_t known = 0;
    for (const RateCount& group : groups) {
        check_count(group);
        total.successes += group.successes;
        total.n += group.n;
        known += group.n > 0 ? 1 : 0;
    }
    if (known < 2) {
        return std::nullopt;
    }
    const double trials = static_cast<double>(total.n);
    const double most = std::min(trials, kMaxPriorStrength);
    if (total.successes == 0 || total.successes == total.n) {
        const double mean = (static_cast<double>(total.successes) + 0.5) / (trials + 1);
        return BetaShape{mean * most, (1 - mean) * most};
    }
    WeightedMoments moments = moments_of(groups, 0);
    for (int round = 1; round < kMaxPriorRounds; ++round) {
        const WeightedMoments next = moments_of(groups, moments.correlation);
        const bool stands = std::abs(next.correlation - moments.correlation) < kPriorStandsStill;
        moments = next;
        if (stands) {
            break;
        }
    }
    const double strength =
        moments.correlation <= 0
            ? most
            : std::clamp((1 - moments.correlation) / moments.correlation, kMinPriorStrength, most);
    return BetaShape{moments.mean * strength, (1 - moments.mean) * strength};
}

namespace {

BetaShape rate_posterior(const RateCount& count, const BetaShape& prior) {
    check_count(count);
    return {prior.alpha + static_cast<double>(count.successes),
            prior.beta + static_cast<double>(count.n - count.successes)};
}

}  // namespace

Estimate shrunk_rate(const RateCount& count, const BetaShape& prior) {
    const BetaShape posterior = rate_posterior(count, prior);
    return {.value = beta_mean(posterior),
            .n = count.n,
            .interval = {beta_quantile(posterior, kPosteriorTail),
                         beta_quantile(posterior, 1 - kPosteriorTail)},
            .method = "empirical_bayes_beta_95"};
}

double rate_lower_bound(const RateCount& count, const BetaShape& prior, double level) {
    CHECK(level > 0 && level < 1, "a level is a probability");
    return beta_quantile(rate_posterior(count, prior), level);
}

std::vector<std::size_t> rank_by_lower_bound(std::span<const RateCount> groups,
                                             const BetaShape& prior) {
    std::vector<double> bounds;
    bounds.reserve(groups.size());
    for (const RateCount& group : groups) {
        bounds.push_back(rate_lower_bound(group, prior));
    }
    std::vector<std::size_t> order(groups.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&bounds](std::size_t left, std::size_t right) {
        return bounds[left] > bounds[right];
    });
    return order;
}

}  // namespace credence::stats
