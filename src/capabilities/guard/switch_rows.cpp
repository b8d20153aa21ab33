#include "capabilities/guard/switches.h"

namespace credence::guard::switch_rows {

Result<void> put(store::Tx& tx, const SwitchRow& row, std::int64_t at_us, std::string_view actor) {
    TRY(
        tx.run("INSERT INTO guard_switch (tenant, name, enabled, changed_at_us, actor)"
               " VALUES ('*', $1, $2, $3, $4) ON CONFLICT (tenant, name) DO UPDATE SET"
               " enabled = excluded.enabled, changed_at_us = excluded.changed_at_us,"
               " actor = excluded.actor",
               row.name, row.enabled, at_us, actor));
    return {};
}

Result<std::vector<SwitchRow>> all(store::Tx& tx) {
    return TRY(tx.query("SELECT name, enabled FROM guard_switch WHERE tenant = '*' ORDER BY name"))
        .as<SwitchRow>();
}

}  // namespace credence::guard::switch_rows
