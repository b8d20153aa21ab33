// All SQL over guard_canary.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "capabilities/guard/context/canary_types.h"
#include "engine/store/database.h"

namespace credence::guard::canary_rows {

struct CanaryRow {
    std::string tenant;
    std::string name_space;
    std::string token_tag;  // keyed digest of the token
    std::string sealed;     // its grams (canary_index.h), sealed
    CanaryInfo info;
};

// What changes whenever a canary is made, revoked or forgotten.
struct Generation {
    std::int64_t count = 0;
    std::int64_t changed_at_us = 0;
    bool operator==(const Generation&) const = default;
};

Result<void> insert(store::Tx& tx, const CanaryRow& row);
Result<std::int64_t> count(store::Tx& tx, const Context& context);
Result<std::vector<CanaryInfo>> list(store::Tx& tx, const Context& context, bool revoked);
// Nothing when there is none in force.
Result<std::optional<CanaryInfo>> revoke(store::Tx& tx, const Context& context,
                                         const std::string& canary_id, std::int64_t now_us);
// Of all tenants, those in force.
Result<Generation> generation(store::Tx& tx);
Result<std::vector<CanaryRow>> in_force(store::Tx& tx, std::int64_t limit);
Result<void> forget(store::Tx& tx, std::string_view tenant, std::string_view name_space);

}  // namespace credence::guard::canary_rows
