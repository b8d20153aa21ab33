// All SQL over guard_conversation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/context.h"
#include "capabilities/guard/policy.h"
#include "engine/store/database.h"

namespace credence::guard::conversation_rows {

struct ConversationRow {
    std::string conversation_id;
    std::int64_t turns = 0;
    Verdict worst_verdict = Verdict::allow;
    double worst_score = 0;
    std::string state;  // sealed
    std::int64_t created_at_us = 0;
    std::int64_t updated_at_us = 0;
    std::int64_t expires_at_us = 0;
};

// Also one that has expired but is still there.
Result<std::optional<ConversationRow>> find(store::Tx& tx, const Context& context,
                                            const std::string& conversation_id);
Result<std::int64_t> count(store::Tx& tx, const Context& context);
// False when it is there already.
Result<bool> insert(store::Tx& tx, const Context& context, const ConversationRow& row);
// False when another writer came first: the row is not `before` any more.
Result<bool> update(store::Tx& tx, const Context& context, const ConversationRow& row,
                    const ConversationRow& before);
Result<bool> erase(store::Tx& tx, const Context& context, const std::string& conversation_id);
// Of all tenants; at most `limit`. How many.
Result<std::int64_t> erase_expired(store::Tx& tx, std::int64_t now_us, std::int64_t limit);
Result<void> forget(store::Tx& tx, std::string_view tenant, std::string_view name_space);

}  // namespace credence::guard::conversation_rows
