#include "stats/anomaly/change_point.h"
#include "stats/median.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/check.h"

namespace credence::stats {
namespace {

constexpr double kPlaceConfidence = 0.95;

// Cumulative sums: what a segment [from, to) costs and what its level is, in constant time.
class RateCosts {
public:
    explicit RateCosts(std::span<const PeriodTrials> series) {
        sums_.reserve(series.size() + 1);
        sums_.push_back({});
        for (const PeriodTrials& point : series) {
            CHECK(point.successes >= 0 && point.successes <= point.trials,
                  "more successes than trials");
            sums_.push_back(
                {sums_.back().successes + point.successes, sums_.back().trials + point.trials});
        }
    }
    std::size_t size() const { return sums_.size() - 1; }
    double cost(std::size_t from, std::size_t to) const {
        const PeriodTrials total = between(from, to);
        const auto entropy = [&](std::int64_t count) {
            return count == 0
                       ? 0
                       : static_cast<double>(count) * std::log(static_cast<double>(count) /
                                                               static_cast<double>(total.trials));
        };
        return -2 * (entropy(total.successes) + entropy(total.trials - total.successes));
    }
    Estimate level(std::size_t from, std::size_t to) const {
        const PeriodTrials total = between(from, to);
        const double share = total.trials == 0 ? 0.5
                                               : static_cast<double>(total.successes) /
                                                     static_cast<double>(total.trials);
        return {share, total.trials, wilson_95(total.successes, total.trials), "wilson_95"};
    }

private:
    PeriodTrials between(std::size_t from, std::size_t to) const {
        return {sums_[to].successes - sums_[from].successes, sums_[to].trials - sums_[from].trials};
    }
    std::vector<PeriodTrials> sums_;
};

class MeanCosts {
public:
    // The series has mean 0 here, so that squares lose no digits.
    MeanCosts(std::span<const double> series, double centre, double sigma)
        : centre_(centre), sigma_(sigma) {
        sums_.reserve(series.size() + 1);
        sums_.push_back(0);
        for (const double value : series) {
            sums_.push_back(sums_.back() + (value - centre));
        }
    }
    std::size_t size() const { return sums_.size() - 1; }
    // Up to the sum of squares, which is the same for every segmentation.
    double cost(std::size_t from, std::size_t to) const {
        const double sum = sums_[to] - sums_[from];
        return -sum * sum / (static_cast<double>(to - from) * sigma_ * sigma_);
    }
    Estimate level(std::size_t from, std::size_t to) const {
        const auto count = static_cast<double>(to - from);
        const double mean = centre_ + (sums_[to] - sums_[from]) / count;
        const double half = kNormal95 * sigma_ / std::sqrt(count);
        return {
            mean, static_cast<std::int64_t>(to - from), {mean - half, mean + half}, "normal_95"};
    }

private:
    double centre_;
    double sigma_;
    std::vector<double> sums_;
};

// Starts of the segments after the first, in order.
template <class Costs>
std::vector<std::size_t> pelt(const Costs& costs, double penalty) {
    const std::size_t n = costs.size();
    std::vector<double> best(n + 1, 0);
    std::vector<std::size_t> previous(n + 1, 0);
    std::vector<std::size_t> candidates{0};
    std::vector<double> candidate_costs;
    best[0] = -penalty;
    for (std::size_t to = 1; to <= n; ++to) {
        best[to] = std::numeric_limits<double>::infinity();
        candidate_costs.clear();
        for (const std::size_t from : candidates) {
            const double cost = best[from] + costs.cost(from, to);
            candidate_costs.push_back(cost);
            if (cost + penalty < best[to]) {
                best[to] = cost + penalty;
                previous[to] = from;
            }
        }
        // What is worse without a penalty than the best with one can never be the best again.
        std::size_t kept = 0;
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (candidate_costs[i] <= best[to]) {
                candidates[kept++] = candidates[i];
            }
        }
        candidates.resize(kept);
        candidates.push_back(to);
    }
    std::vector<std::size_t> starts;
    for (std::size_t at = previous[n]; at > 0; at = previous[at]) {
        starts.push_back(at);
    }
    std::ranges::reverse(starts);
    return starts;
}

// Grows [first, last] from the best place by the likelier neighbour.
template <class Costs>
void place(const Costs& costs, std::size_t from, std::size_t to, ChangePoint& change) {
    std::vector<double> weights;
    weights.reserve(to - from - 1);
    const auto cost = [&](std::size_t at) { return costs.cost(from, at) + costs.cost(at, to); };
    const double best = cost(change.index);
    double total = 0;
    for (std::size_t at = from + 1; at < to; ++at) {
        weights.push_back(std::exp((best - cost(at)) / 2));
        total += weights.back();
    }
    const auto weight = [&](std::size_t at) {
        return at > from && at < to ? weights[at - from - 1] : -1.0;
    };
    change.first = change.index;
    change.last = change.index;
    double inside = weight(change.index);
    while (inside < kPlaceConfidence * total) {
        const double left = weight(change.first - 1);
        const double right = weight(change.last + 1);
        if (left < 0 && right < 0) {
            break;  // all places are inside: rounding
        }
        inside += std::max(left, right);
        if (left > right) {
            --change.first;
        } else {
            ++change.last;
        }
    }
}

template <class Costs>
std::vector<ChangePoint> changes(const Costs& costs) {
    const std::size_t n = costs.size();
    CHECK(n <= kMaxSeries, "series too long: aggregate first");
    if (n < 2) {
        return {};
    }
    std::vector<std::size_t> edges = pelt(costs, kPenaltyLogs * std::log(static_cast<double>(n)));
    edges.insert(edges.begin(), 0);
    edges.push_back(n);
    std::vector<ChangePoint> found;
    for (std::size_t i = 1; i + 1 < edges.size(); ++i) {
        ChangePoint change;
        change.index = edges[i];
        change.before = costs.level(edges[i - 1], edges[i]);
        change.after = costs.level(edges[i], edges[i + 1]);
        place(costs, edges[i - 1], edges[i + 1], change);
        found.push_back(change);
    }
    return found;
}

// Half of all differences of neighbours lie within 0.6745 sqrt(2) sigma.
double noise_of(std::span<const double> series) {
    std::vector<double> differences;
    double squares = 0;
    for (std::size_t i = 1; i < series.size(); ++i) {
        const double difference = series[i] - series[i - 1];
        differences.push_back(std::fabs(difference));
        squares += difference * difference;
    }
    const double robust = kMadToSigma / std::numbers::sqrt2 * median_of(differences);
    // Mostly equal neighbours: what differs is noise then.
    return robust > 0 ? robust : std::sqrt(squares / (2 * static_cast<double>(differences.size())));
}

}  // namespace

std::vector<ChangePoint> rate_changes(std::span<const PeriodTrials> series) {
    return changes(RateCosts(series));
}

std::vector<ChangePoint> mean_changes(std::span<const double> series) {
    for (const double value : series) {
        CHECK(std::isfinite(value), "not a finite number");
    }
    if (series.size() < 2) {
        return {};
    }
    const double sigma = noise_of(series);
    if (!(sigma > 0)) {
        return {};
    }
    return changes(MeanCosts(series, median_of({series.begin(), series.end()}), sigma));
}

}  // namespace credence::stats
