// The only file of the module that sees toml++. A [[recipe]] table becomes JSON and is read by
// Recipe's shape; errors are brought back to their line. For files of the operator, not of callers.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/json.h"
#include "base/text.h"
#include "capabilities/trust/claims/recipe.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxTomlBytes = std::size_t{1} << 20;
constexpr int kMaxBaseDepth = 8;

class RecipeReader {
public:
    explicit RecipeReader(std::string_view file_name) : file_(file_name) {}

    Result<std::vector<Recipe>> read(const toml::table& root) {
        std::vector<Recipe> recipes;
        for (const auto& [key, node] : root) {
            if (key.str() != "recipe" || !node.is_array_of_tables()) {
                return error(key.source().begin.line,
                             fmt::format("'{}' is unknown: the file holds [[recipe]] tables",
                                         std::string_view(key.str())));
            }
            for (const toml::node& item : *node.as_array()) {
                recipes.push_back(TRY(read_recipe(*item.as_table())));
            }
        }
        return recipes;
    }

private:
    Result<Recipe> read_recipe(const toml::table& table) {
        lines_.clear();
        std::string json;
        TRY(append(table, "", 0, json));
        const auto table_line = static_cast<std::int64_t>(table.source().begin.line);
        auto recipe = from_json<Recipe>(json);
        if (!recipe) {
            return located(recipe.error(), table_line);
        }
        if (auto checked = check_recipe(*recipe); !checked) {
            return located(checked.error(), table_line);
        }
        const auto [before, added] = names_.emplace(recipe->name, table_line);
        if (!added) {
            return error(table_line, fmt::format("the recipe '{}' stands in line {} already",
                                                 recipe->name, before->second));
        }
        return recipe;
    }

    std::unexpected<Error> error(std::int64_t line, const std::string& message) const {
        return fail(Code::invalid, fmt::format("{}:{}: {}", file_, line, message));
    }

    // The line of the field, or of the nearest thing around it.
    std::unexpected<Error> located(const Error& problem, std::int64_t table_line) const {
        std::string path = problem.field;
        while (!path.empty()) {
            if (const auto found = lines_.find(path); found != lines_.end()) {
                return error(found->second, problem.field + " " + problem.message);
            }
            const std::size_t cut = path.find_last_of(".[");
            path.resize(cut == std::string::npos ? 0 : cut);
        }
        return error(table_line, problem.field + " " + problem.message);
    }

    Result<void> append_table(const toml::table& table, const std::string& path, int depth,
                              std::string& out) {
        out += '{';
        bool first = true;
        for (const auto& [key, value] : table) {
            const std::string here =
                path.empty() ? std::string(key.str()) : path + "." + std::string(key.str());
            lines_[here] = key.source().begin.line;
            out += first ? "" : ",";
            first = false;
            append_json_string(key.str(), out);
            out += ':';
            TRY(append(value, here, depth + 1, out));
        }
        out += '}';
        return {};
    }

    Result<void> append_array(const toml::array& array, const std::string& path, int depth,
                              std::string& out) {
        out += '[';
        std::size_t index = 0;
        for (const toml::node& value : array) {
            const std::string here = fmt::format("{}[{}]", path, index);
            lines_[here] = value.source().begin.line;
            out += index++ == 0 ? "" : ",";
            TRY(append(value, here, depth + 1, out));
        }
        out += ']';
        return {};
    }

    Result<void> append(const toml::node& node, const std::string& path, int depth,
                        std::string& out) {
        if (depth > kMaxBaseDepth) {
            return error(node.source().begin.line, "values are nested too deeply");
        }
        if (const auto* table = node.as_table()) {
            return append_table(*table, path, depth, out);
        }
        if (const auto* array = node.as_array()) {
            return append_array(*array, path, depth, out);
        }
        if (const auto* text = node.as_string()) {
            append_json_string(text->get(), out);
        } else if (const auto* integer = node.as_integer()) {
            out += std::to_string(integer->get());
        } else if (const auto* truth = node.as_boolean()) {
            out += truth->get() ? "true" : "false";
        } else if (const auto* number = node.as_floating_point();
                   number != nullptr && std::isfinite(number->get())) {
            fmt::format_to(std::back_inserter(out), "{}", number->get());
        } else {
            return error(node.source().begin.line, path + " is neither text nor a finite number");
        }
        return {};
    }

    std::string file_;
    std::map<std::string, std::int64_t> lines_;  // by path, of the recipe at hand
    std::map<std::string, std::int64_t> names_;
};

}  // namespace

Result<std::vector<Recipe>> read_recipes(std::string_view toml, std::string_view file_name) {
    if (toml.size() > kMaxTomlBytes) {
        return fail(Code::too_large,
                    fmt::format("{}: must have at most {} bytes", file_name, kMaxTomlBytes));
    }
    try {
        return RecipeReader(file_name).read(toml::parse(toml, file_name));
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid, fmt::format("{}:{}: {}", file_name, error.source().begin.line,
                                               error.description()));
    }
}

}  // namespace credence::trust
