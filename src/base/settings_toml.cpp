// The only file that sees toml++: it turns a TOML file into sections of JSON values.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/json.h"
#include "base/settings_parts.h"
#include "base/text.h"

namespace credence::settings_detail {
namespace {

constexpr std::size_t kMaxOpen = 32;  // brackets and braces within one another
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

Result<void> append_json(const toml::node& node, int depth, std::string& out);

Result<void> append_table(const toml::table& table, int depth, std::string& out) {
    out += '{';
    bool first = true;
    for (const auto& [key, value] : table) {
        out += first ? "" : ",";
        first = false;
        append_json_string(key.str(), out);
        out += ':';
        TRY(append_json(value, depth + 1, out));
    }
    out += '}';
    return {};
}

Result<void> append_array(const toml::array& array, int depth, std::string& out) {
    out += '[';
    bool first = true;
    for (const auto& value : array) {
        out += first ? "" : ",";
        first = false;
        TRY(append_json(value, depth + 1, out));
    }
    out += ']';
    return {};
}

// Values JSON does not have (dates, infinities) travel as text: the decoder then says what it
// wants.
template <class Node>
void append_as_text(const Node& node, std::string& out) {
    std::ostringstream text;
    text << node;
    append_json_string(text.str(), out);
}

Result<void> append_json(const toml::node& node, int depth, std::string& out) {
    if (depth > kMaxNesting / 2) {
        return fail(Code::invalid, "values are nested too deeply");
    }
    if (const auto* table = node.as_table()) {
        return append_table(*table, depth, out);
    }
    if (const auto* array = node.as_array()) {
        return append_array(*array, depth, out);
    }
    if (const auto* text = node.as_string()) {
        append_json_string(text->get(), out);
    } else if (const auto* integer = node.as_integer()) {
        out += std::to_string(integer->get());
    } else if (const auto* truth = node.as_boolean()) {
        out += truth->get() ? "true" : "false";
    } else if (const auto* number = node.as_floating_point()) {
        if (std::isfinite(number->get())) {
            fmt::format_to(std::back_inserter(out), "{}", number->get());
        } else {
            append_json_string(fmt::format("{}", number->get()), out);
        }
    } else if (const auto* date = node.as_date()) {
        append_as_text(date->get(), out);
    } else if (const auto* time = node.as_time()) {
        append_as_text(time->get(), out);
    } else if (const auto* date_time = node.as_date_time()) {
        append_as_text(date_time->get(), out);
    } else {
        return fail(Code::invalid, "holds a value of an unknown type");
    }
    return {};
}

// Skips a string that starts at `at`; returns the place after it.
std::size_t skip_string(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const std::string triple(3, quote);
    const bool multiline = text.substr(at, 3) == triple;
    at += multiline ? 3 : 1;
    while (at < text.size()) {
        if (text[at] == '\\' && quote == '"') {
            at += 2;
        } else if (multiline && text.substr(at, 3) == triple) {
            at += 3;
            // Up to two more quotes belong to the string: """a quote: """""
            while (at < text.size() && text[at] == quote) {
                ++at;
            }
            return at;
        } else if (!multiline && (text[at] == quote || text[at] == '\n')) {
            return at + 1;
        } else {
            ++at;
        }
    }
    return text.size();
}

// What may stand outside strings and comments.
class Structure {
public:
    // What is wrong once `c` has been seen, or "".
    std::string_view see(char c) {
        if (static_cast<unsigned char>(c) >= 0x80) {
            return "only strings and comments hold anything but ASCII";
        }
        if (c == '.') {
            return ++dots_ >= kMaxKeyParts ? "a key has too many parts" : "";
        }
        if (c == '\n' || c == '=' || c == ',') {
            dots_ = 0;
        } else if (c == '[' || c == '{') {
            dots_ = 0;
            open_ += c;
            return open_.size() > kMaxOpen ? "values are nested too deeply" : "";
        } else if (c == ']' || c == '}') {
            dots_ = 0;
            if (!open_.ends_with(c == ']' ? '[' : '{')) {
                return "a closing bracket has no opening one";
            }
            open_.pop_back();
        }
        return "";
    }

private:
    int dots_ = 0;
    std::string open_;
};

// Refuses, before the parser sees them, hostile forms it does not survive. It builds one table
// inside another for every dot of a key, without a limit, and destroys them recursively, which
// could use up the stack. And in release 3.3 a '}' in an array ("[}") and some letters beyond
// ASCII outside strings are undefined behaviour.
Result<void> check_structure(std::string_view text, std::string_view name) {
    Structure structure;
    for (std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
         at < text.size();) {
        const char c = text[at];
        if (c == '"' || c == '\'') {
            at = skip_string(text, at);
            continue;
        }
        if (c == '#') {
            at = std::min(text.find('\n', at), text.size());
            continue;
        }
        if (const std::string_view problem = structure.see(c); !problem.empty()) {
            const auto line = 1 + std::ranges::count(text.substr(0, at), '\n');
            return fail(Code::invalid, fmt::format("{}:{}: {}", name, line, problem));
        }
        ++at;
    }
    return {};
}

// The parser reads ahead, so that its errors about encoding name a wrong line.
Result<void> check_utf8(std::string_view text, std::string_view name) {
    if (is_valid_utf8(text)) {
        return {};
    }
    std::int64_t line = 1;
    for (const std::string_view content : split(text, '\n')) {
        if (!is_valid_utf8(content)) {
            break;
        }
        ++line;
    }
    return fail(Code::invalid, fmt::format("{}:{}: must be valid UTF-8", name, line));
}

Result<FileSection> read_section(const toml::key& key, const toml::node& node,
                                 std::string_view name) {
    FileSection section;
    section.line = key.source().begin.line;
    const toml::table* table = node.as_table();
    section.is_table = table != nullptr;
    if (table == nullptr) {
        return section;
    }
    for (const auto& [inner_key, value] : *table) {
        FileValue read;
        read.line = inner_key.source().begin.line;
        if (auto converted = append_json(value, 0, read.json); !converted) {
            return fail(Code::invalid, fmt::format("{}:{}: {}.{}: {}", name, read.line, key.str(),
                                                   inner_key.str(), converted.error().message));
        }
        section.values.emplace(inner_key.str(), std::move(read));
    }
    return section;
}

Result<File> read_sections(const toml::table& root, std::string_view name) {
    File file;
    for (const auto& [key, node] : root) {
        file.emplace(key.str(), TRY(read_section(key, node, name)));
    }
    return file;
}

}  // namespace

Result<File> parse_toml(std::string_view text, std::string_view name) {
    if (text.size() > kMaxTomlBytes) {
        return fail(Code::too_large,
                    fmt::format("{}: must have at most {} bytes", name, kMaxTomlBytes));
    }
    TRY(check_utf8(text, name));
    TRY(check_structure(text, name));
    try {
        return read_sections(toml::parse(text), name);
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid,
                    fmt::format("{}:{}: {}", name, error.source().begin.line, error.description()));
    }
}

}  // namespace credence::settings_detail
