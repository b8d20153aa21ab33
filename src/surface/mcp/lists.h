// tools/list, prompts/list, resources/list, resources/templates/list: everything the features have
// for this caller, 100 a page. Stateless; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "surface/mcp/protocol/feature.h"
#include "surface/mcp/protocol/request.h"

namespace credence::surface::mcp {

inline constexpr std::size_t kPageSize = 100;
// How long a client may keep a page of a list (2026-07-28, server/utilities/caching). Lists depend
// on the caller's scopes, so nobody else may have it.
inline constexpr std::int64_t kListTtlMs = 5 * 60 * 1'000;

// Answers the request when it is one of the four; false otherwise. A cursor that we did not give
// for this method, or that lies beyond the list, is invalid_params.
bool answer_list(const std::vector<Feature*>& features, const RequestPtr& request);

}  // namespace credence::surface::mcp
