#include "surface/cli/help.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "surface/cli/cli.h"

namespace credence::surface {
namespace {

constexpr std::size_t kFlagColumn = 34;  // where descriptions start

std::string placeholder(const Shape& shape) {
    switch (shape.kind) {
        case Kind::boolean:
            return {};
        case Kind::integer:
        case Kind::number:
            return "N";
        case Kind::text:
            return "TEXT";
        case Kind::enumeration:
            return fmt::format("{}", fmt::join(shape.enumerators, "|"));
        case Kind::parsed: {
            std::string name = shape.format;
            std::ranges::transform(name, name.begin(), [](char c) {
                return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
            });
            return name;
        }
        case Kind::json:
        case Kind::object:
        case Kind::dictionary:
            return "JSON";
        case Kind::list: {
            const std::string inner = placeholder(*shape.inner);
            return inner == "JSON" ? inner : inner + ",...";
        }
        case Kind::optional:
            return placeholder(*shape.inner);
    }
    return {};
}

std::string_view unit_of(const Shape& shape) {
    return shape.kind == Kind::text ? "bytes" : "items";
}

// "required; 1 to 64 bytes"
std::string facts(const Operation& operation, const Field& field) {
    const Shape& shape = written_shape(field);
    std::vector<std::string> facts;
    if (field.required) {
        facts.emplace_back("required");
    }
    if (field.minimum) {
        facts.push_back(fmt::format("{} to {}", *field.minimum, *field.maximum));
    }
    if (field.min_length > 0 && field.max_length > 0) {
        facts.push_back(
            fmt::format("{} to {} {}", field.min_length, field.max_length, unit_of(shape)));
    } else if (field.max_length > 0) {
        facts.push_back(fmt::format("at most {} {}", field.max_length, unit_of(shape)));
    } else if (field.min_length > 0) {
        facts.push_back(fmt::format("at least {} {}", field.min_length, unit_of(shape)));
    }
    if (!field.required && field.shape->kind != Kind::optional &&
        operation.request->prototype != nullptr) {
        std::string value;
        encode_json(shape, static_cast<const char*>(operation.request->prototype) + field.offset,
                    value);
        if (value != "\"\"" && value != "[]" && value != "{}") {
            facts.push_back("default " + value);
        }
    }
    if (shape.kind == Kind::list) {
        facts.emplace_back("repeatable");
    }
    return facts.empty() ? std::string() : fmt::format(" ({})", fmt::join(facts, "; "));
}

void append_flag(std::string_view flag, std::string_view description, std::string& out) {
    std::string left = fmt::format("  {}", flag);
    if (left.size() + 2 > kFlagColumn) {
        out += left + "\n";
        left.clear();
    }
    out += fmt::format("{:<{}}{}\n", left, kFlagColumn, description);
}

std::string positional_usage(const Operation& operation) {
    switch (operation.positional) {
        case Positional::none:
            return {};
        case Positional::value:
        case Positional::values: {
            std::string name = operation.positional_field;
            std::ranges::transform(name, name.begin(), [](char c) {
                return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
            });
            return operation.positional == Positional::values ? " " + name + " ..."
                                                              : " [" + name + "]";
        }
        case Positional::file:
            return " [FILE|-]";
        case Positional::json_lines:
            return " [FILE.jsonl|-]";
    }
    return {};
}

std::string positional_note(const Operation& operation) {
    switch (operation.positional) {
        case Positional::none:
            return {};
        case Positional::values:
            return "The arguments are " + operation.positional_field + ".\n";
        case Positional::value:
            return "The argument is " + operation.positional_field + ".\n";
        case Positional::file:
            return "The content of FILE, or of standard input, is " + operation.positional_field +
                   ".\n";
        case Positional::json_lines:
            return "Each line of FILE, or of standard input, is one JSON value of " +
                   operation.positional_field + ".\n";
    }
    return {};
}

// As a POSIX shell takes it.
std::string shell_word(std::string_view text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,=";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
        return std::string(text);
    }
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

std::string example_value(const Field& field) {
    if (field.example.empty()) {
        return placeholder(written_shape(field));
    }
    // A JSON string is written without its quotes when it holds nothing escaped.
    const std::string_view json = field.example;
    const bool bare = json.size() >= 2 && json.front() == '"' &&
                      json.find('\\') == std::string_view::npos &&
                      written_shape(field).kind != Kind::json;
    return shell_word(bare ? json.substr(1, json.size() - 2) : json);
}

std::string example_of(const Operation& operation) {
    std::string out = command_of(operation);
    for (const Field& field : operation.request->fields) {
        if (!field.required && field.example.empty()) {
            continue;
        }
        const bool positional =
            operation.positional != Positional::none && operation.positional_field == field.name;
        if (positional && operation.positional == Positional::value) {
            out += " " + example_value(field);
        } else if (positional && operation.positional == Positional::json_lines) {
            out += " FILE.jsonl";
        } else {
            out += " " + flag_name(field);
            out += placeholder(written_shape(field)).empty() ? "" : " " + example_value(field);
        }
    }
    return out;
}

}  // namespace

std::string command_of(const Operation& operation) {
    return "credence " + to_kebab(operation.module) + " " + to_kebab(operation.verb);
}

std::string operation_help(const Operation& operation) {
    std::string out = "Usage: " + command_of(operation) + positional_usage(operation) +
                      " [FLAGS]\n\n" + operation.summary + ".\n";
    if (!operation.description.empty()) {
        out += operation.description + "\n";
    }
    out += positional_note(operation);
    out += "\nFlags:\n";
    for (const Field& field : operation.request->fields) {
        const std::string value = placeholder(written_shape(field));
        append_flag(flag_name(field) + (value.empty() ? "" : " " + value),
                    field.doc + facts(operation, field), out);
    }
    append_flag("--input FILE|-", "The whole request as JSON; flags replace its members", out);
    append_flag("--json", "Print the answer, or the error, as JSON", out);
    append_flag("--help", "Print this", out);
    out += "\nLists take commas, repeated flags, or a JSON array.\n";
    out += "\nExample:\n  " + example_of(operation) + "\n";
    return out;
}

std::string module_help(const Catalog& catalog, std::string_view module) {
    std::string out;
    std::size_t widest = 0;
    const auto operations = operations_of(catalog, module);
    for (const Operation* operation : operations) {
        widest = std::max(widest, operation->verb.size());
    }
    out += fmt::format("credence {} OPERATION\n", to_kebab(module));
    for (const Operation* operation : operations) {
        out += fmt::format("  {:<{}}  {}\n", to_kebab(operation->verb), widest, operation->summary);
    }
    return out;
}

std::string operations_help(const Catalog& catalog) {
    std::string out;
    for (const std::string& module : module_names(catalog)) {
        out += module_help(catalog, module) + "\n";
    }
    out += "credence MODULE OPERATION --help lists the flags of one.\n";
    return out;
}

}  // namespace credence::surface
