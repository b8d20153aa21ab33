#include "stats/predict/predictor_simulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "base/check.h"
#include "base/random.h"
#include "stats/beta_sample.h"
#include "stats/hour_of_week.h"
#include "stats/portable_math.h"
#include "stats/predict/calibration.h"
#include "stats/predict/predictor.h"

namespace credence::stats {
namespace {

constexpr std::int64_t kSimulatedSecondUs = 1'000'000;
constexpr std::int64_t kSimulatedDayUs = 86'400 * kSimulatedSecondUs;
constexpr std::int64_t kSimulatedStartUs = 1'700'000'000 * kSimulatedSecondUs;
constexpr std::uint64_t kPhases = 6;
constexpr std::size_t kBreaksEvery = 8;

constexpr double kMeanLogOdds = 0.9;
constexpr double kSkillSpread = 1.0;
constexpr double kUserSpread = 0.6;
constexpr double kPairSpread = 0.5;
constexpr double kPhaseSpread = 0.3;
constexpr double kNightEffect = -0.4;
constexpr double kLearning = 0.15;  // for each doubling of uses, about
constexpr double kBreak = -1.5;

struct HistoryTruth {
    std::vector<double> skills;
    std::vector<double> users;
    std::vector<double> pairs;  // user by skill
    std::array<double, kPhases> phases{};
};

std::vector<double> normal_effects(std::size_t count, double spread, Random& random) {
    std::vector<double> effects(count);
    for (double& effect : effects) {
        effect = spread * normal_sample(random);
    }
    return effects;
}

HistoryTruth draw_truth(const PredictorSimulationOptions& options, Random& random) {
    HistoryTruth truth{
        .skills = normal_effects(options.skills, kSkillSpread, random),
        .users = normal_effects(options.users, kUserSpread, random),
        .pairs = normal_effects(options.users * options.skills, kPairSpread, random)};
    for (double& phase : truth.phases) {
        phase = kPhaseSpread * normal_sample(random);
    }
    return truth;
}

// Small numbers oftener than large ones, about as 1 / (1 + rank).
std::size_t popular_rank(std::size_t count, Random& random) {
    const double share =
        portable_exp(uniform_sample(random) * portable_log(static_cast<double>(count) + 1)) - 1;
    return std::min(count - 1, static_cast<std::size_t>(share));
}

std::vector<std::int64_t> draw_instants(const PredictorSimulationOptions& options, Random& random) {
    std::vector<std::int64_t> instants(options.uses);
    for (std::int64_t& at_us : instants) {
        at_us = kSimulatedStartUs +
                static_cast<std::int64_t>(uniform_sample(random) *
                                          static_cast<double>(options.days * kSimulatedDayUs));
    }
    std::ranges::sort(instants);
    for (std::size_t i = 1; i < instants.size(); ++i) {
        instants[i] = std::max(instants[i], instants[i - 1] + 1);
    }
    return instants;
}

}  // namespace

std::vector<SimulatedUse> simulated_history(const PredictorSimulationOptions& options) {
    CHECK(options.uses > 0 && options.users > 0 && options.skills > 0 && options.days > 0,
          "a history without anything in it");
    SeededRandom random(options.seed);
    const HistoryTruth truth = draw_truth(options, random);
    std::vector<double> practice(options.users * options.skills);
    std::vector<SimulatedUse> history;
    history.reserve(options.uses);
    for (const std::int64_t at_us : draw_instants(options, random)) {
        const std::size_t user = popular_rank(options.users, random);
        // Everybody's favourites are others.
        const std::size_t skill =
            (popular_rank(options.skills, random) + 7 * user) % options.skills;
        const std::size_t phase = random.next() % kPhases;
        const std::size_t pair = user * options.skills + skill;
        const std::uint32_t hour = hour_of_week(at_us) % 24;
        double odds = kMeanLogOdds + truth.skills[skill] + truth.users[user] + truth.pairs[pair] +
                      truth.phases[phase] + kLearning * portable_log(1 + practice[pair]);
        odds += hour < 6 ? kNightEffect : 0;
        const bool broken = skill % kBreaksEvery == 0 &&
                            at_us > kSimulatedStartUs + options.days * kSimulatedDayUs / 2;
        odds += broken ? kBreak : 0;
        practice[pair] += 1;
        const double minutes = portable_exp(1 + normal_sample(random));
        const double probability = logistic(odds);
        history.push_back({.situation = {skill + 1, phase + 1, user + 1, at_us},
                           .known_at_us = at_us + static_cast<std::int64_t>(60e6 * minutes),
                           .probability = probability,
                           .success = uniform_sample(random) < probability});
    }
    return history;
}

namespace {

// Successes and uses of a skill that were known, and when; the old way of predicting.
class RawRates {
public:
    double rate(std::uint64_t skill) const {
        const auto found = counts_.find(skill);
        return found == counts_.end() ? 0.5 : found->second.first / found->second.second;
    }
    void add(std::uint64_t skill, bool success) {
        std::pair<double, double>& counts = counts_[skill];
        counts.first += success ? 1 : 0;
        counts.second += 1;
    }

private:
    std::unordered_map<std::uint64_t, std::pair<double, double>> counts_;
};

}  // namespace

std::vector<PredictorSimulationRow> predictor_simulation(
    const PredictorSimulationOptions& options) {
    const std::vector<SimulatedUse> history = simulated_history(options);
    const std::int64_t calibrate_from_us =
        kSimulatedStartUs + options.days * kSimulatedDayUs * 6 / 10;
    const std::int64_t judge_from_us = kSimulatedStartUs + options.days * kSimulatedDayUs * 8 / 10;
    Predictor predictor;
    RawRates raw;
    std::vector<MarginOutcome> slice;
    std::array<std::vector<Forecast>, 4> forecasts;
    double base_rate = 0;
    for (const SimulatedUse& use : history) {
        const bool judged = use.situation.at_us >= judge_from_us;
        const std::optional<Opened> opened = predictor.open(use.situation);
        CHECK(opened.has_value(), "a history out of order");
        if (judged && predictor.scale().n == 0) {
            predictor.calibrate(slice);
            base_rate =
                static_cast<double>(predictor.history().successes) /
                static_cast<double>(std::max<std::int64_t>(1, predictor.history().outcomes));
        }
        if (judged) {
            const std::array<double, 4> said{calibrated(predictor.scale(), opened->margin),
                                             logistic(opened->margin),
                                             raw.rate(use.situation.skill), use.probability};
            for (std::size_t i = 0; i < said.size(); ++i) {
                forecasts[i].push_back({said[i], use.success, use.situation.user});
            }
        } else if (use.situation.at_us >= calibrate_from_us && use.known_at_us < judge_from_us) {
            slice.push_back({opened->margin, use.success});
        }
        CHECK(predictor.settle(*opened, use.success, use.known_at_us) == Settled::kept,
              "an outcome was refused");
        raw.add(use.situation.skill, use.success);  // minutes too early, which favours it
    }
    constexpr std::array<std::string_view, 4> kForecasters{
        "online_logistic_platt", "online_logistic", "raw_skill_rate", "truth"};
    std::vector<PredictorSimulationRow> rows;
    for (std::size_t i = 0; i < kForecasters.size(); ++i) {
        const std::optional<ForecastQuality> quality =
            forecast_quality(forecasts[i], base_rate, {.seed = options.seed, .rounds = 200});
        CHECK(quality.has_value(), "a history too small to judge");
        rows.push_back({kForecasters[i], *quality});
    }
    return rows;
}

}  // namespace credence::stats
