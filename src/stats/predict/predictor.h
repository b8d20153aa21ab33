// Says how likely a use of a skill is to succeed, from nothing but what was known before.
//
//   auto opened = predictor.open({skill, phase, user, now});   // features and probability at `now`
//   ... the skill runs ...
//   predictor.settle(*opened, completed, ended_at);            // only now it learns
//
// Leakage cannot be expressed: an outcome enters the state (encodings, streaks, weights) only when
// a later question asks for an instant after the outcome became known. open(t) first takes in the
// outcomes known strictly before t, and is refused for a t at or before an outcome already taken
// in. So the features and the probability of t are a function of the outcomes known before t alone.
// Training is the same calls over history in the order of time; there is no second code path.
//
// Model: online logistic regression (online_logistic.h) over target-encoded features
// (predictor_features.h), then Platt scaling (calibration.h) once calibrate() was given a later
// slice of outcomes. A question and its outcome cost about 10 microseconds. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "stats/estimate.h"
#include "stats/predict/calibration.h"
#include "stats/predict/online_logistic.h"
#include "stats/predict/predictor_features.h"

namespace credence::stats {

struct PredictorOptions {
    FeatureOptions features;
    FtrlOptions learning;
    std::size_t max_pending = 100'000;  // outcomes that wait for time to pass
};

struct Opened {
    Situation situation;
    FeatureVector features;
    double margin = 0;       // log-odds before calibration
    double probability = 0;  // after it
};

enum class Settled : std::uint8_t {
    kept,
    impossible,  // known before the situation began: a clock that is wrong
    full,        // max_pending outcomes wait already
};

// What the state was learned from.
struct PredictorHistory {
    std::int64_t outcomes = 0;
    std::int64_t successes = 0;
    std::int64_t first_at_us = 0;  // meaningless without outcomes
    std::int64_t last_at_us = 0;   // the newest outcome taken in: open() needs a later instant
};

struct Contribution {
    Feature feature = Feature::bias;
    double log_odds = 0;  // what it adds to the margin
};

inline constexpr std::uint32_t kPredictorFormat = 1;

class Predictor {
public:
    explicit Predictor(const PredictorOptions& options = {});

    // nullopt for an instant that is not after every outcome taken in.
    std::optional<Opened> open(const Situation& situation);
    Settled settle(const Opened& opened, bool success, std::int64_t known_at_us);

    // Fits the scale on margins of a slice of time after the one the weights were first learned
    // from; false where fit_platt knows nothing, and then the old scale stays.
    bool calibrate(std::span<const MarginOutcome> later_slice);
    const PlattScale& scale() const { return scale_; }

    // The probability with n = the outcomes of this user and skill (decayed, rounded down) and an
    // approximate interval: the central 95 % of Beta(p m, (1 - p) m), m = 8 + those outcomes, that
    // is how sure so much evidence could be. Method "online_logistic_beta_95".
    static Estimate estimate_of(const Opened& opened);

    // Why: weight times value of each feature, largest effect first.
    std::vector<Contribution> contributions(const Opened& opened) const;

    const PredictorHistory& history() const { return history_; }
    std::size_t pending() const { return pending_.size(); }

    // Removes the user's encodings and pending outcomes; sums over everybody and weights stay.
    void forget_user(std::uint64_t user);

    // The whole state; equal states give equal bytes. Little-endian, begins with "CRPR" and
    // kPredictorFormat. Bytes from elsewhere are checked: Code::invalid for another format, a wrong
    // length, impossible numbers or more cells than the options allow. About 40 bytes a cell.
    std::string to_bytes() const;
    static Result<Predictor> from_bytes(std::string_view bytes,
                                        const PredictorOptions& options = {});

private:
    struct Pending {
        std::int64_t known_at_us = 0;
        std::uint64_t order = 0;  // of arrival, where instants are equal
        Situation situation;
        FeatureVector features;
        bool success = false;
    };

    static bool later(const Pending& left, const Pending& right);
    void take_in_before(std::int64_t at_us);

    PredictorOptions options_;
    FeatureState state_;
    OnlineLogistic model_;
    PlattScale scale_;
    PredictorHistory history_;
    std::vector<Pending> pending_;  // a heap, the earliest on top
    std::uint64_t arrivals_ = 0;
};

}  // namespace credence::stats
