#include "stats/recommend/ranking_quality.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/check.h"

namespace credence::stats {
namespace {

Estimate bounded_mean(double sum, std::int64_t n) {
    Estimate estimate;
    estimate.method = "bounded_mean_wilson_95";
    if (n == 0) {
        return estimate;
    }
    const double trials = static_cast<double>(n);
    const double mean = std::clamp(sum / trials, 0.0, 1.0);
    const double square = kNormal95 * kNormal95;
    const double scale = 1 + square / trials;
    const double centre = (mean + square / (2 * trials)) / scale;
    const double half =
        kNormal95 * std::sqrt(mean * (1 - mean) / trials + square / (4 * trials * trials)) / scale;
    estimate.value = mean;
    estimate.n = n;
    estimate.interval = {std::clamp(centre - half, 0.0, mean),
                         std::clamp(centre + half, mean, 1.0)};
    return estimate;
}

double rank_gain(std::size_t place) {
    return 1 / std::log2(static_cast<double>(place) + 2);
}

}  // namespace

RankingQuality ranking_quality(std::span<const RankedCase> cases, std::size_t k,
                               std::size_t catalogue) {
    CHECK(k >= 1 && catalogue >= 1, "nothing to rank");
    double recall = 0;
    double ndcg = 0;
    std::int64_t judged = 0;
    std::unordered_set<std::uint32_t> shown;
    for (const RankedCase& ranked_case : cases) {
        if (ranked_case.relevant.empty()) {
            continue;
        }
        const std::unordered_set<std::uint32_t> relevant(ranked_case.relevant.begin(),
                                                         ranked_case.relevant.end());
        const std::size_t places = std::min(k, ranked_case.ranked.size());
        double hits = 0;
        double gain = 0;
        for (std::size_t place = 0; place < places; ++place) {
            shown.insert(ranked_case.ranked[place]);
            if (relevant.contains(ranked_case.ranked[place])) {
                hits += 1;
                gain += rank_gain(place);
            }
        }
        const std::size_t possible = std::min(k, relevant.size());
        double ideal = 0;
        for (std::size_t place = 0; place < possible; ++place) {
            ideal += rank_gain(place);
        }
        recall += hits / static_cast<double>(possible);
        ndcg += gain / ideal;
        ++judged;
    }
    return {.k = k,
            .recall = bounded_mean(recall, judged),
            .ndcg = bounded_mean(ndcg, judged),
            .coverage = static_cast<double>(shown.size()) / static_cast<double>(catalogue),
            .items_shown = static_cast<std::int64_t>(shown.size())};
}

}  // namespace credence::stats
