#include "stats/anomaly/dispersion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "stats/anomaly/rate_anomaly.h"

namespace credence::stats {
namespace {

double sum(const DispersionWeights& weights) {
    double total = 0;
    for (const double weight : weights) {
        total += weight;
    }
    return total;
}

TEST(Dispersion, CautiousPriorFollowsItsFormula) {
    const DispersionWeights prior = cautious_dispersion_prior();
    EXPECT_NEAR(sum(prior), 1, 1e-14);
    // P(rho < 0.0015) and P(rho > 0.4).
    EXPECT_NEAR(prior[0], 1 - 1 / (1.075 * 1.075), 1e-14);
    EXPECT_NEAR(prior[9], 1.0 / (21 * 21), 1e-14);
}

TEST(Dispersion, PosteriorIsPriorTimesLikelihood) {
    DispersionLogs logs{};
    const DispersionWeights prior = cautious_dispersion_prior();
    EXPECT_NEAR(dispersion_posterior(prior, logs)[3], prior[3], 1e-14);
    logs[3] = std::log(2);
    EXPECT_NEAR(dispersion_posterior(prior, logs)[3], 2 * prior[3] / (1 + prior[3]), 1e-14);
    logs.fill(-5000);  // tiny likelihoods do not vanish
    EXPECT_NEAR(sum(dispersion_posterior(prior, logs)), 1, 1e-14);
}

TEST(Dispersion, AFamilyTeachesItsDispersion) {
    // Ten hours each all or nothing, a hundred times: certainly dispersed.
    std::vector<PeriodTrials> wild(8, {5, 5});
    wild.insert(wild.end(), 2, {0, 5});
    // As even as can be.
    const std::vector<PeriodTrials> calm(10, {4, 5});
    const auto learn = [](const std::vector<PeriodTrials>& periods) {
        const auto baseline = fit_rate_baseline(periods);
        return learn_dispersion_prior(std::vector<DispersionLogs>(1000, baseline->likelihoods));
    };
    EXPECT_GT(learn(wild)[9], 0.95);
    EXPECT_GT(learn(calm)[0], 0.85);
    EXPECT_GT(learn(calm)[0] + learn(calm)[1], 0.95);
    EXPECT_NEAR(sum(learn(calm)), 1, 1e-12);
    // The cautious prior is still there, as ten skills in a thousand.
    EXPECT_NEAR(learn(calm)[9], 10 * cautious_dispersion_prior()[9] / 1010, 1e-6);
}

TEST(Dispersion, NoFamilyLeavesTheCautiousPrior) {
    const DispersionWeights prior = cautious_dispersion_prior();
    const DispersionWeights learned = learn_dispersion_prior({});
    for (std::size_t step = 0; step < kDispersionSteps; ++step) {
        EXPECT_NEAR(learned[step], prior[step], 1e-14);
    }
}

TEST(Dispersion, ALearnedPriorSharpensTheTest) {
    const auto baseline = fit_rate_baseline(std::vector<PeriodTrials>(20, {9, 10}));
    const auto sure = with_dispersion_prior(*baseline, {1});
    const PeriodTrials recent{5, 10};
    EXPECT_DOUBLE_EQ(sure.parts[0].weight, 1);
    EXPECT_LT(rate_anomaly(sure, {&recent, 1})->p_value,
              rate_anomaly(*baseline, {&recent, 1})->p_value);
    // Dispersion 0 is the exact conjugate answer.
    EXPECT_NEAR(rate_anomaly(sure, {&recent, 1})->p_value,
                rate_anomaly(*independent_rate_baseline({180, 200}), {&recent, 1})->p_value, 1e-12);
    const auto plain = independent_rate_baseline({180, 200});
    EXPECT_EQ(with_dispersion_prior(*plain, {1}).part_count, 1);
}

}  // namespace
}  // namespace credence::stats
