// Help texts derived from the catalogue.
#pragma once

#include <string>
#include <string_view>

#include "api/catalog.h"
#include "surface/cli/arguments.h"

namespace credence::surface {

// Usage, fields with limits and defaults, and an example.
std::string operation_help(const Operation& operation);

// The operations of one module.
std::string module_help(const Catalog& catalog, std::string_view module);

// "credence guard scan"
std::string command_of(const Operation& operation);

}  // namespace credence::surface
