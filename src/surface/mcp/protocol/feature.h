// A part of what the server offers: tools, resources, prompts, tasks, skills. Mcp asks its features
// in order; what one takes, the next is not asked for. The test fixtures are one more feature.
//
// Thread-safe. Lists append whole JSON objects in a fixed order, only what this caller may use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/store/event.h"
#include "surface/mcp/protocol/notices.h"
#include "surface/mcp/protocol/request.h"

namespace credence::surface::mcp {

class Feature {
public:
    virtual ~Feature() = default;

    virtual void tools(const Caller&, std::vector<std::string>&) const {}
    virtual void resources(const Caller&, std::vector<std::string>&) const {}
    virtual void resource_templates(const Caller&, std::vector<std::string>&) const {}
    virtual void prompts(const Caller&, std::vector<std::string>&) const {}

    // True: this feature has the tool (resource, prompt, reference, task) and answers the request,
    // at once or later, exactly once. Params are still unchecked but for the one the function
    // names, and that `arguments` of tools/call is an object or absent.
    virtual bool call_tool(std::string_view name, const RequestPtr&) {
        return static_cast<void>(name), false;
    }
    virtual bool read_resource(std::string_view uri, const RequestPtr&) {
        return static_cast<void>(uri), false;
    }
    virtual bool get_prompt(std::string_view name, const RequestPtr&) {
        return static_cast<void>(name), false;
    }
    virtual bool complete(const RequestPtr&) { return false; }
    // Any method Mcp itself does not know: tasks/…, skills/….
    virtual bool take(const RequestPtr&) { return false; }

    // The inputSchema of a tool of this feature, for the check of Mcp-Param headers; empty: none.
    virtual std::string input_schema(std::string_view tool) const {
        return static_cast<void>(tool), std::string();
    }
    // Members of the extensions object of our capabilities: {"io.modelcontextprotocol/tasks":{}}
    // without its braces; empty: none.
    virtual std::string extensions(Revision) const { return {}; }
    // Whether somebody may subscribe to this URI.
    virtual bool has_resource(const Caller&, std::string_view uri) const {
        return static_cast<void>(uri), false;
    }
    // After commit, oldest first, on one internal thread, while anybody listens.
    virtual void on_event(const store::StoredEvent&, Notices&) {}
};

}  // namespace credence::surface::mcp
