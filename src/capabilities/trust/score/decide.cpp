#include "capabilities/trust/score/decide.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace credence::trust {
namespace {

// Two places, rounded down for what must be reached: 0.7499 is not shown as 0.75.
std::string places(double value) {
    constexpr double kHundred = 100;
    constexpr std::size_t kRoom = 32;
    std::array<char, kRoom> text{};
    const double down = std::floor(value * kHundred + 1e-9) / kHundred;
    const int length = std::snprintf(text.data(), text.size(), "%.2f", down);
    return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

std::string number(double value) {
    constexpr std::size_t kRoom = 32;
    std::array<char, kRoom> text{};
    const int length = std::snprintf(text.data(), text.size(), "%.1f", value);
    return {text.data(), static_cast<std::size_t>(std::max(length, 0))};
}

bool has_evidence(const ScoreState& state) {
    return state.verifications > 0 || state.overrides > 0;
}

bool bound_holds(const ScoreState& state, const GatePolicy& policy, double bound) {
    const bool passed_before = state.held >= policy.min_lower_bound;
    return bound >= policy.min_lower_bound ||
           (passed_before && bound >= policy.min_lower_bound - policy.hysteresis);
}

bool too_silent(const ScoreState& state, const GatePolicy& policy) {
    return inconclusive_share(state) > policy.max_inconclusive;
}

void confirm(ScoreState& state, const Parameters& parameters) {
    Observation observation;
    observation.outcome = Outcome::confirmed;
    observation.strength = 1;
    observation.novelty = 1;
    observation.at_us = state.last_change_us;
    state = fold(std::move(state), observation, parameters);
}

bool passes(const ScoreState& state, const GatePolicy& policy, const Parameters& parameters) {
    return !state.alarmed && state.tier != Tier::blocked &&
           effective_n(state) >= policy.min_effective_n && !too_silent(state, policy) &&
           bound_holds(state, policy, lower_bound(state, parameters));
}

std::string advice(const ScoreState& state, const GatePolicy& policy, double bound,
                   const Parameters& parameters) {
    const Forecast ahead = forecast(state, policy, parameters);
    if (ahead.claims == 0) {
        return "no number of confirmed claims up to " + std::to_string(kMaxForecast) + " would";
    }
    return std::to_string(ahead.claims) + " more confirmed claim" + (ahead.claims == 1 ? "" : "s") +
           " of full weight would lift the lower bound from " + places(bound) + " to " +
           places(ahead.lower_bound);
}

std::string refusal(const ScoreState& state, const GatePolicy& policy, double bound,
                    double threshold) {
    if (state.alarmed) {
        return "an alarm stands: its claims fell from " + places(state.usual) + " towards " +
               places(state.suspected);
    }
    if (state.tier == Tier::blocked) {
        return "it is blocked: of its claims too few hold, the lower bound is " + places(bound);
    }
    const double n = effective_n(state);
    if (!has_evidence(state) && n < policy.min_effective_n) {
        return "there is no evidence of this kind yet";
    }
    if (n < policy.min_effective_n) {
        return "there is too little evidence: effective n is " + number(n) + " of " +
               number(policy.min_effective_n);
    }
    if (too_silent(state, policy)) {
        return "of its latest " + std::to_string(state.latest.size()) + " attempts a share of " +
               places(inconclusive_share(state)) + " proved nothing; at most " +
               places(policy.max_inconclusive) + " may";
    }
    if (!bound_holds(state, policy, bound)) {
        return "the lower bound " + places(bound) + " is below " + places(threshold) +
               " (effective n " + number(n) + ")";
    }
    return {};
}

}  // namespace

Forecast forecast(ScoreState state, const GatePolicy& policy, const Parameters& parameters) {
    // Galloping and then halving would need copies; folding is a few microseconds a claim.
    for (int claims = 1; claims <= kMaxForecast; ++claims) {
        confirm(state, parameters);
        if (passes(state, policy, parameters)) {
            return {claims, lower_bound(state, parameters)};
        }
    }
    return {};
}

Verdict decide(const ScoreState& state, const GatePolicy& policy, const Parameters& parameters) {
    Verdict verdict;
    const double bound = lower_bound(state, parameters);
    const bool held = state.held >= policy.min_lower_bound;
    verdict.threshold = std::max(0.0, policy.min_lower_bound - (held ? policy.hysteresis : 0));
    if (policy.allow_unknown && !state.alarmed && !has_evidence(state)) {
        verdict.allowed = true;
        verdict.reason = "there is no evidence against it, and the policy asks for none";
        return verdict;
    }
    verdict.reason = refusal(state, policy, bound, verdict.threshold);
    if (verdict.reason.empty()) {
        verdict.allowed = true;
        verdict.reason = "the lower bound " + places(bound) + " is at least " +
                         places(verdict.threshold) + " (effective n " + number(effective_n(state)) +
                         ")";
        return verdict;
    }
    verdict.would_change = advice(state, policy, bound, parameters);
    if (state.alarmed) {
        verdict.would_change += ", or an administrator clears the alarm (trust.clear_alarm)";
    }
    return verdict;
}

}  // namespace credence::trust
