// All SQL over guard_detection.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "capabilities/guard/detections.h"
#include "engine/store/database.h"

namespace credence::guard::detection_rows {

Result<void> insert(store::Tx& tx, const DetectionOf& row);
// Newest first. `request.limit` rows at most.
Result<std::vector<Detection>> list(store::Tx& tx, const Context& context,
                                    const ListDetections& request);
Result<std::optional<Detection>> find(store::Tx& tx, const Context& context,
                                      std::string_view scan_id);
Result<std::int64_t> remove_before(store::Tx& tx, std::int64_t at_us, std::int64_t limit);

}  // namespace credence::guard::detection_rows
