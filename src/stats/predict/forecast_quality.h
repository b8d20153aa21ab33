// How good forecasts of yes or no were, beside always saying the base rate.
//
//   log-loss = -mean(y ln p + (1 - y) ln(1 - p))      I. J. Good, "Rational decisions", JRSS B 14
//   (1952) Brier    = mean((p - y)^2)                          G. W. Brier, Monthly Weather Review
//   78 (1950) ECE      = sum over bins of |sum p - sum y| / N     M. P. Naeini, G. F. Cooper and M.
//   Hauskrecht,
//              "Obtaining well calibrated probabilities using Bayesian binning", AAAI (2015)
// ECE's bins hold equally many forecasts in order of probability (`bins`, 10 unless told; forecasts
// that are equal share the bin of the first of them).
// Intervals are at 95 % by a bootstrap of clusters (B. Efron, "Bootstrap methods: another look at
// the jackknife", Annals of Statistics 7 (1979), 1-26): whole clusters, such as all forecasts of a
// user, are drawn with replacement, because outcomes of a user are not independent. Percentile
// intervals for log-loss and Brier. ECE is biased upwards by noise, and its bootstrap twice: its
// interval is from 2 * value - the upper percentile (at least 0) to the upper percentile, which
// errs on the high side. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "stats/estimate.h"

namespace credence::stats {

struct Forecast {
    double probability = 0;  // in [0, 1]; kept inside [1e-9, 1 - 1e-9] for log-loss
    bool outcome = false;
    std::uint64_t cluster = 0;  // what is drawn together
};

struct QualityOptions {
    std::uint64_t seed = 1;
    int rounds = 500;  // of the bootstrap, in [100, 10,000] (CHECK)
    int bins = 10;     // of ECE, in [1, 100] (CHECK)
};

// `n` of every estimate counts clusters. Gains are base less ours: above 0 is better than the base
// rate, and an interval above 0 says that it is no accident.
struct ForecastQuality {
    std::int64_t forecasts = 0;
    double base_rate = 0;
    Estimate log_loss;
    Estimate base_log_loss;
    Estimate log_loss_gain;
    Estimate brier;
    Estimate base_brier;
    Estimate brier_gain;
    Estimate ece;
    Estimate base_ece;
};

// base_rate is known before the forecasts: the rate of success of the slice of time before theirs,
// in [0, 1] (CHECK). nullopt for fewer than two clusters. Cost: rounds * forecasts additions.
std::optional<ForecastQuality> forecast_quality(std::span<const Forecast> forecasts,
                                                double base_rate,
                                                const QualityOptions& options = {});

}  // namespace credence::stats
