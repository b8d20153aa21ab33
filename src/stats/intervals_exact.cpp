#include "stats/intervals_exact.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "stats/beta.h"
#include "stats/tails.h"

namespace credence::stats {
namespace {

void check_trials(const Trials& trials) {
    CHECK(trials.successes >= 0 && trials.successes <= trials.n, "more successes than trials");
}

void check_confidence(double confidence) {
    CHECK(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1");
}

double share(const Trials& trials) {
    return static_cast<double>(trials.successes) / static_cast<double>(trials.n);
}

}  // namespace

Estimate clopper_pearson(const Trials& trials, double confidence) {
    check_trials(trials);
    check_confidence(confidence);
    const std::string_view method = confidence == 0.95 ? "clopper_pearson_95" : "clopper_pearson";
    if (trials.n == 0) {
        return {0.5, 0, {0, 1}, method};
    }
    const double tail = (1 - confidence) / 2;
    const double successes = static_cast<double>(trials.successes);
    const double failures = static_cast<double>(trials.n - trials.successes);
    // The upper limit of successes is one minus the lower limit of failures: small tails stay
    // exact on both sides.
    const double low = successes == 0 ? 0 : beta_quantile({successes, failures + 1}, tail);
    const double high = failures == 0 ? 1 : 1 - beta_quantile({failures, successes + 1}, tail);
    return {share(trials), trials.n, {low, high}, method};
}

Estimate newcombe(const Trials& control, const Trials& treatment, double confidence) {
    check_trials(control);
    check_trials(treatment);
    check_confidence(confidence);
    const std::string_view method = confidence == 0.95 ? "newcombe_95" : "newcombe";
    if (control.n == 0 || treatment.n == 0) {
        return {0, control.n + treatment.n, {-1, 1}, method};
    }
    const double z = normal_tail_quantile((1 - confidence) / 2);
    const Interval first = wilson(control.successes, control.n, z);
    const Interval second = wilson(treatment.successes, treatment.n, z);
    const double before = share(control);
    const double after = share(treatment);
    const double low = after - before - std::hypot(after - second.low, first.high - before);
    const double high = after - before + std::hypot(second.high - after, before - first.low);
    return {after - before,
            control.n + treatment.n,
            {std::max(-1.0, low), std::min(1.0, high)},
            method};
}

}  // namespace credence::stats
