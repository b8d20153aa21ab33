// Trains the network of network.h. Deterministic: one thread, one seed, one result on one kind of
// processor (with and without fused multiplication the last digits differ).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "capabilities/guard/model/network.h"
#include "capabilities/guard/model/sample.h"

namespace credence::guard {

struct NetworkOptions {
    std::uint64_t seed = 1;
    int epochs = 4;
    double dense_rate = 0.002;     // Adam (Kingma and Ba 2015)
    double embedding_rate = 0.05;  // Adagrad by row (Duchi et al. 2011)
    double weight_decay = 1e-4;
    double word_omission = 0.15;    // share of tokens whose words are not seen
    double text_omission = 0.15;    // share of texts of which only the concepts are seen
    double filter_omission = 0.3;   // dropout before the hidden layer (Srivastava et al. 2014)
    double channel_omission = 0.5;  // share of texts said to come from the user, whatever is known
    double smoothing = 0.02;        // of labels (Szegedy et al. 2016)
    // Exponent of a source's size in its share of the training: 1, each text counts alike; 0, each
    // source does.
    double source_exponent = 0.75;
    std::function<void(const std::string&)> progress;  // may be empty
};

// One text to learn from. `target` replaces the label when distilling (Hinton et al. 2015).
struct Lesson {
    const Sample* sample = nullptr;
    double target = 0;  // (0, 1)
    double weight = 1;
};

// Weights by source and class; harmful requests count little and have a target between.
std::vector<Lesson> lessons_of(std::span<const Sample* const> samples,
                               const NetworkOptions& options);

NetworkWeights train_network(std::span<const Lesson> lessons, const NetworkOptions& options);

// What a text's windows, over all its readings, cost: kManyWindows * log of how many.
double window_penalty(std::size_t windows);

// The highest logit of all readings, less window_penalty(), so that length alone raises nothing.
double network_logit(const NetworkWeights& weights, const Sample& sample, SourceKind channel);

}  // namespace credence::guard
