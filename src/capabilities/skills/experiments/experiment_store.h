// An experiment with its sums, as one value of the store.
#pragma once

#include <cstdint>
#include <string_view>

#include "capabilities/skills/experiments/experiment_verdict.h"
#include "engine/store/database.h"

namespace credence::skills {

// Code::not_found without such a test. One without sums has empty ones (see Experiments::rebuild).
Result<Experiment> load_experiment(store::Tx& tx, std::string_view tenant, std::int64_t test_id);
Result<ExperimentSums> load_sums(store::Tx& tx, std::string_view tenant, const TestRow& row);

}  // namespace credence::skills
