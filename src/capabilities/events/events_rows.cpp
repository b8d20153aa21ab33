#include "capabilities/events/events_rows.h"

namespace credence::events::event_rows {

Result<std::vector<store::StoredEvent>> newest(store::Tx& tx, std::string_view tenant,
                                               std::string_view name, std::int64_t before_seq,
                                               std::int64_t limit) {
    return TRY(tx.query("SELECT seq, tenant, name, at_us, actor, body FROM event "
                        "WHERE tenant = $1 AND seq < $2 AND ($3 = '' OR name = $3) "
                        "ORDER BY seq DESC LIMIT $4",
                        tenant, before_seq, name, limit))
        .as<store::StoredEvent>();
}

}  // namespace credence::events::event_rows
