#include "capabilities/trust/agent_rows.h"

namespace credence::trust::agent_rows {

Result<void> insert(store::Tx& tx, const Context& context, const Agent& agent) {
    TRY(
        tx.run("INSERT INTO agent (tenant, name_space, agent_id, owner, created_at_us, created_by) "
               "VALUES ($1, $2, $3, $4, $5, $6)",
               context.tenant, context.name_space, agent.agent_id, agent.owner, agent.created_at_us,
               agent.created_by));
    return {};
}

Result<std::optional<Agent>> find(store::Tx& tx, const Context& context,
                                  std::string_view agent_id) {
    auto found =
        TRY(TRY(tx.query("SELECT agent_id, owner, created_at_us, created_by, retired_at_us "
                         "FROM agent WHERE tenant = $1 AND name_space = $2 AND agent_id = $3",
                         context.tenant, context.name_space, agent_id))
                .as<Agent>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<Agent>> list(store::Tx& tx, const Context& context, std::string_view after,
                                std::int64_t limit) {
    return TRY(tx.query("SELECT agent_id, owner, created_at_us, created_by, retired_at_us "
                        "FROM agent WHERE tenant = $1 AND name_space = $2 AND agent_id > $3 "
                        "ORDER BY agent_id LIMIT $4",
                        context.tenant, context.name_space, after, limit))
        .as<Agent>();
}

Result<void> retire(store::Tx& tx, const Context& context, std::string_view agent_id,
                    std::int64_t at_us) {
    TRY(
        tx.run("UPDATE agent SET retired_at_us = $4 "
               "WHERE tenant = $1 AND name_space = $2 AND agent_id = $3 AND retired_at_us IS NULL",
               context.tenant, context.name_space, agent_id, at_us));
    return {};
}

Result<std::int64_t> count_in_namespace(store::Tx& tx, const Context& context) {
    return TRY(tx.query("SELECT COUNT(*) FROM agent WHERE tenant = $1 AND name_space = $2",
                        context.tenant, context.name_space))
        .integer(0, 0);
}

Result<std::int64_t> count_of_owner(store::Tx& tx, const Context& context, std::string_view owner) {
    return TRY(tx.query("SELECT COUNT(*) FROM agent WHERE tenant = $1 AND owner = $2",
                        context.tenant, owner))
        .integer(0, 0);
}

}  // namespace credence::trust::agent_rows
