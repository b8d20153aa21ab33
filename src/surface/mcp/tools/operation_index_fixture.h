// The shipped catalogue as the published OpenAPI document tells it, and the labelled requests of
// tests/quality, for the test and the bench of the search.
#pragma once

#include <simdjson.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "surface/mcp/tools/operation_index.h"

namespace credence::surface::mcp::testing {

struct PublishedCatalogue {
    std::vector<std::string> names;  // "guard.scan"
    std::vector<OperationText> texts;
};

struct LabelledRequest {
    std::string request;
    std::string operation;
};

inline std::string text_at(simdjson::dom::element object, std::string_view key) {
    std::string_view text;
    return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

inline simdjson::dom::element resolved(simdjson::dom::element root, simdjson::dom::element schema) {
    const std::string reference = text_at(schema, "$ref");
    return reference.empty() ? schema : root.at_pointer(reference.substr(1)).value();
}

// As text_of() reads a Shape.
inline void append_schema_words(simdjson::dom::element root, simdjson::dom::element schema,
                                int depth, std::string* names, std::string& documentation) {
    const simdjson::dom::element whole = resolved(root, schema);
    simdjson::dom::element inner;
    if (whole["items"].get(inner) == simdjson::SUCCESS) {
        append_schema_words(root, inner, depth, names, documentation);
    }
    simdjson::dom::object properties;
    if (depth == 0 || whole["properties"].get(properties) != simdjson::SUCCESS) {
        return;
    }
    for (const auto& [name, field] : properties) {
        if (names != nullptr) {
            *names += ' ' + std::string(name);
        }
        documentation += ' ' + text_at(field, "description");
        append_schema_words(root, field, depth - 1, names, documentation);
    }
}

inline OperationText published_text(simdjson::dom::element root, std::string_view path,
                                    simdjson::dom::element operation) {
    const std::string name = text_at(operation, "operationId");
    OperationText text;
    text.module = name.substr(0, name.find('.'));
    text.name = name.substr(name.find('.') + 1);
    text.summary = text_at(operation, "summary");
    text.description = text_at(operation, "description");
    text.fields = path;
    simdjson::dom::array parameters;
    if (operation["parameters"].get(parameters) == simdjson::SUCCESS) {
        for (const simdjson::dom::element parameter : parameters) {
            text.fields += ' ' + text_at(parameter, "name");
            text.documentation += ' ' + text_at(parameter, "description");
        }
    }
    simdjson::dom::element schema;
    if (operation.at_pointer("/requestBody/content/application~1json/schema").get(schema) ==
        simdjson::SUCCESS) {
        append_schema_words(root, schema, 3, &text.fields, text.documentation);
    }
    if (operation.at_pointer("/responses/200/content/application~1json/schema").get(schema) ==
        simdjson::SUCCESS) {
        append_schema_words(root, schema, 1, nullptr, text.documentation);
    }
    return text;
}

inline PublishedCatalogue published_catalogue() {
    PublishedCatalogue out;
    simdjson::dom::parser parser;
    const simdjson::dom::element root =
        parser.load(CREDENCE_SOURCE_ROOT "/../docs/reference/openapi.json").value();
    const simdjson::dom::object paths = root["paths"];
    for (const auto& [path, methods] : paths) {
        const simdjson::dom::object by_method = methods;
        for (const auto& [method, operation] : by_method) {
            if (!text_at(operation, "x-mcp-tool").empty()) {
                out.names.push_back(text_at(operation, "operationId"));
                out.texts.push_back(published_text(root, path, operation));
            }
        }
    }
    return out;
}

inline std::vector<LabelledRequest> labelled_requests() {
    std::vector<LabelledRequest> out;
    simdjson::dom::parser parser;
    const simdjson::padded_string lines = simdjson::padded_string::load(
        CREDENCE_SOURCE_ROOT "/../tests/quality/operation_search.jsonl");
    for (const std::string_view line : split(std::string_view(lines), '\n')) {
        if (!line.empty()) {
            const simdjson::dom::element row = parser.parse(std::string(line)).value();
            out.push_back({text_at(row, "request"), text_at(row, "operation")});
        }
    }
    return out;
}

}  // namespace credence::surface::mcp::testing
