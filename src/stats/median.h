// The middle of numbers, and what it says of their spread. Pure and thread-safe.
#pragma once

#include <vector>

namespace credence::stats {

// The median absolute deviation of a normal distribution times this is its standard deviation:
// 1 / Phi^-1(3/4).
inline constexpr double kMadToSigma = 1.4826022185056018;

// The mean of the two in the middle when there are as many below as above. Not of nothing (CHECK).
// Linear.
double median_of(std::vector<double> values);

}  // namespace credence::stats
