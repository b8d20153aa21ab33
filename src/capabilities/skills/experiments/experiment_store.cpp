#include "capabilities/skills/experiments/experiment_store.h"

namespace credence::skills {

Result<Experiment> load_experiment(store::Tx& tx, std::string_view tenant, std::int64_t test_id) {
    auto row = TRY(experiment_rows::find(tx, tenant, test_id));
    if (!row) {
        return fail(Code::not_found, "no such experiment", "test_id");
    }
    auto sums = TRY(load_sums(tx, tenant, *row));
    return Experiment{std::move(*row), std::move(sums)};
}

// A test without sums was written by hand or by an import: it begins with none, and rebuild() makes
// them.
Result<ExperimentSums> load_sums(store::Tx& tx, std::string_view tenant, const TestRow& row) {
    auto sums = TRY(experiment_rows::sums(tx, tenant, row.test_id));
    if (!sums) {
        return ExperimentSums::of(row.arms.size(), row.metrics.size());
    }
    const bool fits = sums->arms.size() == row.arms.size() &&
                      sums->evidence.size() == row.metrics.size() * (row.arms.size() - 1);
    if (!fits) {
        return fail(Code::internal, "the sums of an experiment are of another shape");
    }
    return std::move(*sums);
}

}  // namespace credence::skills
