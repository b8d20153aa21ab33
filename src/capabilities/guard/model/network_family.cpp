#include "capabilities/guard/model/family.h"
#include "capabilities/guard/model/network_trainer.h"

namespace credence::guard {

namespace {

class LearnedNetwork final : public Learned {
public:
    explicit LearnedNetwork(NetworkWeights weights) : weights_(std::move(weights)) {}

    double logit(const Sample& sample, SourceKind channel) const override {
        return network_logit(weights_, sample, channel);
    }

private:
    NetworkWeights weights_;
};

std::unique_ptr<Learned> learn_network(std::span<const Sample* const> samples, std::uint64_t seed) {
    NetworkOptions options;
    options.seed = seed;
    const std::vector<Lesson> lessons = lessons_of(samples, options);
    return std::make_unique<LearnedNetwork>(train_network(lessons, options));
}

}  // namespace

Family network_family() {
    return {"network", "a small convolutional network over tokens and concepts", learn_network};
}

}  // namespace credence::guard
