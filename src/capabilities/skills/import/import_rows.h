// What the import asks of our own tables.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/store/database.h"

namespace credence::skills::import_rows {

// When something began and ended.
struct Span {
    std::int64_t from_us = 0;
    std::int64_t to_us = 0;
};

// Makes an ended session, or widens it to hold the span. True where that changed something;
// Code::conflict where it belongs to another namespace.
Result<bool> put_session(store::Tx& tx, std::string_view tenant, std::string_view name_space,
                         const std::pair<const std::string, Span>& session);

// How many rows of the session the log has, by row_key (old_invocation.h).
Result<std::map<std::string, std::int64_t>> keys_of_session(store::Tx& tx, std::string_view tenant,
                                                            std::string_view session_id);

}  // namespace credence::skills::import_rows
