// One network that has learned the mean opinion of several (Hinton et al. 2015, "Distilling the
// Knowledge in a Neural Network"): as quick as one, steadier than any of them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "capabilities/guard/model/network_trainer.h"

namespace credence::guard {

// Texts that nobody wrote: a stretch of one sample's tokens inside another's. What the teachers say
// of them shows the student more of their opinion than the samples themselves, whose labels they
// know.
std::vector<Sample> splice(std::span<const Sample* const> samples, std::size_t count,
                           std::uint64_t seed);

// Trains `teachers` networks of seeds options.seed + 1, … on `threads` threads, then the student on
// the samples and as many spliced texts. With fewer than two teachers: one network, plainly
// trained.
NetworkWeights distil(std::span<const Sample* const> samples, int teachers, std::size_t threads,
                      const NetworkOptions& options);

}  // namespace credence::guard
