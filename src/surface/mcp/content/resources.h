// Resources: the documentation, and every operation that says which resource it reads
// (Operation::resource), fixed or as a template. Reading one dispatches its operation as the
// caller, the placeholders being fields of its request; so scopes, deadlines, metrics and switches
// are those of the operation. Errors: read_result.h.
//
// An event tells of credence://…/{name} when its body, or an object in a list of it, has a member
// of that name and value. It tells of a resource without placeholders when it has a member named
// like an id that the changing operations of the module take or like the first fields of what is
// listed; where nothing changes the module from outside (audit, events), every event does.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/dispatch.h"
#include "base/worker_pool.h"
#include "surface/mcp/protocol/feature.h"

namespace credence::surface::mcp {

// Thread-safe.
class Resources final : public Feature {
public:
    // pool: where documents are made; null: on the calling thread. Both must outlive this.
    Resources(Dispatcher& dispatcher, WorkerPool* pool);
    ~Resources() override;

    void resources(const Caller& caller, std::vector<std::string>& out) const override;
    void resource_templates(const Caller& caller, std::vector<std::string>& out) const override;
    bool read_resource(std::string_view uri, const RequestPtr& request) override;
    bool has_resource(const Caller& caller, std::string_view uri) const override;
    void on_event(const store::StoredEvent& event, Notices& notices) override;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::surface::mcp
