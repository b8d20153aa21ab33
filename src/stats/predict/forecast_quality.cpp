#include "stats/predict/forecast_quality.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr double kProbabilityEdge = 1e-9;
constexpr double kLowShare = 0.025;
constexpr int kMinBootstrapRounds = 100;
constexpr int kMaxBootstrapRounds = 10'000;
constexpr int kMaxQualityBins = 100;

enum class QualityMeasure : std::uint8_t {
    log_loss,
    base_log_loss,
    log_loss_gain,
    brier,
    base_brier,
    brier_gain,
    ece,
    base_ece,
    count,
};
constexpr auto kQualityMeasures = static_cast<std::size_t>(QualityMeasure::count);

struct QualityMeasures {
    std::array<double, kQualityMeasures> values{};

    double& operator[](QualityMeasure which) { return values[static_cast<std::size_t>(which)]; }
};

// One forecast, ready to be added up.
struct QualityRow {
    double log_loss = 0;
    double base_log_loss = 0;
    double brier = 0;
    double base_brier = 0;
    double gap = 0;       // p - y
    double base_gap = 0;  // base rate - y
    std::size_t bin = 0;
    std::size_t cluster = 0;
};

double one_log_loss(double probability, bool outcome) {
    const double p = std::clamp(probability, kProbabilityEdge, 1 - kProbabilityEdge);
    return -portable_log(outcome ? p : 1 - p);
}

std::vector<std::size_t> quality_bins(std::span<const Forecast> forecasts, int bins) {
    std::vector<std::size_t> order(forecasts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [forecasts](std::size_t left, std::size_t right) {
        return forecasts[left].probability < forecasts[right].probability;
    });
    std::vector<std::size_t> bin_of(forecasts.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        const bool tied = rank > 0 && forecasts[order[rank]].probability ==
                                          forecasts[order[rank - 1]].probability;
        bin_of[order[rank]] =
            tied ? bin_of[order[rank - 1]] : rank * static_cast<std::size_t>(bins) / order.size();
    }
    return bin_of;
}

// Rows sorted by cluster, clusters numbered from 0.
std::vector<QualityRow> quality_rows(std::span<const Forecast> forecasts, double base_rate,
                                     int bins) {
    const std::vector<std::size_t> bin_of = quality_bins(forecasts, bins);
    std::vector<std::size_t> order(forecasts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [forecasts](std::size_t left, std::size_t right) {
        return forecasts[left].cluster < forecasts[right].cluster;
    });
    std::vector<QualityRow> rows;
    rows.reserve(forecasts.size());
    for (const std::size_t position : order) {
        const Forecast& forecast = forecasts[position];
        CHECK(forecast.probability >= 0 && forecast.probability <= 1, "no probability");
        const double truth = forecast.outcome ? 1 : 0;
        QualityRow row{.log_loss = one_log_loss(forecast.probability, forecast.outcome),
                       .base_log_loss = one_log_loss(base_rate, forecast.outcome),
                       .gap = forecast.probability - truth,
                       .base_gap = base_rate - truth,
                       .bin = bin_of[position]};
        row.brier = row.gap * row.gap;
        row.base_brier = row.base_gap * row.base_gap;
        const bool starts =
            !rows.empty() && forecasts[order[rows.size() - 1]].cluster != forecast.cluster;
        row.cluster = rows.empty() ? 0 : rows.back().cluster + (starts ? 1U : 0U);
        rows.push_back(row);
    }
    return rows;
}

// The measures where each cluster counts as often as it was drawn.
QualityMeasures measure_quality(std::span<const QualityRow> rows, std::span<const double> times,
                                int bins) {
    QualityMeasures sums{};
    std::vector<double> gaps(static_cast<std::size_t>(bins));
    double base_gap = 0;
    double n = 0;
    for (const QualityRow& row : rows) {
        const double weight = times[row.cluster];
        sums[QualityMeasure::log_loss] += weight * row.log_loss;
        sums[QualityMeasure::base_log_loss] += weight * row.base_log_loss;
        sums[QualityMeasure::brier] += weight * row.brier;
        sums[QualityMeasure::base_brier] += weight * row.base_brier;
        gaps[row.bin] += weight * row.gap;
        base_gap += weight * row.base_gap;
        n += weight;
    }
    for (const double gap : gaps) {
        sums[QualityMeasure::ece] += std::abs(gap);
    }
    sums[QualityMeasure::base_ece] = std::abs(base_gap);  // one forecast, one bin
    sums[QualityMeasure::log_loss_gain] =
        sums[QualityMeasure::base_log_loss] - sums[QualityMeasure::log_loss];
    sums[QualityMeasure::brier_gain] =
        sums[QualityMeasure::base_brier] - sums[QualityMeasure::brier];
    for (double& sum : sums.values) {
        sum /= n;
    }
    return sums;
}

double bootstrap_percentile(std::vector<double>& values, double share) {
    const double last = static_cast<double>(values.size() - 1);
    const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::lround(share * last));
    std::ranges::nth_element(values, place);
    return *place;
}

}  // namespace

std::optional<ForecastQuality> forecast_quality(std::span<const Forecast> forecasts,
                                                double base_rate, const QualityOptions& options) {
    CHECK(base_rate >= 0 && base_rate <= 1, "a base rate is a share");
    CHECK(options.rounds >= kMinBootstrapRounds && options.rounds <= kMaxBootstrapRounds,
          "impossible number of rounds");
    CHECK(options.bins >= 1 && options.bins <= kMaxQualityBins, "impossible number of bins");
    const std::vector<QualityRow> rows = quality_rows(forecasts, base_rate, options.bins);
    const std::size_t clusters = rows.empty() ? 0 : rows.back().cluster + 1;
    if (clusters < 2) {
        return std::nullopt;
    }
    const QualityMeasures whole =
        measure_quality(rows, std::vector<double>(clusters, 1.0), options.bins);
    std::array<std::vector<double>, kQualityMeasures> draws;
    SeededRandom random(options.seed);
    for (int round = 0; round < options.rounds; ++round) {
        std::vector<double> times(clusters);
        for (std::size_t draw = 0; draw < clusters; ++draw) {
            times[random.next() % clusters] += 1;
        }
        const QualityMeasures drawn = measure_quality(rows, times, options.bins);
        for (std::size_t i = 0; i < kQualityMeasures; ++i) {
            draws[i].push_back(drawn.values[i]);
        }
    }
    const auto estimate = [&](QualityMeasure which) {
        const auto position = static_cast<std::size_t>(which);
        const double value = whole.values[position];
        const double high = std::max(value, bootstrap_percentile(draws[position], 1 - kLowShare));
        const bool biased = which == QualityMeasure::ece || which == QualityMeasure::base_ece;
        const double low = biased
                               ? std::max(0.0, 2 * value - high)
                               : std::min(value, bootstrap_percentile(draws[position], kLowShare));
        return Estimate{
            .value = value,
            .n = static_cast<std::int64_t>(clusters),
            .interval = {low, high},
            .method = biased ? "cluster_bootstrap_reflected_95" : "cluster_bootstrap_95"};
    };
    return ForecastQuality{.forecasts = static_cast<std::int64_t>(rows.size()),
                           .base_rate = base_rate,
                           .log_loss = estimate(QualityMeasure::log_loss),
                           .base_log_loss = estimate(QualityMeasure::base_log_loss),
                           .log_loss_gain = estimate(QualityMeasure::log_loss_gain),
                           .brier = estimate(QualityMeasure::brier),
                           .base_brier = estimate(QualityMeasure::base_brier),
                           .brier_gain = estimate(QualityMeasure::brier_gain),
                           .ece = estimate(QualityMeasure::ece),
                           .base_ece = estimate(QualityMeasure::base_ece)};
}

}  // namespace credence::stats
