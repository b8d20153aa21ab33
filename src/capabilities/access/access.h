// Who may call, how often, and what is remembered of it: tenants, namespaces, API keys, the gate
// every request passes, and the audit trail. See README.md.
#pragma once

#include <cstdint>

#include "api/host.h"

namespace credence::access {

// Section [access].
struct AccessSettings {
    bool require_keys = false;
    double requests_per_second = 1000;
    std::int64_t burst = 0;
    std::int64_t max_tracked_addresses = 100'000;
    std::int64_t refresh_ms = 2000;
};
void describe(Describe<AccessSettings>&);

// What the services of this module work with; outlives them.
struct AccessParts {
    store::Database& database;
    const Clock& clock;
    Random& random;
    IdMaker& ids;
    Metrics& metrics;
};

Result<void> install(Host& host);

}  // namespace credence::access
