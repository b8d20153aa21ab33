// Makes a score mean what it says: of the cases given 0.8, eight in ten succeed.
//
// Platt scaling: P = 1 / (1 + exp(-(slope * margin + intercept))), margin = the model's log-odds,
// fitted by maximum likelihood on outcomes that the model has not learned from (a later slice of
// time), with the targets (N+ + 1) / (N+ + 2) and 1 / (N- + 2) in place of 1 and 0. J. Platt,
// "Probabilistic outputs for support vector machines", Advances in Large Margin Classifiers (1999),
// 61-74; minimised by Newton's method with backtracking, H.-T. Lin, C.-J. Lin and R. C. Weng, "A
// note on Platt's probabilistic outputs", Machine Learning 68 (2007), 267-276. Two parameters
// rather than isotonic regression's many: slices of a few hundred outcomes are usual here, and
// isotonic regression overfits below about a thousand (A. Niculescu-Mizil and R. Caruana,
// "Predicting good probabilities with supervised learning", ICML (2005), 625-632).
// Pure and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace credence::stats {

// 1 / (1 + exp(-margin)).
double logistic(double margin);

struct MarginOutcome {
    double margin = 0;
    bool success = false;
};

struct PlattScale {
    double slope = 1;
    double intercept = 0;
    std::int64_t n = 0;  // outcomes it was fitted on; 0 leaves margins as they are
};

inline constexpr std::size_t kMinPlattRows = 100;

// nullopt for fewer than kMinPlattRows outcomes, for outcomes that are all alike, and where the
// margins would have to be turned round (a slope of 0 or below: the model knows nothing). Margins
// must be finite (CHECK). At most 100 Newton steps, each linear in the rows.
std::optional<PlattScale> fit_platt(std::span<const MarginOutcome> rows);

// In (0, 1).
double calibrated(const PlattScale& scale, double margin);

}  // namespace credence::stats
