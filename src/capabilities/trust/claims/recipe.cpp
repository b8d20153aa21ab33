#include "capabilities/trust/claims/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "capabilities/trust/claims/names.h"
#include "capabilities/trust/claims/recipe_template.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxArgv = 64;
constexpr std::size_t kMaxParameters = 16;
constexpr std::size_t kMaxCommands = 16;
constexpr std::size_t kMaxChoices = 64;
constexpr std::size_t kMaxEnvironment = 32;
constexpr std::size_t kMaxReadOnly = 32;
constexpr std::size_t kMaxPins = 256;
constexpr std::size_t kMaxTrees = 64;
constexpr std::size_t kMaxSummaryBytes = 500;

std::string at(std::string_view field, std::size_t index) {
    return fmt::format("{}[{}]", field, index);
}

Result<void> check_size(std::string_view field, std::size_t size, std::size_t minimum,
                        std::size_t maximum) {
    if (size < minimum || size > maximum) {
        return invalid(std::string(field),
                       fmt::format("must have {} to {} entries", minimum, maximum));
    }
    return {};
}

bool is_parameter_name(std::string_view name) {
    return is_plain_name(name) && name.find('-') == std::string_view::npos;
}

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && name.size() <= kSha256Digits && letter(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Result<void> check_parameter(const std::string& name, const RecipeParameter& parameter) {
    const std::string field = "parameters." + show_name(name);
    if (!is_parameter_name(name)) {
        return invalid(field, "a parameter's name is 1 to 64 of a-z, 0-9 and _");
    }
    const bool is_choice = parameter.type == ParameterType::choice;
    if (is_choice == parameter.choices.empty() || parameter.choices.size() > kMaxChoices) {
        return invalid(field + ".choices", is_choice ? "needs 1 to 64 choices"
                                                     : "only a parameter of type choice has them");
    }
    for (std::size_t i = 0; i < parameter.choices.size(); ++i) {
        const std::string& choice = parameter.choices[i];
        if (choice.empty() || choice.size() > kMaxArgumentBytes || has_control(choice) ||
            choice.front() == '-' || choice.front() == '@') {
            return invalid(at(field + ".choices", i),
                           "must not be empty, begin with '-' or '@' or hold control characters");
        }
    }
    if (parameter.type == ParameterType::integer && parameter.minimum > parameter.maximum) {
        return invalid(field + ".minimum", "must not be above maximum");
    }
    if (parameter.required && parameter.fallback) {
        return invalid(field + ".fallback", "a required parameter has no fallback");
    }
    if (parameter.fallback) {
        TRY(check_value(parameter, *parameter.fallback, true, field + ".fallback"));
    }
    return {};
}

// The parameter exists and is a list where a list stands. Tells its name in `used`.
Result<void> check_placeholder(const Recipe& recipe, const TemplateArgument& argument,
                               const std::string& field, std::set<std::string>& used) {
    if (argument.parameter.empty()) {
        return {};
    }
    const auto found = recipe.parameters.find(argument.parameter);
    if (found == recipe.parameters.end()) {
        return invalid(field, "there is no parameter '" + show_name(argument.parameter) + "'");
    }
    if (found->second.many != argument.many) {
        return invalid(field, found->second.many
                                  ? "a parameter with many values is written {name...}"
                                  : "only a parameter with many values is written {name...}");
    }
    if (!used.insert(argument.parameter).second) {
        return invalid(field, "this parameter stands here twice");
    }
    return {};
}

Result<void> check_argv(const Recipe& recipe) {
    TRY(check_size("argv", recipe.argv.size(), 1, kMaxArgv));
    if (!is_normal_absolute(recipe.argv.front()) ||
        recipe.argv.front().find_first_of("{}") != std::string::npos) {
        return invalid("argv[0]", "must be the absolute path of a program");
    }
    std::set<std::string> used;
    for (std::size_t i = 1; i < recipe.argv.size(); ++i) {
        const std::string& text = recipe.argv[i];
        const std::string field = at("argv", i);
        if (text.empty() || text.size() > kMaxArgumentBytes || has_control(text) ||
            !is_valid_utf8(text)) {
            return invalid(field, "must have 1 to 4096 bytes without control characters");
        }
        const auto argument = TRY(parse_template(text, field));
        TRY(check_placeholder(recipe, argument, field, used));
        if (argument.parameter.empty() || !argument.literal.empty()) {
            continue;
        }
        const RecipeParameter& parameter = recipe.parameters.at(argument.parameter);
        if (parameter.type == ParameterType::integer && parameter.minimum < 0) {
            return invalid(field, "a negative number would be an option: write --flag={name}");
        }
    }
    for (const auto& [name, parameter] : recipe.parameters) {
        if (!used.contains(name)) {
            return invalid("parameters." + name, "does not stand in argv");
        }
    }
    return {};
}

Result<void> check_command(const Recipe& recipe, const std::string& command,
                           const std::string& field) {
    if (command.size() > kMaxCommandBytes || has_control(command)) {
        return invalid(field, "is too long or holds control characters");
    }
    const auto words = TRY(split_words(command, field));
    if (words.empty() || words.size() > kMaxArgv) {
        return invalid(field, "must have 1 to 64 words");
    }
    std::set<std::string> used;
    int lists = 0;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto argument = TRY(parse_template(words[i], field));
        if (i == 0 && !argument.parameter.empty()) {
            return invalid(field, "must begin with the name of a program");
        }
        TRY(check_placeholder(recipe, argument, field, used));
        lists += argument.many ? 1 : 0;
    }
    if (lists > 1) {
        return invalid(field, "may hold one {name...} only");
    }
    for (const auto& [name, parameter] : recipe.parameters) {
        if (parameter.required && !used.contains(name)) {
            return invalid(field, "lacks the required parameter '" + name + "'");
        }
    }
    return {};
}

Result<void> check_environment(const Recipe& recipe) {
    TRY(check_size("environment", recipe.environment.size(), 0, kMaxEnvironment));
    for (const auto& [name, value] : recipe.environment) {
        const std::string field = "environment." + show_name(name);
        if (!is_variable_name(name)) {
            return invalid(field, "a variable's name is 1 to 64 letters, digits and _");
        }
        if (value.size() > kMaxArgumentBytes || has_control(value) || !is_valid_utf8(value)) {
            return invalid(field, "must have at most 4096 bytes without control characters");
        }
    }
    return {};
}

bool is_kernel_path(std::string_view path) {
    constexpr std::string_view kFolders[] = {"/proc", "/sys", "/dev"};
    return std::ranges::any_of(kFolders, [&](std::string_view folder) {
        return path == folder || path.starts_with(std::string(folder) + "/");
    });
}

Result<void> check_places(const Recipe& recipe) {
    TRY(check_size("read_only", recipe.read_only.size(), 0, kMaxReadOnly));
    for (std::size_t i = 0; i < recipe.read_only.size(); ++i) {
        const std::string& path = recipe.read_only[i];
        if (!is_normal_absolute(path) || is_kernel_path(path)) {
            return invalid(at("read_only", i),
                           "must be an absolute path, not '/' nor of the kernel's folders");
        }
    }
    if (!recipe.folder.empty()) {
        TRY(check_relative_path(recipe.folder, "folder"));
    }
    if (!recipe.needs_tree && (recipe.writable_tree || !recipe.folder.empty() ||
                               !recipe.pins.empty() || !recipe.trees.empty())) {
        return invalid("needs_tree", "writable_tree, folder, pins and trees need a tree");
    }
    if (!recipe.report_file.empty()) {
        if (!is_normal_absolute(recipe.report_file) || !recipe.report_file.starts_with("/tmp/")) {
            return invalid("report_file", "must be a path below /tmp");
        }
        if (recipe.report == ReportFormat::none) {
            return invalid("report", "a recipe with a report_file says in which form it is");
        }
    }
    return {};
}

Result<void> check_pins(const Recipe& recipe) {
    TRY(check_size("pins", recipe.pins.size(), 0, kMaxPins));
    for (const auto& [path, digest] : recipe.pins) {
        const std::string field = "pins." + show_name(path);
        TRY(check_relative_path(path, field));
        const bool hex = std::ranges::all_of(
            digest, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
        if (digest.size() != kSha256Digits || !hex) {
            return invalid(field, "must be a SHA-256 of 64 lower-case hex digits");
        }
    }
    TRY(check_size("trees", recipe.trees.size(), 0, kMaxTrees));
    for (std::size_t i = 0; i < recipe.trees.size(); ++i) {
        if (!is_plain_name(recipe.trees[i])) {
            return invalid(at("trees", i), "must be the name of a tree");
        }
    }
    return {};
}

// Their upper bounds are the sandbox's to check.
Result<void> check_limits(const sandbox::Limits& limits) {
    const std::pair<const char*, std::int64_t> all[] = {
        {"limits.wall_ms", limits.wall_ms},
        {"limits.cpu_ms", limits.cpu_ms},
        {"limits.memory_bytes", limits.memory_bytes},
        {"limits.scratch_bytes", limits.scratch_bytes},
        {"limits.file_bytes", limits.file_bytes},
        {"limits.output_bytes", limits.output_bytes},
        {"limits.processes", limits.processes},
        {"limits.open_files", limits.open_files},
    };
    for (const auto& [field, value] : all) {
        if (value <= 0) {
            return invalid(field, "must be above 0");
        }
    }
    return {};
}

}  // namespace

Result<void> check_recipe(const Recipe& recipe) {
    if (!is_plain_name(recipe.name)) {
        return invalid("name", "must be 1 to 64 of a-z, 0-9, _ and -");
    }
    if (recipe.summary.empty() || recipe.summary.size() > kMaxSummaryBytes ||
        has_control(recipe.summary) || !is_valid_utf8(recipe.summary)) {
        return invalid("summary", "must be one line of 1 to 500 bytes");
    }
    const std::set<ClaimKind> kinds(recipe.kinds.begin(), recipe.kinds.end());
    if (kinds.empty() || kinds.size() != recipe.kinds.size()) {
        return invalid("kinds", "must name at least one kind of claim, each once");
    }
    if (!(recipe.strength > 0 && recipe.strength <= 1)) {
        return invalid("strength", "must be above 0 and at most 1");
    }
    TRY(check_size("parameters", recipe.parameters.size(), 0, kMaxParameters));
    for (const auto& [name, parameter] : recipe.parameters) {
        TRY(check_parameter(name, parameter));
    }
    TRY(check_argv(recipe));
    TRY(check_size("commands", recipe.commands.size(), 0, kMaxCommands));
    for (std::size_t i = 0; i < recipe.commands.size(); ++i) {
        TRY(check_command(recipe, recipe.commands[i], at("commands", i)));
    }
    TRY(check_environment(recipe));
    TRY(check_places(recipe));
    TRY(check_pins(recipe));
    return check_limits(recipe.limits);
}

std::string recipe_digest(const Recipe& recipe) {
    return "sha256:" + sha256_hex(to_json(recipe));
}

}  // namespace credence::trust
