// Trains the structural scorer: logistic regression by FTRL-proximal (McMahan and others, 2013).
//
// Deterministic: the same rows in the same order give the same weights, bit for bit.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace credence::guard {

struct CodeRow {
    std::vector<std::uint16_t> features;
    std::string source;
    bool harmful = false;
    std::uint64_t fold = 0;  // a hash of the text
    bool silent = true;      // no recogniser reached the threshold for flagging
    bool code = true;        // passes look_for_code
    bool own = false;        // written for this project: close calls, of both kinds
};

struct CodeLearning {
    double rate = 0.4;
    double l1 = 0.000002;  // of the total weight of the rows
    double l2 = 0.000001;
    int passes = 30;
    double ordinary_share = 0.015;  // of held-out ordinary code that may reach the threshold
    double own_share = 0.03;        // the same of the rows written for this project
    double doubt_share = 0.08;      // of held-out ordinary code that may leave a doubt
    double own_weight = 2.5;        // of a source of those beside another's
    int folds = 5;
};

// The weights before they are rounded.
struct CodeFit {
    std::vector<double> weights;
    double bias = 0;
};

// The weights in use: eight bits each.
struct TrainedCode {
    std::vector<std::int8_t> weights;
    double scale = 0;
    double bias = 0;
    double threshold = 0;
    double doubt = 0;  // where doubt begins
};

// Each source weighs the root of its rows, harmful and ordinary the same in sum.
CodeFit fit_code(const std::vector<const CodeRow*>& rows, const CodeLearning& how);

double log_odds(const CodeFit& fit, const CodeRow& row);

// Fits, sets the threshold by folds held out, rounds.
TrainedCode train_code(const std::vector<const CodeRow*>& rows, const CodeLearning& how);

}  // namespace credence::guard
