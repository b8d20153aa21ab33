#include "capabilities/guard/policy_rows.h"

namespace credence::guard {

void describe(Describe<PolicyRow>& d) {
    d.field<&PolicyRow::tenant>("Tenant");
    d.field<&PolicyRow::name_space>("Name space");
    d.field<&PolicyRow::number>("Ascending");
    d.field<&PolicyRow::version>("Digest of the rules");
    d.field<&PolicyRow::body>("Rules as JSON; empty: the shipped policy");
    d.field<&PolicyRow::created_at_us>("Since when");
    d.field<&PolicyRow::actor>("Who set it");
}

namespace policy_rows {

namespace {

Result<std::optional<PolicyRow>> first_of(const store::Rows& rows) {
    auto found = TRY(rows.as<PolicyRow>());
    return found.empty() ? std::optional<PolicyRow>()
                         : std::optional<PolicyRow>(std::move(found[0]));
}

}  // namespace

Result<std::optional<PolicyRow>> newest(store::Tx& tx, const Context& context) {
    return first_of(TRY(tx.query(
        "SELECT tenant, name_space, number, version, body, created_at_us, actor FROM guard_policy"
        " WHERE tenant = $1 AND name_space = $2 ORDER BY number DESC LIMIT 1",
        context.tenant, context.name_space)));
}

Result<std::optional<PolicyRow>> find(store::Tx& tx, const Context& context,
                                      std::string_view version) {
    return first_of(TRY(tx.query(
        "SELECT tenant, name_space, number, version, body, created_at_us, actor FROM guard_policy"
        " WHERE tenant = $1 AND name_space = $2 AND version = $3 ORDER BY number DESC LIMIT 1",
        context.tenant, context.name_space, version)));
}

Result<void> insert(store::Tx& tx, const PolicyRow& row) {
    TRY(
        tx.run("INSERT INTO guard_policy"
               " (tenant, name_space, number, version, body, created_at_us, actor)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7)",
               row.tenant, row.name_space, row.number, row.version, row.body, row.created_at_us,
               row.actor));
    return {};
}

Result<void> remove_before(store::Tx& tx, const Context& context, std::int64_t number) {
    TRY(tx.run("DELETE FROM guard_policy WHERE tenant = $1 AND name_space = $2 AND number < $3",
               context.tenant, context.name_space, number));
    return {};
}

Result<std::vector<PolicyRow>> all_newest(store::Tx& tx, std::size_t limit) {
    return TRY(tx.query("SELECT tenant, name_space, number, version, body, created_at_us, actor"
                        " FROM guard_policy AS p WHERE number = (SELECT MAX(number) FROM"
                        " guard_policy AS q WHERE q.tenant = p.tenant AND"
                        " q.name_space = p.name_space) ORDER BY tenant, name_space LIMIT $1",
                        static_cast<std::int64_t>(limit)))
        .as<PolicyRow>();
}

}  // namespace policy_rows
}  // namespace credence::guard
