#include <string>

#include "surface/openapi/openapi.h"
#include "surface/openapi/reference.h"

namespace credence::surface {
namespace {

// Text inside a table cell: no pipes, no line ends.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') {
            out += "\\|";
        } else if (c == '\n') {
            out += ' ';
        } else {
            out += c;
        }
    }
    return out;
}

void append_table(const std::vector<FieldRow>& rows, bool with_required, std::string& out) {
    if (rows.empty()) {
        out += "No fields.\n\n";
        return;
    }
    out += with_required
               ? "| field | type | required | limits | meaning |\n| --- | --- | --- | --- | --- |\n"
               : "| field | type | meaning |\n| --- | --- | --- |\n";
    for (const FieldRow& row : rows) {
        out += "| `" + row.path + "` | " + cell(row.type) + " | ";
        if (with_required) {
            out += row.required ? "yes | " : "no | ";
            out += cell(row.limits) + " | ";
        }
        out += cell(row.doc) + " |\n";
    }
    out += '\n';
}

void append_code(std::string_view language, const std::string& text, std::string& out) {
    out.append("```").append(language).append("\n").append(text).append("\n```\n\n");
}

void append_operation(const Operation& operation, std::string& out) {
    out += "## " + operation.name + "\n\n" + operation.summary + ".\n\n";
    if (!operation.description.empty()) {
        out += operation.description + "\n\n";
    }
    out.append("`").append(to_string(operation.method)).append(" ").append(operation.path);
    out += "` · scope `" + operation.scope + "` · ";
    out.append(effect_text(operation.effect)).append(" · ").append(lane_text(operation.lane));
    out += "\n\n### Request\n\n";
    append_table(field_rows(*operation.request), true, out);
    append_code("sh", curl_example(operation), out);
    append_code("sh", cli_example(operation), out);
    if (const std::string call = mcp_example(operation); !call.empty()) {
        append_code("json", call, out);
    }
    out += "### Response\n\n";
    append_table(field_rows(*operation.response), false, out);
    append_code("json", response_example(operation), out);
}

}  // namespace

std::string reference_markdown(const Catalog& catalog, std::string_view module) {
    std::string out = "# " + std::string(module) + "\n\n";
    out += "Generated from the catalogue; change the operations, not this page.\n\n";
    for (const Operation& operation : catalog.operations()) {
        if (operation.module == module) {
            out.append("- [`").append(operation.name).append("`](#");
            std::string anchor = operation.name;
            std::erase(anchor, '.');
            out.append(anchor).append("): ").append(operation.summary).append("\n");
        }
    }
    out += '\n';
    for (const Operation& operation : catalog.operations()) {
        if (operation.module == module) {
            append_operation(operation, out);
        }
    }
    while (out.ends_with("\n\n")) {
        out.pop_back();
    }
    return out;
}

}  // namespace credence::surface
