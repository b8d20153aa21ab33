// What a reply to a caller without the right tells of how to get it: the WWW-Authenticate field
// (RFC 6750 section 3, RFC 9728 section 5.1). Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace credence::surface {

// From now on every challenge of this process, which is one protected resource, names the document
// that describes it. Empty: none.
void announce_resource_metadata(std::string url);

// "WWW-Authenticate: Bearer …\r\n". `refused`: why the credential that came was not taken; empty
// when none came, as RFC 6750 section 3.1 asks.
std::string bearer_challenge(std::string_view refused);

// The same for a caller who lacks a scope: error="insufficient_scope", scope="…". Empty when the
// error is another one.
std::string scope_challenge(const Error& error);

}  // namespace credence::surface
