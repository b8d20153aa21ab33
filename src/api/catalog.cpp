#include "api/catalog.h"

#include <set>
#include <string>

#include "base/check.h"

namespace credence {
namespace {

constexpr std::string_view kPrefix = "/v1/";

// "/v1/claims/{claim_id}/verification" -> "/v1/claims/{}/verification": what must be unique.
std::string anonymous(std::string_view path) {
    std::string out;
    bool inside = false;
    for (const char c : path) {
        if (!inside) {
            out += c;
        }
        inside = c == '{' || (inside && c != '}');
        if (c == '}') {
            out += c;
        }
    }
    return out;
}

void check_shapes(const Operation& operation) {
    CHECK(operation.request->kind == Kind::object, operation.name);
    CHECK(operation.response->kind == Kind::object, operation.name);
    if (operation.positional != Positional::none) {
        CHECK(operation.request->find(operation.positional_field) != nullptr,
              operation.name + ": positional argument without a field");
    }
}

void check_operation(const Operation& operation) {
    CHECK(operation.path.starts_with(kPrefix), operation.name + " needs a path under /v1/");
    CHECK(!operation.scope.empty(), operation.name + " needs a scope: say needs(\"module:verb\")");
    check_shapes(operation);
    for (const std::string& parameter : operation.path_parameters) {
        const Field* field = operation.request->find(parameter);
        CHECK(field != nullptr && field->required,
              operation.name + ": path parameter without a required field: " + parameter);
    }
    for (const Field& field : operation.request->fields) {
        const Shape& shape =
            field.shape->kind == Kind::optional ? *field.shape->inner : *field.shape;
        const bool structured = shape.kind == Kind::object || shape.kind == Kind::dictionary;
        CHECK(!(operation.reads_query() && structured),
              operation.name + ": GET and DELETE cannot carry structured field " + field.name);
    }
    CHECK(!(operation.method == HttpMethod::get && operation.effect != Effect::read),
          operation.name + ": GET must only read");
}

}  // namespace

Operation& Catalog::add(Operation operation) {
    CHECK(!frozen_, "operations are registered before the catalogue is frozen");
    operation.name = operation.module + "." + operation.verb;
    if (operation.mcp_name.empty()) {
        operation.mcp_name = operation.module + "_" + operation.verb;
    }
    return operations_.emplace_back(std::move(operation));
}

Operation& Catalog::add_local(Operation operation) {
    CHECK(!frozen_, "operations are registered before the catalogue is frozen");
    operation.name = operation.module + "." + operation.verb;
    operation.local = true;
    operation.hidden_from_mcp = true;
    return local_.emplace_back(std::move(operation));
}

void Catalog::freeze() {
    std::set<std::string> routes;
    for (const Operation& operation : operations_) {
        check_operation(operation);
        const std::string route =
            std::string(to_string(operation.method)) + " " + anonymous(operation.path);
        CHECK(routes.insert(route).second, "two operations at " + route);
        CHECK(by_name_.emplace(operation.name, &operation).second, operation.name + " twice");
        CHECK(by_mcp_name_.emplace(operation.mcp_name, &operation).second,
              operation.mcp_name + " twice");
    }
    for (const Operation& operation : local_) {
        check_shapes(operation);
    }
    frozen_ = true;
}

const Operation* Catalog::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

const Operation* Catalog::find_mcp(std::string_view mcp_name) const {
    const auto found = by_mcp_name_.find(mcp_name);
    return found == by_mcp_name_.end() ? nullptr : found->second;
}

}  // namespace credence
