#include "api/host.h"

#include "base/check.h"

namespace credence {
namespace {

std::vector<std::string> parameters_of(std::string_view path) {
    std::vector<std::string> names;
    for (std::size_t open = path.find('{'); open != std::string_view::npos;
         open = path.find('{', open + 1)) {
        const std::size_t close = path.find('}', open);
        CHECK(close != std::string_view::npos, "unclosed path parameter");
        names.emplace_back(path.substr(open + 1, close - open - 1));
    }
    return names;
}

void route(Operation& operation, HttpMethod method, std::string path) {
    operation.method = method;
    operation.path_parameters = parameters_of(path);
    operation.path = std::move(path);
    operation.effect = method == HttpMethod::get ? Effect::read : Effect::write;
    operation.idempotent = method != HttpMethod::post && method != HttpMethod::patch;
}

}  // namespace

OperationRef& OperationRef::get(std::string path) {
    route(operation_, HttpMethod::get, std::move(path));
    return *this;
}

OperationRef& OperationRef::post(std::string path) {
    route(operation_, HttpMethod::post, std::move(path));
    return *this;
}

OperationRef& OperationRef::put(std::string path) {
    route(operation_, HttpMethod::put, std::move(path));
    return *this;
}

OperationRef& OperationRef::patch(std::string path) {
    route(operation_, HttpMethod::patch, std::move(path));
    return *this;
}

OperationRef& OperationRef::del(std::string path) {
    route(operation_, HttpMethod::del, std::move(path));
    return *this;
}

OperationRef& OperationRef::needs(std::string scope) {
    operation_.scope = std::move(scope);
    return *this;
}

OperationRef& OperationRef::on(Lane lane) {
    operation_.lane = lane;
    return *this;
}

OperationRef& OperationRef::effect(Effect effect) {
    operation_.effect = effect;
    operation_.idempotent = operation_.idempotent || effect == Effect::read;
    return *this;
}

OperationRef& OperationRef::not_idempotent() {
    operation_.idempotent = false;
    return *this;
}

OperationRef& OperationRef::within_ms(std::int64_t timeout_ms) {
    operation_.timeout_ms = timeout_ms;
    return *this;
}

OperationRef& OperationRef::up_to_bytes(std::int64_t max_request_bytes) {
    operation_.max_request_bytes = max_request_bytes;
    return *this;
}

OperationRef& OperationRef::at_once(int max_running) {
    operation_.max_running = max_running;
    return *this;
}

OperationRef& OperationRef::describe(std::string description) {
    operation_.description = std::move(description);
    return *this;
}

OperationRef& OperationRef::mcp_name(std::string name) {
    operation_.mcp_name = std::move(name);
    return *this;
}

OperationRef& OperationRef::hidden_from_mcp() {
    operation_.hidden_from_mcp = true;
    return *this;
}

OperationRef& OperationRef::core() {
    operation_.core = true;
    return *this;
}

OperationRef& OperationRef::resource(std::string uri_template, std::string ids_from) {
    operation_.resource = std::move(uri_template);
    operation_.ids_from = std::move(ids_from);
    return *this;
}

OperationRef& OperationRef::positional(std::string field, Positional kind) {
    operation_.positional_field = std::move(field);
    operation_.positional = kind;
    return *this;
}

Host::~Host() {
    while (!kept_.empty()) {  // later modules may refer to earlier ones
        kept_.pop_back();
    }
}

void Host::use(Gatekeeper& gatekeeper) {
    CHECK(gatekeeper_ == nullptr, "two modules supply the gatekeeper");
    gatekeeper_ = &gatekeeper;
}

void Host::use(AuditSink& audit) {
    CHECK(audit_ == nullptr, "two modules supply the audit trail");
    audit_ = &audit;
}

void Host::use(OperationFlags& flags) {
    CHECK(flags_ == nullptr, "two modules supply the flags");
    flags_ = &flags;
}

}  // namespace credence
