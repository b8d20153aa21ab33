// The protected resource's metadata document (RFC 9728): which authorization server's tokens are
// accepted here, and which scopes there are. Open to everybody, since it is what callers without a
// token read first. Nothing of it comes from the request.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "api/catalog.h"
#include "api/protected_resource.h"
#include "surface/http/pages.h"

namespace credence::surface {

// Adds the document at `/.well-known/oauth-protected-resource`, the same with `/mcp`, and where the
// resource's identifier puts it. Adds nothing when `resource` is null or OAuth is off.
void add_resource_metadata(const ProtectedResource* resource, const Catalog& catalog,
                           std::map<std::string, Page, std::less<>>& pages);

}  // namespace credence::surface
