#include "capabilities/guard/context/tool_rows.h"

namespace credence::guard::tool_rows {

namespace {

// The place of a tool in a list: server_name and name, parted by a character that neither should
// hold.
constexpr char kParting = '\n';

}  // namespace

Result<std::vector<Pin>> of_server(store::Tx& tx, const Context& context,
                                   const std::string& server_name) {
    store::Rows rows =
        TRY(tx.query("SELECT server_name, tool, digest, seen_digest, approved_by, first_seen_at_us,"
                     " last_seen_at_us, changed_at_us, fields, seen_fields FROM guard_tool_pin"
                     " WHERE tenant = $1 AND name_space = $2 AND server_name = $3",
                     context.tenant, context.name_space, server_name));
    std::vector<Pin> pins(rows.size());
    for (std::size_t i = 0; i < pins.size(); ++i) {
        pins[i].fields = rows.text(i, 8);
        pins[i].seen_fields = rows.text(i, 9);
        rows.cells[i].resize(8);
    }
    rows.columns.resize(8);
    auto tools = TRY(rows.as<PinnedTool>());
    for (std::size_t i = 0; i < pins.size(); ++i) {
        pins[i].tool = std::move(tools[i]);
    }
    return pins;
}

Result<std::vector<std::pair<std::string, std::string>>> names(store::Tx& tx,
                                                               const Context& context) {
    const store::Rows rows =
        TRY(tx.query("SELECT server_name, tool FROM guard_tool_pin WHERE tenant = $1"
                     " AND name_space = $2 ORDER BY server_name, tool LIMIT $3",
                     context.tenant, context.name_space, static_cast<std::int64_t>(kMaxToolPins)));
    std::vector<std::pair<std::string, std::string>> out(rows.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = {rows.text(i, 0), rows.text(i, 1)};
    }
    return out;
}

Result<void> insert(store::Tx& tx, const Context& context, const Pin& pin) {
    const PinnedTool& tool = pin.tool;
    TRY(tx.run(
        "INSERT INTO guard_tool_pin (tenant, name_space, server_name, tool, digest, fields,"
        " seen_digest, seen_fields, first_seen_at_us, last_seen_at_us)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (tenant, name_space, server_name, tool) DO NOTHING",
        context.tenant, context.name_space, tool.server_name, tool.tool, tool.digest, pin.fields,
        tool.seen_digest, pin.seen_fields, tool.first_seen_at_us, tool.last_seen_at_us));
    return {};
}

Result<void> update_seen(store::Tx& tx, const Context& context, const Pin& pin) {
    const PinnedTool& tool = pin.tool;
    TRY(
        tx.run("UPDATE guard_tool_pin SET seen_digest = $1, seen_fields = $2,"
               " last_seen_at_us = $3, changed_at_us = $4 WHERE tenant = $5 AND name_space = $6"
               " AND server_name = $7 AND tool = $8",
               tool.seen_digest, pin.seen_fields, tool.last_seen_at_us, tool.changed_at_us,
               context.tenant, context.name_space, tool.server_name, tool.tool));
    return {};
}

Result<std::optional<PinnedTool>> approve(store::Tx& tx, const Context& context,
                                          const ApproveTool& request) {
    auto found = TRY(
        TRY(tx.query("UPDATE guard_tool_pin SET digest = seen_digest, fields = seen_fields,"
                     " approved_by = $1, changed_at_us = NULL WHERE tenant = $2"
                     " AND name_space = $3 AND server_name = $4 AND tool = $5 AND seen_digest = $6"
                     " RETURNING server_name, tool, digest, seen_digest, approved_by,"
                     " first_seen_at_us, last_seen_at_us, changed_at_us",
                     context.actor, context.tenant, context.name_space, request.server_name,
                     request.tool, request.digest))
            .as<PinnedTool>());
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Result<std::vector<PinnedTool>> list(store::Tx& tx, const Context& context,
                                     const ListTools& request) {
    const std::string after = request.after.value_or("");
    const std::size_t parting = after.find(kParting);
    const std::string server_name = after.substr(0, parting);
    const std::string tool = parting == std::string::npos ? "" : after.substr(parting + 1);
    return TRY(tx.query(
                   "SELECT server_name, tool, digest, seen_digest, approved_by, first_seen_at_us,"
                   " last_seen_at_us, changed_at_us FROM guard_tool_pin WHERE tenant = $1"
                   " AND name_space = $2 AND ($3 = '' OR server_name = $4)"
                   " AND (server_name > $5 OR (server_name = $6 AND tool > $7))"
                   " ORDER BY server_name, tool LIMIT $8",
                   context.tenant, context.name_space, request.server_name.value_or(""),
                   request.server_name.value_or(""), server_name, server_name, tool, request.limit))
        .as<PinnedTool>();
}

Result<std::int64_t> erase(store::Tx& tx, const Context& context, const ForgetTools& request) {
    return tx.run(
        "DELETE FROM guard_tool_pin WHERE tenant = $1 AND name_space = $2"
        " AND server_name = $3 AND ($4 = '' OR tool = $5)",
        context.tenant, context.name_space, request.server_name, request.tool.value_or(""),
        request.tool.value_or(""));
}

Result<void> forget(store::Tx& tx, std::string_view tenant, std::string_view name_space) {
    TRY(tx.run("DELETE FROM guard_tool_pin WHERE tenant = $1 AND name_space = $2", tenant,
               name_space));
    return {};
}

}  // namespace credence::guard::tool_rows
