#include "capabilities/trust/score/score.h"

#include <algorithm>
#include <cmath>

#include "stats/beta.h"
#include "stats/portable_math.h"

namespace credence::trust {
namespace {

constexpr double kPrior = 1;
constexpr double kLowestSuspicion = 0.01;
constexpr double kLn2 = 0.693147180559945309417232121458;

// Zero, one or in between; NaN is zero.
double within(double value, double highest) {
    return value > 0 ? std::min(value, highest) : 0;
}

void note_attempt(ScoreState& state, Outcome outcome) {
    constexpr std::string_view kLetters = "crie";
    if (state.latest.size() >= kLatestAttempts) {
        state.latest.erase(0, state.latest.size() - kLatestAttempts + 1);
    }
    state.latest += kLetters[static_cast<std::size_t>(outcome) % kLetters.size()];
    state.inconclusive += outcome == Outcome::inconclusive ? 1 : 0;
    state.errors += outcome == Outcome::error ? 1 : 0;
}

// What is held after a lower bound was seen: a backlash ("play") of hold_width. For every threshold
// t, held >= t is a relay that closes at t and opens at t - hold_width.
double play(double held, double bound, double width) {
    return std::max(bound, std::min(held, bound + width));
}

void settle(ScoreState& state, const Parameters& parameters) {
    const double n = effective_n(state);
    state.bound = lower_bound(state, parameters);
    state.held =
        n >= parameters.hold_minimum_n ? play(state.held, state.bound, parameters.hold_width) : 0;
    state.tier = tier_of(state.held > 0 ? state.held : state.bound, n, state.alarmed, parameters);
}

void merge_pending(ScoreState& state, const Parameters& parameters) {
    const double added = state.pending_good + state.pending_bad;
    const double kept = std::max(0.0, 1 - (1 - parameters.memory) * added);
    state.baseline_good = state.baseline_good * kept + state.pending_good;
    state.baseline_bad = state.baseline_bad * kept + state.pending_bad;
    state.pending_good = 0;
    state.pending_bad = 0;
}

void end_alarm(ScoreState& state, const Parameters& parameters) {
    state.alarmed = false;
    state.fallen = false;
    state.cusum = 0;
    state.doubt = 0;
    merge_pending(state, parameters);
}

// What was known before the change no longer speaks for the agent.
void forget_past(ScoreState& state) {
    state.alpha = kPrior + state.pending_good;
    state.beta = kPrior + state.pending_bad;
    state.baseline_good = 0;
    state.baseline_bad = 0;
    state.held = 0;
    state.fallen = true;
}

double evidence_of_fall(const ScoreState& state, bool good) {
    return stats::portable_log(good ? state.suspected / state.usual
                                    : (1 - state.suspected) / (1 - state.usual));
}

// While an alarm stands, a sequential test goes on: it ends when the claims since speak clearly for
// the usual level, and the past is forgotten when they speak for the fall.
void test_alarm(ScoreState& state, bool good, double novelty, const Parameters& parameters) {
    state.since_alarm += novelty;
    if (state.fallen) {
        if (state.since_alarm >= parameters.alarm_minimum_n &&
            lower_bound(state, parameters) > state.suspected) {
            end_alarm(state, parameters);
        }
        return;
    }
    state.doubt += novelty * evidence_of_fall(state, good);
    if (state.doubt >= parameters.fall_limit) {
        forget_past(state);
    } else if (state.doubt <= -parameters.acquit_limit) {
        end_alarm(state, parameters);
    }
}

// One step of the CUSUM. Novelty scales it, strength does not: a weak recipe proves less of what
// holds, but its refusals come as often as they would from a strong one.
void watch(ScoreState& state, bool good, double novelty, const Parameters& parameters) {
    const double n = state.baseline_good + state.baseline_bad;
    if (n < parameters.cusum_minimum_n) {
        merge_pending(state, parameters);
        return;
    }
    state.usual = std::clamp((state.baseline_good + kPrior) / (n + 2 * kPrior),
                             parameters.cusum_lowest, parameters.cusum_highest);
    state.suspected = std::max(kLowestSuspicion, state.usual - parameters.cusum_drop);
    state.cusum += novelty * evidence_of_fall(state, good);
    if (state.cusum > parameters.cusum_limit) {
        state.alarmed = true;
        state.since_alarm = 0;
        state.doubt = 0;
        ++state.alarms;
    } else if (state.cusum <= 0) {
        state.cusum = 0;
        merge_pending(state, parameters);
    }
}

// Whether idleness wore anything off. What is held is not settled.
bool wear_off(ScoreState& state, std::int64_t now_us, const Parameters& parameters) {
    if (parameters.half_life_us <= 0 || state.last_change_us == 0 ||
        now_us <= state.last_change_us) {
        return false;
    }
    const double idle = static_cast<double>(now_us - state.last_change_us) /
                        static_cast<double>(parameters.half_life_us);
    const double kept = stats::portable_exp(-idle * kLn2);
    state.alpha = kPrior + kept * (state.alpha - kPrior);
    state.beta = kPrior + kept * (state.beta - kPrior);
    state.baseline_good *= kept;
    state.baseline_bad *= kept;
    return true;
}

void count_claim(ScoreState& state, const Observation& observation, const Parameters& parameters) {
    const bool good = observation.outcome == Outcome::confirmed;
    const double novelty = within(observation.novelty, 1);
    const double weight = within(observation.strength, 1) * novelty;
    if (!(weight > 0)) {
        ++state.repeated;
        settle(state, parameters);
        return;
    }
    ++state.verifications;
    state.accurate += good ? 1 : 0;
    state.ewma = parameters.ewma_rate * (good ? 1 : 0) + (1 - parameters.ewma_rate) * state.ewma;
    const double kept = 1 - (1 - parameters.memory) * weight;
    state.alpha = kPrior + kept * (state.alpha - kPrior) + (good ? weight : 0);
    state.beta = kPrior + kept * (state.beta - kPrior) + (good ? 0 : weight);
    (good ? state.pending_good : state.pending_bad) += weight;
    if (state.alarmed) {
        test_alarm(state, good, novelty, parameters);
    } else {
        watch(state, good, novelty, parameters);
    }
    settle(state, parameters);
}

void state_evidence(ScoreState& state, const Observation& observation,
                    const Parameters& parameters) {
    const double target = within(observation.target, 1);
    const double weight = within(observation.strength, kMaxWeight);
    ++state.overrides;
    state.alpha = kPrior + weight * target;
    state.beta = kPrior + weight * (1 - target);
    state.ewma = target;
    state.held = 0;
    state.baseline_good = weight * target;
    state.baseline_bad = weight * (1 - target);
    state.pending_good = 0;
    state.pending_bad = 0;
    state.cusum = 0;
    state.doubt = 0;
    settle(state, parameters);
}

}  // namespace

double mean(const ScoreState& state) {
    return state.alpha / (state.alpha + state.beta);
}

double effective_n(const ScoreState& state) {
    return state.alpha + state.beta - 2 * kPrior;
}

double lower_bound(const ScoreState& state, const Parameters& parameters) {
    return stats::beta_quantile({state.alpha, state.beta}, parameters.level);
}

double upper_bound(const ScoreState& state, const Parameters& parameters) {
    return stats::beta_quantile({state.alpha, state.beta}, 1 - parameters.level);
}

double inconclusive_share(const ScoreState& state) {
    if (state.latest.empty()) {
        return 0;
    }
    const auto silent = std::ranges::count_if(
        state.latest, [](char letter) { return letter == 'i' || letter == 'e'; });
    return static_cast<double>(silent) / static_cast<double>(state.latest.size());
}

Tier tier_of(double held, double n, bool alarmed, const Parameters& parameters) {
    constexpr double kUntrusted = 0.25;
    constexpr double kMonitored = 0.5;
    constexpr double kActive = 0.75;
    constexpr double kTrusted = 0.9;
    if (n < parameters.tier_minimum_n) {
        return Tier::unknown;
    }
    if (held < kUntrusted) {
        return Tier::blocked;
    }
    if (held < kMonitored) {
        return Tier::untrusted;
    }
    if (held < kActive || alarmed) {
        return Tier::monitored;
    }
    return held < kTrusted ? Tier::active : Tier::trusted;
}

ScoreState aged(ScoreState state, std::int64_t now_us, const Parameters& parameters) {
    if (wear_off(state, now_us, parameters)) {
        settle(state, parameters);
    }
    return state;
}

ScoreState fold(ScoreState state, const Observation& observation, const Parameters& parameters) {
    const bool conclusive =
        observation.outcome == Outcome::confirmed || observation.outcome == Outcome::refuted;
    if (observation.kind == EntryKind::deferred && conclusive) {
        return state;
    }
    if (observation.kind == EntryKind::evidence || observation.kind == EntryKind::deferred) {
        note_attempt(state, observation.outcome);
        if (!conclusive) {
            return state;
        }
    }
    if (wear_off(state, observation.at_us, parameters) && state.held > 0 &&
        observation.at_us - state.last_change_us >= parameters.idle_noticed_us) {
        settle(state, parameters);  // what is held may fall before the claim lifts it again
    }
    state.last_change_us = std::max(state.last_change_us, observation.at_us);
    switch (observation.kind) {
        case EntryKind::evidence:
            count_claim(state, observation, parameters);
            break;
        case EntryKind::override_:
            state_evidence(state, observation, parameters);
            break;
        case EntryKind::alarm_cleared:
            end_alarm(state, parameters);
            settle(state, parameters);
            break;
        case EntryKind::deferred:
            break;
    }
    return state;
}

double novelty_of(bool repeated, std::int64_t same_effort) {
    if (repeated || same_effort >= kMaxSameEffort || same_effort < 0) {
        return 0;
    }
    return std::ldexp(1.0, static_cast<int>(-same_effort));
}

}  // namespace credence::trust
