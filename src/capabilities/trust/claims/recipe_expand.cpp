// From a recipe and the values of its parameters to an argv.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "capabilities/trust/claims/names.h"
#include "capabilities/trust/claims/recipe_template.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxArgvOut = 512;

bool is_word(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_.:@/-").find(c) != std::string_view::npos;
    });
}

Result<void> check_integer(const RecipeParameter& parameter, std::string_view value,
                           bool behind_option, const std::string& field) {
    const auto number = parse_integer(value);
    // One spelling only: "007" or "+7" mean other things to some programs.
    if (!number || std::to_string(*number) != value) {
        return invalid(field, "must be an integer");
    }
    if (*number < parameter.minimum || *number > parameter.maximum) {
        return invalid(
            field, fmt::format("must be between {} and {}", parameter.minimum, parameter.maximum));
    }
    if (*number < 0 && !behind_option) {
        return invalid(field, "must not be negative");
    }
    return {};
}

// The values of a parameter: those given, or its fallback.
Result<std::vector<std::string>> values_of(const std::string& name,
                                           const RecipeParameter& parameter,
                                           const Arguments& arguments) {
    const std::string field = "parameters." + name;
    const auto given = arguments.find(name);
    if (given == arguments.end() || given->second.empty()) {
        if (parameter.required) {
            return invalid(field, "is required");
        }
        return parameter.fallback ? std::vector<std::string>{*parameter.fallback}
                                  : std::vector<std::string>{};
    }
    if (!parameter.many && given->second.size() > 1) {
        return invalid(field, "takes one value");
    }
    if (given->second.size() > kMaxArguments) {
        return fail(Code::too_large, fmt::format("takes at most {} values", kMaxArguments), field);
    }
    return given->second;
}

Result<void> expand_one(const Recipe& recipe, const TemplateArgument& argument,
                        const Arguments& arguments, std::vector<std::string>& out) {
    if (argument.parameter.empty()) {
        out.push_back(argument.literal);
        return {};
    }
    const auto parameter = recipe.parameters.find(argument.parameter);
    if (parameter == recipe.parameters.end()) {
        return invalid("parameters." + argument.parameter, "is not a parameter of the recipe");
    }
    const auto values = TRY(values_of(argument.parameter, parameter->second, arguments));
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::string field = "parameters." + argument.parameter;
        if (parameter->second.many) {
            field += fmt::format("[{}]", i);
        }
        TRY(check_value(parameter->second, values[i], !argument.literal.empty(), field));
        out.push_back(argument.literal + values[i]);
    }
    return {};
}

}  // namespace

Result<TemplateArgument> parse_template(std::string_view text, const std::string& field) {
    TemplateArgument argument;
    const std::size_t open = text.find('{');
    if (open == std::string_view::npos && text.find('}') == std::string_view::npos) {
        argument.literal = text;
        return argument;
    }
    const std::string_view before = text.substr(0, open);
    const bool behind_option =
        before.starts_with('-') && before.ends_with('=') && before.size() > 2;
    if (open == std::string_view::npos || !text.ends_with('}') ||
        !(before.empty() || behind_option)) {
        return invalid(field, "a parameter is a whole argument, or stands after '--flag='");
    }
    std::string_view name = text.substr(open + 1, text.size() - open - 2);
    if (name.ends_with("...")) {
        name.remove_suffix(3);
        argument.many = true;
    }
    if (!is_plain_name(name) || (argument.many && behind_option)) {
        return invalid(field, "is not {name}, --flag={name} or {name...}");
    }
    argument.literal = before;
    argument.parameter = name;
    return argument;
}

Result<void> check_value(const RecipeParameter& parameter, std::string_view value,
                         bool behind_option, const std::string& field) {
    if (value.empty() || value.size() > kMaxArgumentBytes) {
        return invalid(field, "must have 1 to 4096 bytes");
    }
    switch (parameter.type) {
        case ParameterType::path:
            return check_relative_path(value, field);
        case ParameterType::word:
            if (!is_word(value)) {
                return invalid(field, "must be of letters, digits and _.:@/-");
            }
            return check_relative_path(value, field);
        case ParameterType::integer:
            return check_integer(parameter, value, behind_option, field);
        case ParameterType::choice:
            if (std::ranges::find(parameter.choices, value) == parameter.choices.end()) {
                return invalid(
                    field, fmt::format("must be one of {}", fmt::join(parameter.choices, ", ")));
            }
            return {};
    }
    return invalid(field, "is of an unknown type");
}

Result<std::vector<std::string>> expand(const Recipe& recipe, const Arguments& arguments) {
    std::vector<std::string_view> known;
    for (const auto& [name, parameter] : recipe.parameters) {
        known.push_back(name);
    }
    for (const auto& [name, values] : arguments) {
        if (!recipe.parameters.contains(name)) {
            return invalid("parameters." + show_name(name),
                           "is not a parameter of the recipe" + suggest(name, known));
        }
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < recipe.argv.size(); ++i) {
        const auto argument = TRY(parse_template(recipe.argv[i], fmt::format("argv[{}]", i)));
        TRY(expand_one(recipe, argument, arguments, out));
    }
    if (out.empty() || out.size() > kMaxArgvOut) {
        return fail(Code::too_large, fmt::format("more than {} arguments", kMaxArgvOut),
                    "parameters");
    }
    return out;
}

}  // namespace credence::trust
