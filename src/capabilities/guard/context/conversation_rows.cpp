#include "capabilities/guard/context/conversation_rows.h"

#include <algorithm>

namespace credence::guard::conversation_rows {

namespace {

// What is not readable counts as the strictest.
Verdict verdict_of(const std::string& name) {
    const auto& names = shape_of<Verdict>().enumerators;
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? Verdict::block : static_cast<Verdict>(found - names.begin());
}

}  // namespace

Result<std::optional<ConversationRow>> find(store::Tx& tx, const Context& context,
                                            const std::string& conversation_id) {
    const store::Rows rows = TRY(tx.query(
        "SELECT turns, verdict, score, state, created_at_us, updated_at_us, expires_at_us"
        " FROM guard_conversation WHERE tenant = $1 AND name_space = $2 AND conversation_id = $3",
        context.tenant, context.name_space, conversation_id));
    if (rows.empty()) {
        return std::nullopt;
    }
    return ConversationRow{conversation_id,    rows.integer(0, 0), verdict_of(rows.text(0, 1)),
                           rows.number(0, 2),  rows.text(0, 3),    rows.integer(0, 4),
                           rows.integer(0, 5), rows.integer(0, 6)};
}

Result<std::int64_t> count(store::Tx& tx, const Context& context) {
    return TRY(tx.query("SELECT COUNT(conversation_id) FROM guard_conversation"
                        " WHERE tenant = $1 AND name_space = $2",
                        context.tenant, context.name_space))
        .integer(0, 0);
}

Result<bool> insert(store::Tx& tx, const Context& context, const ConversationRow& row) {
    return TRY(tx.run("INSERT INTO guard_conversation (tenant, name_space, conversation_id, turns,"
                      " verdict, score, state, created_at_us, updated_at_us, expires_at_us)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
                      " ON CONFLICT (tenant, name_space, conversation_id) DO NOTHING",
                      context.tenant, context.name_space, row.conversation_id, row.turns,
                      enumerator_of(row.worst_verdict), row.worst_score, row.state,
                      row.created_at_us, row.updated_at_us, row.expires_at_us)) > 0;
}

Result<bool> update(store::Tx& tx, const Context& context, const ConversationRow& row,
                    const ConversationRow& before) {
    return TRY(tx.run("UPDATE guard_conversation SET turns = $1, verdict = $2, score = $3,"
                      " state = $4, created_at_us = $5, updated_at_us = $6, expires_at_us = $7"
                      " WHERE tenant = $8 AND name_space = $9 AND conversation_id = $10"
                      " AND turns = $11 AND state = $12",
                      row.turns, enumerator_of(row.worst_verdict), row.worst_score, row.state,
                      row.created_at_us, row.updated_at_us, row.expires_at_us, context.tenant,
                      context.name_space, row.conversation_id, before.turns, before.state)) > 0;
}

Result<bool> erase(store::Tx& tx, const Context& context, const std::string& conversation_id) {
    return TRY(tx.run("DELETE FROM guard_conversation WHERE tenant = $1 AND name_space = $2"
                      " AND conversation_id = $3",
                      context.tenant, context.name_space, conversation_id)) > 0;
}

Result<std::int64_t> erase_expired(store::Tx& tx, std::int64_t now_us, std::int64_t limit) {
    return tx.run(
        "DELETE FROM guard_conversation WHERE (tenant, name_space, conversation_id) IN"
        " (SELECT tenant, name_space, conversation_id FROM guard_conversation"
        " WHERE expires_at_us <= $1 LIMIT $2)",
        now_us, limit);
}

Result<void> forget(store::Tx& tx, std::string_view tenant, std::string_view name_space) {
    TRY(tx.run("DELETE FROM guard_conversation WHERE tenant = $1 AND name_space = $2", tenant,
               name_space));
    return {};
}

}  // namespace credence::guard::conversation_rows
