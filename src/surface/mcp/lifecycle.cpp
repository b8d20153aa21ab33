#include "surface/mcp/lifecycle.h"

#include <set>

#include "base/json.h"
#include "surface/mcp/protocol/members.h"
#include "surface/mcp/protocol/modern_result.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kSearch =
    "find_operations finds any operation of this server in plain words and says how to call it; "
    "call_operation calls it. The other tools are the most used ones. ";
constexpr std::string_view kEveryTool = "Each tool is one operation. ";
constexpr std::string_view kRefusals =
    "A refused call is a result with isError and {code, message, field}: correct the field and "
    "call again. credence://docs/{module} is a module's reference.";

void append_instructions(McpProfile profile, std::string& out) {
    std::string text(profile == McpProfile::core ? kSearch : kEveryTool);
    text += kRefusals;
    out += R"("instructions":)";
    append_json_string(text, out);
}

void append_capabilities(const Offer& offer, std::string& out) {
    out += R"("capabilities":{"completions":{},"logging":{},"prompts":{"listChanged":true},)"
           R"("resources":{"subscribe":true,"listChanged":true},"tools":{"listChanged":true})";
    if (offer.tasks && offer.revision == Revision::r2025_11_25) {
        out += R"(,"tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}})";
    }
    if (!offer.extensions.empty()) {
        out += R"(,"extensions":{)" + offer.extensions + '}';
    }
    out += '}';
}

}  // namespace

std::string collect_extensions(const std::vector<Feature*>& features, Revision revision) {
    std::string out;
    std::set<std::string> seen;
    for (const Feature* feature : features) {
        const Members members =
            Members::parse('{' + feature->extensions(revision) + '}').value_or(Members());
        for (const auto& [name, settings] : members.all()) {
            if (seen.insert(name).second) {
                out += out.empty() ? "" : ",";
                append_json_string(name, out);
                out += ':' + settings.json();
            }
        }
    }
    return out;
}

std::string initialize_result(const Offer& offer) {
    std::string out = R"({"protocolVersion":")";
    out += to_string(offer.revision);
    out += R"(",)";
    append_capabilities(offer, out);
    out += R"(,"serverInfo":)";
    out += server_info_json();
    out += ',';
    append_instructions(offer.profile, out);
    out += '}';
    return out;
}

std::string discover_result(const Offer& offer) {
    constexpr std::string_view kHints = R"(,"ttlMs":3600000,"cacheScope":"public"})";
    std::string out = R"({"supportedVersions":)" + supported_revisions_json() + ',';
    append_capabilities(offer, out);
    out += ',';
    append_instructions(offer.profile, out);
    out += kHints;
    return out;
}

}  // namespace credence::surface::mcp
