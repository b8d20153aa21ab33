// MCP resources: the reference of each module and the OpenAPI document, derived from the catalogue.
//
//   credence://docs/<module>   text/markdown
//   credence://openapi         application/json
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "api/catalog.h"
#include "surface/mcp/json_rpc.h"

namespace credence::surface {

// Public to every admitted caller, as /docs is over HTTP. Immutable and thread-safe; contents are
// made when read.
class McpResources {
public:
    explicit McpResources(const Catalog& catalog);

    std::expected<std::string, RpcError> list(const RpcParam& cursor) const;
    std::expected<std::string, RpcError> templates(const RpcParam& cursor) const;
    // Unknown addresses are -32002 with the address as data.
    std::expected<std::string, RpcError> read(const RpcParam& uri) const;

private:
    const Catalog& catalog_;
    std::vector<std::string> modules_;  // in registration order
};

}  // namespace credence::surface
