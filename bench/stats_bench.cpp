// What the statistics promise, shown by simulation beside what the old formulas did. Prints tables;
// every row carries its interval. Seeded: the same figures on every machine.
//
//   stats_bench [SCALE]   SCALE times the rounds of a quick look (default 1)
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "stats/anomaly/anomaly_simulation.h"
#include "stats/experiment/experiment_simulation.h"
#include "stats/predict/predictor_simulation.h"
#include "stats/recommend/recommend_simulation.h"
#include "stats/trend/trend_simulation.h"

namespace {

using credence::stats::Estimate;

constexpr std::uint64_t kSeed = 20261101;

std::string text_of(const Estimate& estimate) {
    return fmt::format("{:.4f} [{:.4f}, {:.4f}] n={} {}", estimate.value, estimate.interval.low,
                       estimate.interval.high, estimate.n, estimate.method);
}

void print_experiments(std::int64_t scale) {
    fmt::print(
        "\nFalse wins of A/A tests watched at 1,000 looks; the last rows are real effects\n");
    fmt::print("| scenario | rule | share of runs that said 'different' | median users |\n");
    fmt::print("| --- | --- | --- | --- |\n");
    for (const auto& scenario : credence::stats::experiment_scenarios()) {
        for (const auto& row :
             credence::stats::simulate_experiment(scenario, {.runs = 400 * scale}, kSeed)) {
            fmt::print("| {} | {} | {} | {:.0f} |\n", row.scenario, row.rule, text_of(row.rate),
                       row.median_users);
        }
    }
    fmt::print("\nAlarms of the sample ratio by 50,000 users at alpha 0.001\n");
    fmt::print("| scenario | rule | share of runs with an alarm | median users |\n");
    fmt::print("| --- | --- | --- | --- |\n");
    for (const double weight : {1.0, 1.05}) {
        for (const auto& row :
             credence::stats::simulate_sample_ratio(weight, {.runs = 1'000 * scale}, kSeed)) {
            fmt::print("| {} | {} | {} | {:.0f} |\n", row.scenario, row.rule, text_of(row.rate),
                       row.median_users);
        }
    }
}

void print_anomalies(std::size_t scale) {
    fmt::print(
        "\nAnomalies\n| what | old rule | ours | limit | |\n| --- | --- | --- | --- | --- |\n");
    const auto print = [](const std::vector<credence::stats::AnomalyRow>& rows) {
        for (const auto& row : rows) {
            fmt::print("| {} | {} | {} | {} {} | {} |\n", row.what,
                       row.old_rule ? text_of(*row.old_rule) : "-", text_of(row.ours),
                       row.at_most ? "at most" : "at least", row.limit,
                       credence::stats::holds(row) ? "holds" : "NOT SHOWN");
        }
    };
    print(credence::stats::simulate_rate_anomalies(kSeed, 30 * scale));
    print(credence::stats::simulate_other_anomalies(kSeed, 30 * scale));
}

void print_trends(std::size_t scale) {
    fmt::print("\nTrends\n| what | old rule | quasi-binomial | Mann-Kendall |\n");
    fmt::print("| --- | --- | --- | --- |\n");
    const auto print = [](const std::vector<credence::stats::TrendRow>& rows) {
        for (const auto& row : rows) {
            fmt::print("| {} | {} | {} | {} |\n", row.what, text_of(row.old_rule),
                       text_of(row.quasi_binomial), text_of(row.mann_kendall));
        }
    };
    print(credence::stats::simulate_null_trends(kSeed, 5 * scale));
    print(credence::stats::simulate_falling_trends(kSeed, 40 * scale));
    print(credence::stats::simulate_trend_intervals(kSeed, 40 * scale));
    const auto lift = credence::stats::compare_lift(91, 20);
    fmt::print(
        "\nTwo skills together in 20 of 91 sessions: old lift {:.2f}, lift {:.2f}, shrunk {}\n",
        lift.old_lift, lift.lift, text_of(lift.shrunk_lift));
}

void print_predictions() {
    fmt::print("\nForecasts, last fifth of the time\n");
    fmt::print("| forecaster | gain in log-loss over the base rate | calibration error |\n");
    fmt::print("| --- | --- | --- |\n");
    for (const auto& row : credence::stats::predictor_simulation({.seed = kSeed})) {
        fmt::print("| {} | {} | {} |\n", row.forecaster, text_of(row.quality.log_loss_gain),
                   text_of(row.quality.ece));
    }
    fmt::print("\nRecommendations\n| recommender | recall@10 | NDCG@10 | coverage |\n");
    fmt::print("| --- | --- | --- | --- |\n");
    for (const auto& row : credence::stats::recommend_simulation({.seed = kSeed})) {
        fmt::print("| {} | {} | {} | {:.3f} |\n", row.recommender, text_of(row.quality.recall),
                   text_of(row.quality.ndcg), row.quality.coverage);
    }
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t scale = argc > 1 ? std::max(1, std::atoi(argv[1])) : 1;
    print_predictions();
    print_experiments(scale);
    print_anomalies(static_cast<std::size_t>(scale));
    print_trends(static_cast<std::size_t>(scale));
    return 0;
}
