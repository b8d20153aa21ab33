// Append-only tables that prove their own integrity: each entry's hash covers its fields and the
// hash before it. A module that keeps one tells the host, and `audit.verify` walks it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/store/database.h"

namespace credence {

struct ChainReport {
    std::int64_t entries = 0;
    std::string head_hash;
};

struct HashChain {
    std::string name;  // "trust"
    // Walks the tenant's chain in one snapshot. A changed, removed, added or reordered entry is
    // Code::conflict, "… chain is broken at entry 17: …". Thread-safe.
    std::function<Result<ChainReport>(store::Tx&, std::string_view tenant)> verify;
};

}  // namespace credence
