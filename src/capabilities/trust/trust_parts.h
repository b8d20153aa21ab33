// What the services of this module work with; outlives them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "base/random.h"
#include "engine/store/database.h"

namespace credence::trust {

inline constexpr std::size_t kMaxIdBytes = 64;   // of an agent
inline constexpr std::int64_t kMaxPage = 1'000;  // items of one list

using VerificationId = Id<struct VerificationTag>;

struct TrustParts {
    store::Database& database;
    const Clock& clock;
    Random& random;
    IdMaker& ids;
    Metrics& metrics;
};

}  // namespace credence::trust
