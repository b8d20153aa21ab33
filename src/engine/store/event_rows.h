// The SQL of the event log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/store/database.h"
#include "engine/store/event.h"

namespace credence::store::event_rows {

inline constexpr std::size_t kMaxNames = 100;  // in one filter

struct Cursor {
    std::int64_t seq = 0;
    std::int64_t failures = 0;
    std::optional<std::int64_t> parked_at_us;
};

Result<std::int64_t> last_seq(Tx& tx);
// Events with a seq above `after`, of any tenant, oldest first. Empty names: all.
Result<std::vector<StoredEvent>> after(Tx& tx, std::int64_t after,
                                       const std::vector<std::string>& names, int limit);
Result<std::vector<StoredEvent>> of_tenant(Tx& tx, std::string_view tenant, std::int64_t after,
                                           const std::vector<std::string>& names, int limit);

Result<std::int64_t> forget(Tx& tx, std::string_view name, std::int64_t before_us,
                            std::int64_t limit);

// The subscriber's cursor; a new one starts behind the newest event.
Result<Cursor> open_cursor(Tx& tx, std::string_view subscriber);
// Moves the cursor and forgets failures. Code::conflict when it is no longer at `from`.
Result<void> move_cursor(Tx& tx, std::string_view subscriber, std::int64_t from, std::int64_t to);
Result<void> save_failures(Tx& tx, std::string_view subscriber, std::int64_t failures,
                           std::optional<std::int64_t> parked_at_us);

}  // namespace credence::store::event_rows
