#include "surface/http/resource_metadata.h"

#include <set>
#include <string_view>

#include "base/json.h"
#include "surface/http/challenge.h"

namespace credence::surface {
namespace {

constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";

std::string metadata_document(const ProtectedResource& resource, const Catalog& catalog) {
    std::set<std::string_view> scopes;
    for (const Operation& operation : catalog.operations()) {
        if (!operation.scope.empty()) {
            scopes.insert(operation.scope);
        }
    }
    std::string out = R"({"resource":)";
    append_json_string(resource.identifier, out);
    out += R"(,"authorization_servers":[)";
    append_json_string(resource.issuer, out);
    out += R"(],"scopes_supported":[)";
    for (const std::string_view scope : scopes) {
        out += out.ends_with('[') ? "" : ",";
        append_json_string(scope, out);
    }
    return out += R"(],"bearer_methods_supported":["header"],"resource_name":"Credence"})";
}

}  // namespace

void add_resource_metadata(const ProtectedResource* resource, const Catalog& catalog,
                           std::map<std::string, Page, std::less<>>& pages) {
    const bool enabled = resource != nullptr && resource->enabled();
    announce_resource_metadata(enabled ? resource->metadata_url : "");
    if (!enabled) {
        return;
    }
    Page page;
    page.content_type = "application/json";
    page.body = metadata_document(*resource, catalog);
    page.open = true;
    const std::string root(kWellKnown);
    pages[root] = page;
    pages[root + "/mcp"] = page;
    const std::string& url = resource->metadata_url;
    if (const std::size_t path = url.find(kWellKnown); path != std::string::npos) {
        pages[url.substr(path)] = page;
    }
}

}  // namespace credence::surface
