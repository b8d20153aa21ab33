#include "capabilities/trust/score/simulate.h"

#include <algorithm>
#include <random>
#include <vector>

namespace credence::trust {
namespace {

constexpr double kGate = 0.75;
constexpr double kSeedGate = 0.7;
constexpr std::int64_t kStepUs = 1'000'000;

// One agent and what a rule thinks of it.
class Agent {
public:
    Agent(const Simulation& simulation, std::uint64_t run)
        : simulation_(simulation), engine_(simulation.seed * 1'000'003 + run) {}

    // Makes one claim, true with probability `share`.
    void claim(double share) {
        constexpr double kUnit = 0x1p-53;
        const bool good = static_cast<double>(engine_() >> 11U) * kUnit < share;
        if (simulation_.rule != Rule::ours) {
            state_.ewma = 0.1 * (good ? 1 : 0) + 0.9 * state_.ewma;
            return;
        }
        Observation observation;
        observation.outcome = good ? Outcome::confirmed : Outcome::refuted;
        observation.strength = simulation_.strength;
        observation.novelty = 1;
        observation.at_us = ++claims_ * kStepUs;
        state_ = fold(std::move(state_), observation, simulation_.parameters);
    }
    bool passes() const {
        switch (simulation_.rule) {
            case Rule::ewma_70:
                return state_.ewma >= kSeedGate;
            case Rule::ewma_75:
                return state_.ewma >= kGate;
            case Rule::ours:
                break;
        }
        return !state_.alarmed && effective_n(state_) >= GatePolicy{}.min_effective_n &&
               state_.held >= kGate;
    }
    std::int64_t alarms() const { return state_.alarms; }

private:
    const Simulation& simulation_;
    std::mt19937_64 engine_;
    ScoreState state_;
    std::int64_t claims_ = 0;
};

double quantile(std::vector<int> values, double level) {
    if (values.empty()) {
        return -1;
    }
    std::ranges::sort(values);
    const auto at = static_cast<std::size_t>(level * static_cast<double>(values.size() - 1));
    return values[at];
}

double over(double count, double total) {
    return total > 0 ? count / total : 0;
}

}  // namespace

SteadyResult simulate_steady(const Simulation& simulation) {
    const bool should_pass = simulation.share >= kGate;
    double wrong = 0;
    double wrong_late = 0;
    double flips = 0;
    std::vector<int> first_pass;
    for (int run = 0; run < simulation.runs; ++run) {
        Agent agent(simulation, static_cast<std::uint64_t>(run));
        bool before = agent.passes();
        bool passed = false;
        for (int i = 1; i <= simulation.claims; ++i) {
            agent.claim(simulation.share);
            const bool now = agent.passes();
            wrong += now != should_pass ? 1 : 0;
            wrong_late += now != should_pass && 2 * i > simulation.claims ? 1 : 0;
            flips += now != before ? 1 : 0;
            if (now && !passed) {
                passed = true;
                first_pass.push_back(i);
            }
            before = now;
        }
    }
    constexpr double kHundred = 100;
    constexpr double kHalf = 0.5;
    const double all = static_cast<double>(simulation.runs) * simulation.claims;
    SteadyResult result;
    result.mis_gated = over(wrong, all);
    result.mis_gated_late = over(2 * wrong_late, all);
    result.flips_per_100 = over(kHundred * flips, all);
    result.ever_passed = over(static_cast<double>(first_pass.size()), simulation.runs);
    result.claims_to_pass = result.ever_passed > kHalf ? quantile(first_pass, kHalf) : -1;
    return result;
}

ChangeResult simulate_change(const Simulation& simulation, int before, double later) {
    std::vector<int> delays;
    double missed = 0;
    double passing = 0;
    for (int run = 0; run < simulation.runs; ++run) {
        Agent agent(simulation, static_cast<std::uint64_t>(run));
        for (int i = 0; i < before; ++i) {
            agent.claim(simulation.share);
        }
        if (!agent.passes()) {
            continue;
        }
        ++passing;
        int delay = 0;
        while (agent.passes() && delay < simulation.claims) {
            agent.claim(later);
            ++delay;
        }
        missed += agent.passes() ? 1 : 0;
        delays.push_back(delay);
    }
    constexpr double kHalf = 0.5;
    constexpr double kMost = 0.9;
    return {quantile(delays, kHalf), quantile(delays, kMost), over(missed, passing),
            over(passing, simulation.runs)};
}

double simulate_false_alarms(const Simulation& simulation) {
    double alarms = 0;
    for (int run = 0; run < simulation.runs; ++run) {
        Agent agent(simulation, static_cast<std::uint64_t>(run));
        for (int i = 0; i < simulation.claims; ++i) {
            agent.claim(simulation.share);
        }
        alarms += static_cast<double>(agent.alarms());
    }
    return static_cast<double>(simulation.runs) * simulation.claims / std::max(alarms, 1.0);
}

double simulate_false_refusals(const Simulation& simulation) {
    double refusals = 0;
    for (int run = 0; run < simulation.runs; ++run) {
        Agent agent(simulation, static_cast<std::uint64_t>(run));
        bool before = false;
        for (int i = 0; i < simulation.claims; ++i) {
            agent.claim(simulation.share);
            const bool now = agent.passes();
            refusals += before && !now ? 1 : 0;
            before = now;
        }
    }
    return static_cast<double>(simulation.runs) * simulation.claims / std::max(refusals, 1.0);
}

}  // namespace credence::trust
