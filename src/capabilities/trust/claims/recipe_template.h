// One argument of a recipe's argv or of one of its commands. Inside claims only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/trust/claims/recipe.h"

namespace credence::trust {

// A literal, "{name}", "--flag={name}" or "{name...}".
struct TemplateArgument {
    std::string literal;    // all of it; with a parameter: what stands before it
    std::string parameter;  // empty: a literal
    bool many = false;
};

// Code::invalid for braces in any other place.
Result<TemplateArgument> parse_template(std::string_view text, const std::string& field);

// Whether a value is of its parameter's type; behind_option: it stands behind "--flag=".
Result<void> check_value(const RecipeParameter& parameter, std::string_view value,
                         bool behind_option, const std::string& field);

// The words of a line by the quoting rules of POSIX, without expanding anything. Code::invalid for
// unclosed quotes and for characters that mean something to a shell and are not quoted.
Result<std::vector<std::string>> split_words(std::string_view line, const std::string& field);

}  // namespace credence::trust
