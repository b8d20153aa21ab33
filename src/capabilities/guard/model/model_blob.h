// The parts of a trained model and how they are written: a header, then each part with its length,
// then a SHA-256 of all before it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "capabilities/guard/model/combine.h"
#include "capabilities/guard/model/forest.h"
#include "capabilities/guard/model/quantised.h"

namespace credence::guard {

struct ModelParts {
    std::string version;  // "1.0.0"
    std::string report;   // Markdown: how it was trained and what it reached
    QuantisedNetwork network;
    Forest forest;
    std::vector<std::string> trait_names;  // that the forest was grown on, in order
    Combination combination;
    Calibration calibration;
};

std::string write_model(const ModelParts& parts);
// The blob must outlive the parts. Code::invalid for a damaged or foreign blob.
Result<ModelParts> read_model(std::string_view blob);
// The same without the digest of the whole, which takes as long as all the rest: for the blob
// inside the program.
Result<ModelParts> read_trusted_model(std::string_view blob);

}  // namespace credence::guard
