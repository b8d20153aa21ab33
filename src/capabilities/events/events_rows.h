// Reads of the store's table event.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/store/database.h"
#include "engine/store/event.h"

namespace credence::events::event_rows {

// Of one tenant before a seq, newest first. Empty name: all.
Result<std::vector<store::StoredEvent>> newest(store::Tx& tx, std::string_view tenant,
                                               std::string_view name, std::int64_t before_seq,
                                               std::int64_t limit);

}  // namespace credence::events::event_rows
