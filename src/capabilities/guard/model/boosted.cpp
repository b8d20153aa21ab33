#include "capabilities/guard/model/family.h"
#include "capabilities/guard/model/forest.h"
#include "capabilities/guard/model/network_trainer.h"

namespace credence::guard {

namespace {

class LearnedForest final : public Learned {
public:
    explicit LearnedForest(Forest forest) : forest_(std::move(forest)) {}

    // The traits are those of all readings together, whatever the channel.
    double logit(const Sample& sample, SourceKind /*channel*/) const override {
        return forest_.logit(sample.traits);
    }

private:
    Forest forest_;
};

std::unique_ptr<Learned> learn_forest(std::span<const Sample* const> samples, std::uint64_t seed) {
    std::vector<ForestRow> rows;
    for (const Lesson& lesson : lessons_of(samples, {})) {
        rows.push_back({lesson.sample->traits, lesson.target, lesson.weight});
    }
    ForestOptions options;
    options.seed = seed;
    return std::make_unique<LearnedForest>(grow_forest(rows, options));
}

}  // namespace

Family boosted_family() {
    return {"boosted", "gradient boosting over what rules and structure say", learn_forest};
}

}  // namespace credence::guard
