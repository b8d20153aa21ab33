// The spelling of names and scopes. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/context.h"
#include "base/result.h"

namespace credence::access {

inline constexpr std::string_view kDefaultName = "default";  // the first tenant and namespace
inline constexpr std::size_t kMaxNameBytes = 63;
inline constexpr std::size_t kMaxScopeBytes = 100;
inline constexpr std::size_t kMaxScopes = 64;

// Code::invalid unless text matches [a-z0-9][a-z0-9_-]{0,62}.
Result<void> check_name(std::string_view text, std::string_view field);

// "*", "module:verb" or "module:*", the words being [a-z][a-z0-9_]*. Code::invalid names the item.
Result<void> check_scopes(const std::vector<std::string>& scopes, std::string_view field);

// Code::forbidden, naming the first scope the holder lacks. Nobody hands on what he does not have.
Result<void> check_covers(const Scopes& holder, const std::vector<std::string>& scopes);

}  // namespace credence::access
