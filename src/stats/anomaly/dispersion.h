// How much do success rates differ between periods (hours) beyond chance, and how sure is that?
// Weights over a grid of intra-class correlations. Pure and thread-safe.
//
// weight(rho) ~ prior(rho) * likelihood(rho). Alone, a skill gets the cautious prior with
// P(rho > x) = (1 + x / 0.02)^-2. A few hundred runs say little about rho, but many skills together
// say much: learn_dispersion_prior() finds the prior that makes the baselines of a family
// likeliest, by expectation-maximisation (nonparametric maximum likelihood of a mixing
// distribution: N. Laird, Journal of the American Statistical Association 73 (1978), 805-811;
// empirical Bayes), with the cautious prior counting as kPriorSkills more skills, so that a small
// family stays cautious.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace credence::stats {

inline constexpr std::size_t kDispersionSteps = 10;
inline constexpr std::array<double, kDispersionSteps> kDispersions = {0,    0.003, 0.01, 0.02, 0.04,
                                                                      0.07, 0.12,  0.2,  0.3,  0.5};

// One value for each of kDispersions: probabilities that sum to 1, or natural logarithms of
// likelihoods, up to a common summand.
using DispersionWeights = std::array<double, kDispersionSteps>;
using DispersionLogs = std::array<double, kDispersionSteps>;

inline constexpr double kPriorSkills = 10;

DispersionWeights cautious_dispersion_prior();

// Prior times likelihood, normalised. The logarithms are finite.
DispersionWeights dispersion_posterior(const DispersionWeights& prior, const DispersionLogs& logs);

// Cost: 50 rounds of 10 exponentials a skill (1 ms for 1,000 skills).
DispersionWeights learn_dispersion_prior(std::span<const DispersionLogs> family);

}  // namespace credence::stats
