// What the HTML and the Markdown reference both show of an operation. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/catalog.h"
#include "base/shape.h"

namespace credence::surface {

// One row of a table of fields; nested objects follow their field as "threats[].category".
struct FieldRow {
    std::string path;
    std::string type;    // "string", "list of object", "allow | flag | block"
    std::string limits;  // "1 to 600000", "at most 32 items", "default 5"; may be empty
    std::string doc;
    bool required = false;
};

// At most kMaxReferenceDepth objects deep.
inline constexpr int kMaxReferenceDepth = 6;
std::vector<FieldRow> field_rows(const Shape& shape);

// Ways to call an operation, with example values.
std::string curl_example(const Operation& operation);
std::string cli_example(const Operation& operation);
std::string mcp_example(const Operation& operation);  // empty when hidden from MCP
// Pretty-printed example of the response.
std::string response_example(const Operation& operation);

// Modules in order of first appearance.
std::vector<std::string> modules_of(const Catalog& catalog);

// "read", "write" or "act", in a reader's words.
std::string_view effect_text(Effect effect);
// Where and how it runs: "at once", "on a worker", "as a background job: answers 202".
std::string_view lane_text(Lane lane);

}  // namespace credence::surface
