// All SQL over guard_tool_pin.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/context.h"
#include "capabilities/guard/context/tool_watch_types.h"
#include "engine/store/database.h"

namespace credence::guard::tool_rows {

struct Pin {
    PinnedTool tool;
    std::string fields;  // JSON
    std::string seen_fields;
};

Result<std::vector<Pin>> of_server(store::Tx& tx, const Context& context,
                                   const std::string& server);
// Server and tool of every pin of the name space, at most kMaxToolPins.
Result<std::vector<std::pair<std::string, std::string>>> names(store::Tx& tx,
                                                               const Context& context);
Result<void> insert(store::Tx& tx, const Context& context, const Pin& pin);
// What is seen now; pin.tool.changed_at_us as it is to be.
Result<void> update_seen(store::Tx& tx, const Context& context, const Pin& pin);
// Pins what is seen now, if that is `digest`. Nothing when there is no such tool, or it changed.
Result<std::optional<PinnedTool>> approve(store::Tx& tx, const Context& context,
                                          const ApproveTool& request);
Result<std::vector<PinnedTool>> list(store::Tx& tx, const Context& context,
                                     const ListTools& request);
Result<std::int64_t> erase(store::Tx& tx, const Context& context, const ForgetTools& request);
Result<void> forget(store::Tx& tx, std::string_view tenant, std::string_view name_space);

}  // namespace credence::guard::tool_rows
