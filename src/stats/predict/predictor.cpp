#include "stats/predict/predictor.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/beta.h"

namespace credence::stats {
namespace {

constexpr double kEvidenceFloor = 8;
constexpr double kForecastTail = 0.025;

}  // namespace

Predictor::Predictor(const PredictorOptions& options)
    : options_(options), state_(options.features), model_(kFeatures, options.learning) {}

bool Predictor::later(const Pending& left, const Pending& right) {
    return left.known_at_us != right.known_at_us ? left.known_at_us > right.known_at_us
                                                 : left.order > right.order;
}

void Predictor::take_in_before(std::int64_t at_us) {
    while (!pending_.empty() && pending_.front().known_at_us < at_us) {
        std::ranges::pop_heap(pending_, later);
        const Pending known = pending_.back();
        pending_.pop_back();
        model_.learn(known.features.values, known.features.offset, known.success);
        state_.learn(known.situation, known.success, known.known_at_us);
        const bool first = history_.outcomes == 0;
        history_.first_at_us =
            first ? known.known_at_us : std::min(history_.first_at_us, known.known_at_us);
        history_.last_at_us =
            first ? known.known_at_us : std::max(history_.last_at_us, known.known_at_us);
        ++history_.outcomes;
        history_.successes += known.success ? 1 : 0;
    }
}

std::optional<Opened> Predictor::open(const Situation& situation) {
    if (history_.outcomes > 0 && situation.at_us <= history_.last_at_us) {
        return std::nullopt;
    }
    take_in_before(situation.at_us);
    Opened opened{.situation = situation, .features = state_.features(situation)};
    opened.margin = model_.margin(opened.features.values, opened.features.offset);
    opened.probability = calibrated(scale_, opened.margin);
    return opened;
}

Settled Predictor::settle(const Opened& opened, bool success, std::int64_t known_at_us) {
    if (known_at_us < opened.situation.at_us) {
        return Settled::impossible;
    }
    if (pending_.size() >= options_.max_pending) {
        return Settled::full;
    }
    pending_.push_back({.known_at_us = known_at_us,
                        .order = arrivals_++,
                        .situation = opened.situation,
                        .features = opened.features,
                        .success = success});
    std::ranges::push_heap(pending_, later);
    return Settled::kept;
}

bool Predictor::calibrate(std::span<const MarginOutcome> later_slice) {
    const std::optional<PlattScale> fitted = fit_platt(later_slice);
    if (fitted) {
        scale_ = *fitted;
    }
    return fitted.has_value();
}

Estimate Predictor::estimate_of(const Opened& opened) {
    const double strength = kEvidenceFloor + opened.features.evidence;
    const BetaShape shape{opened.probability * strength, (1 - opened.probability) * strength};
    return {
        .value = opened.probability,
        .n = static_cast<std::int64_t>(opened.features.evidence),
        .interval = {beta_quantile(shape, kForecastTail), beta_quantile(shape, 1 - kForecastTail)},
        .method = "online_logistic_beta_95"};
}

std::vector<Contribution> Predictor::contributions(const Opened& opened) const {
    std::vector<Contribution> parts;
    parts.reserve(kFeatures);
    for (std::size_t i = 0; i < kFeatures; ++i) {
        parts.push_back({static_cast<Feature>(i), model_.weight(i) * opened.features.values[i]});
    }
    std::ranges::stable_sort(parts, [](const Contribution& left, const Contribution& right) {
        return std::abs(left.log_odds) > std::abs(right.log_odds);
    });
    return parts;
}

void Predictor::forget_user(std::uint64_t user) {
    state_.forget_user(user);
    std::erase_if(pending_,
                  [user](const Pending& waiting) { return waiting.situation.user == user; });
    std::ranges::make_heap(pending_, later);
}

}  // namespace credence::stats
