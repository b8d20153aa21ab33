// All SQL over operation_flag.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "capabilities/flags/flags.h"
#include "engine/store/database.h"

namespace credence::flags::rows {

Result<void> put(store::Tx& tx, const FlagRow& row);
// False when there was none.
Result<bool> remove(store::Tx& tx, std::string_view tenant, std::string_view operation);
Result<std::int64_t> count(store::Tx& tx, std::string_view tenant);
// Of all tenants, in order of tenant and operation.
Result<std::vector<FlagRow>> all(store::Tx& tx);

}  // namespace credence::flags::rows
