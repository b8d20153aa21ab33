// The envelope of results from 2026-07-28 on. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace credence::surface::mcp {

// {"name":"credence","title":"Credence","version":…}
std::string_view server_info_json();

// The result's members with resultType ("complete", unless it says its own) and, in _meta, the
// server's name and version. `result_json` must be a JSON object; linear in its size.
// cache_hints: the members ttlMs and cacheScope, added to complete results that lack them.
std::string modern_result(std::string_view result_json, std::string_view cache_hints = {});

}  // namespace credence::surface::mcp
