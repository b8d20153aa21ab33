// All SQL over agent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "capabilities/trust/agents.h"
#include "engine/store/database.h"

namespace credence::trust::agent_rows {

Result<void> insert(store::Tx& tx, const Context& context, const Agent& agent);
Result<std::optional<Agent>> find(store::Tx& tx, const Context& context, std::string_view agent_id);
// By id, after `after`.
Result<std::vector<Agent>> list(store::Tx& tx, const Context& context, std::string_view after,
                                std::int64_t limit);
Result<void> retire(store::Tx& tx, const Context& context, std::string_view agent_id,
                    std::int64_t at_us);
// Retired ones included.
Result<std::int64_t> count_in_namespace(store::Tx& tx, const Context& context);
Result<std::int64_t> count_of_owner(store::Tx& tx, const Context& context, std::string_view owner);

}  // namespace credence::trust::agent_rows
