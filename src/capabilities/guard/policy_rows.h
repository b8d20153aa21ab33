// All SQL over guard_policy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/shape.h"
#include "engine/store/database.h"

namespace credence::guard {

struct PolicyRow {
    std::string tenant;
    std::string name_space;
    std::int64_t number = 0;
    std::string version;
    std::optional<std::string> body;
    std::int64_t created_at_us = 0;
    std::string actor;
};
void describe(Describe<PolicyRow>&);

namespace policy_rows {

Result<std::optional<PolicyRow>> newest(store::Tx& tx, const Context& context);
Result<std::optional<PolicyRow>> find(store::Tx& tx, const Context& context,
                                      std::string_view version);
Result<void> insert(store::Tx& tx, const PolicyRow& row);
Result<void> remove_before(store::Tx& tx, const Context& context, std::int64_t number);
// The newest of every name space of every tenant.
Result<std::vector<PolicyRow>> all_newest(store::Tx& tx, std::size_t limit);

}  // namespace policy_rows
}  // namespace credence::guard
