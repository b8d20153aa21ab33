#include "surface/cli/arguments.h"

#include <algorithm>

#include "base/text.h"

namespace credence::surface {
namespace {

constexpr std::size_t kMaxSuggestDistance = 3;
constexpr std::size_t kMaxSuggestBytes = 64;  // of a word worth comparing

std::string join(const std::vector<std::string>& words, std::string_view separator) {
    std::string out;
    for (const std::string& word : words) {
        if (!out.empty()) {
            out += separator;
        }
        out += word;
    }
    return out;
}

std::string spoken_name(const Operation& operation) {
    return to_kebab(operation.module) + " " + to_kebab(operation.verb);
}

std::vector<std::string> all_flags(const Operation& operation) {
    std::vector<std::string> flags;
    for (const Field& field : operation.request->fields) {
        flags.push_back(flag_name(field));
    }
    for (const std::string_view flag : {kInputFlag, kJsonFlag, kHelpFlag}) {
        flags.emplace_back(flag);
    }
    return flags;
}

std::unexpected<Error> usage(std::string message) {
    return fail(Code::invalid, std::move(message));
}

Result<const Operation*> find_operation(const Catalog& catalog,
                                        const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        return usage("say what to do: MODULE OPERATION");
    }
    const std::string module = to_snake(arguments[0]);
    const auto operations = operations_of(catalog, module);
    if (operations.empty()) {
        std::vector<std::string> modules = module_names(catalog);
        std::ranges::transform(modules, modules.begin(), to_kebab);
        return usage("unknown command '" + arguments[0] + "';" +
                     suggestion(to_kebab(module), modules) + " modules: " + join(modules, " "));
    }
    std::vector<std::string> verbs;
    for (const Operation* operation : operations) {
        if (arguments.size() > 1 && operation->verb == to_snake(arguments[1])) {
            return operation;
        }
        verbs.push_back(to_kebab(operation->verb));
    }
    if (arguments.size() < 2) {
        return usage("'" + arguments[0] + "' needs an operation: " + join(verbs, " "));
    }
    return usage("unknown operation '" + arguments[1] + "' of " + arguments[0] + ";" +
                 suggestion(to_kebab(arguments[1]), verbs) + " operations: " + join(verbs, " "));
}

// Walks the arguments after the operation's name.
class Parser {
public:
    Parser(const Operation& operation, const std::vector<std::string>& arguments)
        : arguments_(arguments) {
        invocation_.operation = &operation;
    }

    Result<Invocation> parse() {
        bool flags_ended = false;
        for (next_ = 2; next_ < arguments_.size();) {
            const std::string& argument = arguments_[next_++];
            if (!flags_ended && argument == "--") {
                flags_ended = true;
            } else if (!flags_ended && (argument.starts_with("--") || argument == "-h")) {
                TRY(flag(argument));
            } else {
                TRY(positional(argument));
            }
        }
        return std::move(invocation_);
    }

private:
    Result<void> flag(const std::string& argument) {
        const std::size_t equals = argument.find('=');
        const std::string name = "--" + to_kebab(argument.substr(0, equals).substr(2));
        std::optional<std::string> value;
        if (equals != std::string::npos) {
            value = argument.substr(equals + 1);
        }
        if (argument == "-h" || name == kHelpFlag) {
            invocation_.help = true;
            return {};
        }
        if (name == kJsonFlag && !value) {
            invocation_.json = true;
            return {};
        }
        if (name == kInputFlag) {
            if (invocation_.input) {
                return usage("--input is given twice");
            }
            invocation_.input = TRY(value_of(name, std::move(value)));
            return {};
        }
        return field_flag(name, std::move(value));
    }

    Result<void> field_flag(const std::string& name, std::optional<std::string> value) {
        const Operation& operation = *invocation_.operation;
        const auto found = std::ranges::find_if(operation.request->fields, [&](const Field& field) {
            return flag_name(field) == name;
        });
        if (found == operation.request->fields.end()) {
            const auto flags = all_flags(operation);
            return usage("unknown flag " + name + " of '" + spoken_name(operation) + "';" +
                         suggestion(name, flags) + " flags: " + join(flags, " "));
        }
        if (written_shape(*found).kind == Kind::boolean && !value) {
            // A switch stands alone; a following true or false is its value.
            const bool spelled = next_ < arguments_.size() &&
                                 (arguments_[next_] == "true" || arguments_[next_] == "false");
            value = spelled ? arguments_[next_++] : "true";
        }
        invocation_.values.emplace_back(&*found, TRY(value_of(name, std::move(value))));
        return {};
    }

    Result<std::string> value_of(const std::string& name, std::optional<std::string> value) {
        if (value) {
            return *std::move(value);
        }
        if (next_ == arguments_.size() || arguments_[next_].starts_with("--")) {
            return usage(name + " needs a value; one that begins with -- is written " + name +
                         "=VALUE");
        }
        return arguments_[next_++];
    }

    Result<void> positional(const std::string& argument) {
        const Operation& operation = *invocation_.operation;
        if (operation.positional == Positional::none) {
            return usage("unexpected argument '" + argument + "': '" + spoken_name(operation) +
                         "' takes flags only");
        }
        if (!invocation_.positional.empty() && operation.positional != Positional::values) {
            return usage("unexpected argument '" + argument + "': '" + spoken_name(operation) +
                         "' takes one");
        }
        invocation_.positional.push_back(argument);
        return {};
    }

    const std::vector<std::string>& arguments_;
    std::size_t next_ = 0;
    Invocation invocation_;
};

}  // namespace

std::string to_kebab(std::string_view name) {
    std::string out(name);
    std::ranges::replace(out, '_', '-');
    return out;
}

std::string to_snake(std::string_view name) {
    std::string out(name);
    std::ranges::replace(out, '-', '_');
    return out;
}

std::string flag_name(const Field& field) {
    std::string name = "--" + to_kebab(field.name);
    if (name == kJsonFlag || name == kInputFlag || name == kHelpFlag) {
        name.insert(2, "field-");
    }
    return name;
}

const Shape& written_shape(const Field& field) {
    return field.shape->kind == Kind::optional ? *field.shape->inner : *field.shape;
}

std::vector<std::string> module_names(const Catalog& catalog) {
    std::vector<std::string> names;
    for (const auto* list : {&catalog.operations(), &catalog.local()}) {
        for (const Operation& operation : *list) {
            if (std::ranges::find(names, operation.module) == names.end()) {
                names.push_back(operation.module);
            }
        }
    }
    return names;
}

std::vector<const Operation*> operations_of(const Catalog& catalog, std::string_view module) {
    std::vector<const Operation*> operations;
    for (const Operation& operation : catalog.operations()) {
        if (operation.module == module) {
            operations.push_back(&operation);
        }
    }
    for (const Operation& operation : catalog.local()) {
        if (operation.module != module) {
            continue;
        }
        const auto same = std::ranges::find_if(
            operations, [&](const Operation* served) { return served->verb == operation.verb; });
        if (same != operations.end()) {
            *same = &operation;
        } else {
            operations.push_back(&operation);
        }
    }
    return operations;
}

std::vector<const Operation*> spoken_operations(const Catalog& catalog) {
    std::vector<const Operation*> operations;
    for (const std::string& module : module_names(catalog)) {
        const auto own = operations_of(catalog, module);
        operations.insert(operations.end(), own.begin(), own.end());
    }
    return operations;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
    if (word.size() > kMaxSuggestBytes) {
        return {};
    }
    std::size_t best = std::min(kMaxSuggestDistance, word.size() / 2) + 1;
    std::string_view closest;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best) {
            best = distance;
            closest = candidate;
        }
    }
    return closest.empty() ? std::string() : " did you mean '" + std::string(closest) + "'?";
}

Result<Invocation> parse_arguments(const Catalog& catalog,
                                   const std::vector<std::string>& arguments) {
    const Operation* operation = TRY(find_operation(catalog, arguments));
    return Parser(*operation, arguments).parse();
}

}  // namespace credence::surface
