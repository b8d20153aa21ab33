#include "surface/mcp/content/resources.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "surface/mcp/content/documents.h"
#include "surface/mcp/content/read_result.h"
#include "surface/mcp/content/uri_template.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kJsonMime = "application/json";

struct OperationResource {
    const Operation* operation = nullptr;
    UriTemplate address;
    std::string listed;             // Resource or ResourceTemplate
    std::set<std::string> told_by;  // members of events that tell of it; without placeholders only
};

void append_member(std::string_view name, std::string_view text, std::string& out) {
    out += out.back() == '{' ? "\"" : ",\"";
    out += name;
    out += "\":";
    append_json_string(text, out);
}

std::string listed_operation(const Operation& operation, bool is_template) {
    std::string out = "{";
    append_member(is_template ? "uriTemplate" : "uri", operation.resource, out);
    append_member("name", operation.mcp_name, out);
    append_member("title", operation.summary, out);
    if (!operation.description.empty()) {
        append_member("description", operation.description, out);
    }
    append_member("mimeType", kJsonMime, out);
    return out + "}";
}

// The ids by which the module's operations name what they change.
std::set<std::string> ids_changed(const Catalog& catalog, std::string_view module) {
    std::set<std::string> out;
    for (const Operation& operation : catalog.operations()) {
        if (operation.module != module || operation.effect == Effect::read) {
            continue;
        }
        out.insert(operation.path_parameters.begin(), operation.path_parameters.end());
        if (operation.positional == Positional::value) {
            out.insert(operation.positional_field);
        }
    }
    return out;
}

// The first fields of what the operation lists: by them its items are known.
std::set<std::string> names_listed(const Operation& operation) {
    constexpr std::size_t kNaming = 2;
    std::set<std::string> out;
    for (const Field& field : operation.response->fields) {
        if (field.shape->kind == Kind::list && field.shape->inner->kind == Kind::object) {
            const std::vector<Field>& items = field.shape->inner->fields;
            for (std::size_t i = 0; i < std::min(kNaming, items.size()); ++i) {
                out.insert(items[i].name);
            }
        }
    }
    return out;
}

OperationResource make_resource(const Catalog& catalog, const Operation& operation) {
    OperationResource out{&operation, UriTemplate(operation.resource), {}, {}};
    CHECK(operation.effect == Effect::read && operation.lane != Lane::background,
          operation.name + ": a resource is read at once");
    for (const std::string& name : out.address.names()) {
        CHECK(operation.request->find(name) != nullptr,
              operation.name + ": the request has no field {" + name + "}");
    }
    out.listed = listed_operation(operation, !out.address.names().empty());
    if (out.address.names().empty()) {
        out.told_by = ids_changed(catalog, operation.module);
        if (!out.told_by.empty()) {
            out.told_by.merge(names_listed(operation));
        }
    }
    return out;
}

std::string request_of(const Operation& operation, const UriTemplate::Values& values) {
    std::string out = "{";
    for (const auto& [name, value] : values) {
        out += out.size() > 1 ? "," : "";
        append_json_string(name, out);
        out += ':' + json_from_text(*operation.request->find(name)->shape, value);
    }
    return out + "}";
}

// What an event's body says: its members, and those of the objects in its lists ("changed").
using Facts = std::vector<std::pair<std::string, Member>>;

constexpr std::size_t kMaxFacts = 4'096;  // further ones of one event tell nobody

Facts facts_of(const store::StoredEvent& event) {
    const Members body = Members::parse(event.body.text).value_or(Members());
    Facts out = body.all();
    for (const auto& [name, member] : body.all()) {
        if (!member.is_array()) {
            continue;
        }
        for (const Member& item : items_of(member.value)) {
            const Members inner = Members::of(item);
            out.insert(out.end(), inner.all().begin(), inner.all().end());
            if (out.size() > kMaxFacts) {
                return out;
            }
        }
    }
    return out;
}

bool is_told_of(const OperationResource& resource, const UriTemplate::Values& values,
                const Facts& facts) {
    if (values.empty()) {
        return resource.told_by.empty() || std::ranges::any_of(facts, [&](const auto& fact) {
                   return resource.told_by.contains(fact.first) && !fact.second.is_absent();
               });
    }
    // A member's value is the text itself of a text, and the digits of a number.
    return std::ranges::all_of(values, [&](const auto& value) {
        return std::ranges::any_of(facts, [&](const auto& fact) {
            return fact.first == value.first && fact.second.value == value.second;
        });
    });
}

}  // namespace

struct Resources::Impl {
    Impl(Dispatcher& given, WorkerPool* where)
        : dispatcher(given), pool(where), documents(given.catalog()) {
        for (const Operation& operation : dispatcher.catalog().operations()) {
            if (!operation.resource.empty()) {
                from_operations.push_back(make_resource(dispatcher.catalog(), operation));
            }
        }
    }

    // The first one whose template fits.
    const OperationResource* find(std::string_view uri, UriTemplate::Values& values) const {
        for (const OperationResource& resource : from_operations) {
            if (auto found = resource.address.match(uri)) {
                values = std::move(*found);
                return &resource;
            }
        }
        return nullptr;
    }

    void read_document(const std::string& uri, const RequestPtr& request) {
        const auto answer = [request, uri](const std::string& text) {
            request->finish(
                read_result(request->caller(), {uri, Documents::mime_type(uri), text, true}));
        };
        if (const auto text = documents.made(uri)) {
            return answer(*text);
        }
        const auto make = [this, uri, answer] { answer(*documents.make(uri)); };
        if (pool == nullptr) {
            return make();
        }
        if (!pool->submit(make)) {
            request->fail(unreadable_resource(
                uri,
                {Code::exhausted, "too many requests are waiting", {}, Dispatcher::kBusyRetryMs}));
        }
    }

    void read_operation(const Operation& operation, const UriTemplate::Values& values,
                        const std::string& uri, const RequestPtr& request) {
        dispatcher.dispatch(
            operation, request->caller().context, request_of(operation, values), 0,
            [request, uri](Result<Answer> answer) {
                if (!answer) {
                    request->fail(unreadable_resource(uri, answer.error()));
                    return;
                }
                request->finish(read_result(request->caller(), {uri, kJsonMime, answer->json}));
            });
    }

    Dispatcher& dispatcher;
    WorkerPool* pool;
    Documents documents;
    std::vector<OperationResource> from_operations;
};

Resources::Resources(Dispatcher& dispatcher, WorkerPool* pool)
    : impl_(std::make_unique<Impl>(dispatcher, pool)) {}

Resources::~Resources() = default;

void Resources::resources(const Caller& caller, std::vector<std::string>& out) const {
    for (const OperationResource& resource : impl_->from_operations) {
        if (resource.address.names().empty() &&
            impl_->dispatcher.offers(caller.context, *resource.operation)) {
            out.push_back(resource.listed);
        }
    }
    for (const std::string& module : impl_->documents.modules()) {
        std::string listed = "{";
        append_member("uri", std::string(Documents::kModule) + module, listed);
        append_member("name", "docs_" + module, listed);
        append_member("title", "Reference of " + module, listed);
        append_member("mimeType", "text/markdown", listed);
        out.push_back(listed + "}");
    }
    std::string listed = "{";
    append_member("uri", Documents::kOpenapi, listed);
    append_member("name", "openapi", listed);
    append_member("title", "OpenAPI document", listed);
    append_member("description", "The REST interface as OpenAPI 3.1", listed);
    append_member("mimeType", kJsonMime, listed);
    out.push_back(listed + "}");
}

void Resources::resource_templates(const Caller& caller, std::vector<std::string>& out) const {
    for (const OperationResource& resource : impl_->from_operations) {
        if (!resource.address.names().empty() &&
            impl_->dispatcher.offers(caller.context, *resource.operation)) {
            out.push_back(resource.listed);
        }
    }
    std::string listed = "{";
    append_member("uriTemplate", Documents::kTemplate, listed);
    append_member("name", "docs", listed);
    append_member("title", "Reference of a module", listed);
    append_member("description", "Every operation of a module with its fields, limits and errors",
                  listed);
    append_member("mimeType", "text/markdown", listed);
    out.push_back(listed + "}");
}

bool Resources::read_resource(std::string_view uri, const RequestPtr& request) {
    if (impl_->documents.has(uri)) {
        impl_->read_document(std::string(uri), request);
        return true;
    }
    UriTemplate::Values values;
    const OperationResource* resource = impl_->find(uri, values);
    if (resource == nullptr) {
        return false;
    }
    impl_->read_operation(*resource->operation, values, std::string(uri), request);
    return true;
}

bool Resources::has_resource(const Caller& caller, std::string_view uri) const {
    if (impl_->documents.has(uri)) {
        return true;
    }
    UriTemplate::Values values;
    const OperationResource* resource = impl_->find(uri, values);
    return resource != nullptr && impl_->dispatcher.offers(caller.context, *resource->operation);
}

void Resources::on_event(const store::StoredEvent& event, Notices& notices) {
    if (!notices.wanted(Notice::Kind::resource)) {
        return;
    }
    std::optional<Facts> facts;
    for (std::string& uri : notices.uris(event.tenant)) {
        UriTemplate::Values values;
        const OperationResource* resource = impl_->find(uri, values);
        if (resource == nullptr) {
            continue;
        }
        if (!facts) {
            facts = facts_of(event);
        }
        if (is_told_of(*resource, values, *facts)) {
            notices.publish({Notice::Kind::resource, event.tenant, std::move(uri), {}});
        }
    }
}

}  // namespace credence::surface::mcp
