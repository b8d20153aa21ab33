// Documents derived from the catalogue.
#pragma once

#include <string>

#include "api/catalog.h"

namespace credence::surface {

// OpenAPI 3.1 as JSON. Deterministic.
std::string openapi_json(const Catalog& catalog);

// The reference as a self-contained HTML page (no external resources, no script needed).
std::string reference_html(const Catalog& catalog);

// The reference as Markdown, one page per module: docs/reference/<module>.md.
std::string reference_markdown(const Catalog& catalog, std::string_view module);

}  // namespace credence::surface
