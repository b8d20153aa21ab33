// What the services of this module work with; outlives them.
#pragma once

#include "base/clock.h"
#include "base/id.h"
#include "base/metrics.h"
#include "base/random.h"
#include "engine/store/database.h"

namespace credence::trust {

using VerificationId = Id<struct VerificationTag>;

struct TrustParts {
    store::Database& database;
    const Clock& clock;
    Random& random;
    IdMaker& ids;
    Metrics& metrics;
};

}  // namespace credence::trust
