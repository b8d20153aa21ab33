// From argv to what the user asked for; nothing is read or called yet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/catalog.h"
#include "base/result.h"

namespace credence::surface {

inline constexpr std::string_view kJsonFlag = "--json";
inline constexpr std::string_view kInputFlag = "--input";
inline constexpr std::string_view kHelpFlag = "--help";

struct Invocation {
    const Operation* operation = nullptr;
    std::vector<std::pair<const Field*, std::string>> values;  // flags, in the order given
    std::vector<std::string> positional;  // more than one for Positional::values only
    std::optional<std::string> input;     // file with the whole request, or "-"
    bool json = false;
    bool help = false;
};

// arguments: module, operation, then flags. Code::invalid says what is wrong and what would be
// right.
Result<Invocation> parse_arguments(const Catalog& catalog,
                                   const std::vector<std::string>& arguments);

// "verify_claim" -> "verify-claim" and back.
std::string to_kebab(std::string_view name);
std::string to_snake(std::string_view name);

// "--source-kind"; a field called json, input or help is "--field-json", …
std::string flag_name(const Field& field);

// The shape of what a user writes: optional's inside.
const Shape& written_shape(const Field& field);

// Modules in registration order, and the operations of one.
std::vector<std::string> module_names(const Catalog& catalog);
std::vector<const Operation*> operations_of(const Catalog& catalog, std::string_view module);
// Those of all modules.
std::vector<const Operation*> spoken_operations(const Catalog& catalog);

// " did you mean 'scan'?" or "" when nothing is close.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace credence::surface
