// From labelled files to the blob that the program embeds: `credence guard train`.
//
// 1. The samples are scanned with the rules in force.
// 2. Every family is cross-validated by whole sources (optional); the network and the trees always,
//    since the combination is fitted, and scores are calibrated, on what models say of sources they
//    never saw.
// 3. Teachers (networks of different seeds) are trained on everything; one student learns their
//    mean opinion (Hinton et al. 2015), is quantised and written with forest, combination and
//    calibration.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/model/cross_validation.h"
#include "capabilities/guard/model/sample.h"

namespace credence::guard {

struct TrainOptions {
    std::uint64_t seed = 1;
    int folds = 5;
    int teachers = 3;  // 0: no distillation
    int epochs = 4;
    std::size_t threads = 2;
    bool compare_families = false;
    std::string version = "1.0.0";
    std::function<void(const std::string&)> progress;  // may be empty
};

struct FamilyResult {
    std::string family;
    RankingReport report;  // at 1 % false positives, cross-validated
};

struct Training {
    std::string blob;
    std::vector<FamilyResult> families;  // the combination last
    std::string report_markdown;
};

// Code::invalid when a class is missing or a file is wrong.
Result<Training> train(const RuleSet& rules, const std::vector<std::string>& files,
                       const TrainOptions& options);

}  // namespace credence::guard
