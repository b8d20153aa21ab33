#include "surface/cli/request.h"

#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"

namespace credence::surface {
namespace {

namespace dom = simdjson::dom;

// The request under construction: field name and JSON, in order.
class Members {
public:
    void set(std::string_view name, std::string json) {
        const auto found = find(name);
        if (found != members_.end()) {
            found->second = std::move(json);
        } else {
            members_.emplace_back(name, std::move(json));
        }
    }

    // Also when the name is there already: duplicates are the operation's to refuse.
    void add(std::string_view name, std::string json) {
        members_.emplace_back(name, std::move(json));
    }

    bool has(std::string_view name) { return find(name) != members_.end(); }

    std::string json() const {
        std::string out = "{";
        for (const auto& [name, json] : members_) {
            if (out.size() > 1) {
                out += ',';
            }
            append_json_string(name, out);
            out += ':';
            out += json;
        }
        out += '}';
        return out;
    }

private:
    using Member = std::pair<std::string, std::string>;
    std::vector<Member>::iterator find(std::string_view name) {
        return std::ranges::find(members_, name, &Member::first);
    }

    std::vector<Member> members_;
};

std::unexpected<Error> invalid(std::string message, const Field* field = nullptr) {
    return fail(Code::invalid, std::move(message), field == nullptr ? std::string() : field->name);
}

Result<std::string> read_stream(std::FILE* in) {
    std::string content;
    std::array<char, 65536> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), in)) {
        if (content.size() + got > kMaxInputBytes) {
            return invalid("standard input has more than " + std::to_string(kMaxInputBytes) +
                           " bytes");
        }
        content.append(buffer.data(), got);
    }
    if (std::ferror(in) != 0) {
        return invalid("standard input cannot be read");
    }
    return content;
}

Result<std::string> read_named(const std::string& name, std::FILE* in) {
    if (name == "-") {
        return read_stream(in);
    }
    auto content = read_file(name, kMaxInputBytes);
    if (!content) {
        return invalid("cannot read '" + name + "': " + content.error().message);
    }
    return content;
}

bool is_structured(const Shape& shape) {
    return shape.kind == Kind::object || shape.kind == Kind::dictionary || shape.kind == Kind::json;
}

Result<std::string> checked_json(std::string_view text, const Field& field) {
    if (auto valid = validate_json(text); !valid) {
        return invalid("must be JSON: " + valid.error().message, &field);
    }
    return std::string(trim(text));
}

// The items one occurrence of a list flag stands for, comma-separated JSON without brackets.
Result<std::string> list_items(std::string_view text, const Field& field) {
    const Shape& list = written_shape(field);
    std::string array;
    if (trim(text).starts_with('[')) {
        array = TRY(checked_json(text, field));
    } else if (is_structured(*list.inner)) {
        return checked_json(text, field);
    } else {
        array = json_from_text(list, text);
    }
    return std::string(trim(std::string_view(array).substr(1, array.size() - 2)));
}

Result<std::string> list_json(const std::vector<std::string_view>& texts, const Field& field) {
    std::string out = "[";
    for (const std::string_view text : texts) {
        const std::string items = TRY(list_items(text, field));
        if (out.size() > 1 && !items.empty()) {
            out += ',';
        }
        out += items;
    }
    out += ']';
    return out;
}

Result<std::string> field_json(const std::vector<std::string_view>& texts, const Field& field) {
    const Shape& shape = written_shape(field);
    if (shape.kind == Kind::list) {
        return list_json(texts, field);
    }
    if (texts.size() > 1) {
        return invalid(flag_name(field) + " is given twice", &field);
    }
    if (is_structured(shape)) {
        return checked_json(texts.front(), field);
    }
    return json_from_text(shape, texts.front());
}

Result<std::string> lines_json(std::string_view content, const Field& field) {
    std::string out = "[";
    std::size_t number = 0;
    for (const std::string_view raw : split(content, '\n')) {
        ++number;
        const std::string_view line = trim(raw);
        if (line.empty()) {
            continue;
        }
        if (auto valid = validate_json(line); !valid) {
            return invalid("line " + std::to_string(number) + ": " + valid.error().message, &field);
        }
        if (out.size() > 1) {
            out += ',';
        }
        out += line;
    }
    out += ']';
    return out;
}

Result<std::string> file_json(const std::string& name, const Field& field, std::FILE* in) {
    const std::string content = TRY(read_named(name, in));
    const Shape& shape = written_shape(field);
    if (is_structured(shape) || shape.kind == Kind::list) {
        return checked_json(content, field);
    }
    return json_from_text(shape, content);
}

Result<void> add_input(const std::string& json, Members& members) {
    TRY(validate_json(json));
    dom::parser parser;
    dom::element root;
    dom::object object;
    if (parser.parse(json).get(root) != simdjson::SUCCESS ||
        root.get_object().get(object) != simdjson::SUCCESS) {
        return invalid("--input must hold one JSON object");
    }
    for (const auto& member : object) {
        members.add(member.key, simdjson::minify(member.value));
    }
    return {};
}

class Builder {
public:
    Builder(const Invocation& invocation, std::FILE* in) : invocation_(invocation), in_(in) {}

    Result<std::string> build() {
        if (invocation_.input) {
            const auto& positional = invocation_.positional;
            if (*invocation_.input == "-" && !positional.empty() && positional.front() == "-") {
                return invalid("standard input can be read only once");
            }
            auto added = add_input(TRY(read_named(*invocation_.input, in_)), members_);
            if (!added) {
                return invalid("--input: " + added.error().message);
            }
        }
        TRY(add_flags());
        TRY(add_positional());
        for (const Field& field : invocation_.operation->request->fields) {
            if (field.required && !members_.has(field.name)) {
                return invalid(missing(field), &field);
            }
        }
        return members_.json();
    }

private:
    Result<void> add_flags() {
        for (const Field& field : invocation_.operation->request->fields) {
            std::vector<std::string_view> texts;
            for (const auto& [flag, text] : invocation_.values) {
                if (flag == &field) {
                    texts.push_back(text);
                }
            }
            if (!texts.empty()) {
                members_.set(field.name, TRY(field_json(texts, field)));
            }
        }
        return {};
    }

    Result<void> add_positional() {
        const Operation& operation = *invocation_.operation;
        if (operation.positional == Positional::none) {
            return {};
        }
        const Field& field = *operation.request->find(operation.positional_field);
        const bool flagged = std::ranges::any_of(
            invocation_.values, [&](const auto& value) { return value.first == &field; });
        std::string text;
        if (!invocation_.positional.empty()) {
            if (flagged) {
                return invalid("is given both as an argument and as " + flag_name(field), &field);
            }
            text = invocation_.positional.front();
        } else if (reads_stdin(field)) {
            text = "-";
        } else {
            return {};
        }
        members_.set(field.name, TRY(positional_json(text, field)));
        return {};
    }

    // `echo hello | credence guard scan`
    bool reads_stdin(const Field& field) {
        return field.required && invocation_.operation->positional != Positional::value &&
               invocation_.operation->positional != Positional::values &&
               !members_.has(field.name) && !invocation_.input && ::isatty(::fileno(in_)) == 0;
    }

    Result<std::string> positional_json(const std::string& text, const Field& field) {
        switch (invocation_.operation->positional) {
            case Positional::file:
                return file_json(text, field, in_);
            case Positional::json_lines:
                return lines_json(TRY(read_named(text, in_)), field);
            case Positional::values:
                return field_json({invocation_.positional.begin(), invocation_.positional.end()},
                                  field);
            case Positional::value:
            case Positional::none:
                break;
        }
        return field_json({text}, field);
    }

    std::string missing(const Field& field) const {
        const Operation& operation = *invocation_.operation;
        if (operation.positional == Positional::none || operation.positional_field != field.name) {
            return flag_name(field) + " is required";
        }
        return (operation.positional == Positional::value ? "the argument " + field.name
                                                          : std::string("a FILE")) +
               " or " + flag_name(field) + " is required";
    }

    const Invocation& invocation_;
    std::FILE* in_;
    Members members_;
};

}  // namespace

Result<std::string> make_request(const Invocation& invocation, std::FILE* in) {
    return Builder(invocation, in).build();
}

}  // namespace credence::surface
