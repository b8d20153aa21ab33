// Section [trust].
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/trust/score/policy.h"

namespace credence::trust {

struct TrustSettings {
    std::vector<GatePolicy> policies;     // beside the shipped ones, or in their place
    std::vector<std::string> tree_roots;  // below which trees may be registered by others
    double max_relative_tolerance = 0.05;
    double max_absolute_tolerance = 1e-9;
    std::int64_t max_tree_files = 50'000;
    std::int64_t max_tree_bytes = std::int64_t{512} << 20;
};
void describe(Describe<TrustSettings>&);

}  // namespace credence::trust
