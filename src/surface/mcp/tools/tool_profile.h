// What tools/list says of an operation, and which operations it lists. Pure; thread-safe. Nothing
// here comes from a user: names, summaries and schemas are those of the frozen catalogue.
#pragma once

#include <string>
#include <vector>

#include "api/catalog.h"
#include "surface/mcp/protocol/settings.h"

namespace credence::surface::mcp {

// A Tool object: name, title, description, inputSchema, outputSchema (not of background
// operations, which may answer with their job), annotations.
std::string render_tool(const Operation& operation);

// The same for few tokens: the summary, a schema with documentation of the required fields only,
// and no outputSchema. It admits everything the operation admits; find_operations gives the rest.
std::string render_brief_tool(const Operation& operation);

// Appends the brief schema; a looser one than append_json_schema's.
void append_brief_schema(const Shape& shape, std::string& out);

// Whether a user should be asked first: it deletes, or reaches the outside world.
bool is_destructive(const Operation& operation);

// The operations the profile lists, without the hidden ones. Code::invalid with the field mcp.tools
// for a name nobody has.
Result<std::vector<const Operation*>> listed_operations(const Catalog& catalog,
                                                        const McpSettings& settings);

}  // namespace credence::surface::mcp
