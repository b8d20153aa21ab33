// Model Context Protocol, revisions 2025-06-18, 2025-11-25 and 2026-07-28, derived from the
// catalogue. Protocol only: transports hand in parsed messages and an Exchange for each.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/dispatch.h"
#include "api/prompt.h"
#include "base/random.h"
#include "base/span.h"
#include "surface/mcp/protocol/feature.h"
#include "surface/mcp/protocol/settings.h"

namespace credence::surface {

struct McpParts {
    Dispatcher& dispatcher;
    store::Database* database = nullptr;  // null: no events are followed
    store::EventLog* events = nullptr;    // "
    Jobs* jobs = nullptr;                 // null: no tasks
    WorkerPool* pool = nullptr;           // null: everything runs inline
    const Clock& clock;
    Random& random;
    Metrics& metrics;
    const std::vector<Prompt>& prompts;
    SpanSink* spans = nullptr;  // null: no telemetry
    McpSettings settings;
    // Added behind our own; borrowed. The conformance fixtures.
    std::vector<mcp::Feature*> more = {};
};

// Thread-safe. Must outlive every request it was given.
class Mcp {
public:
    explicit Mcp(McpParts parts);
    ~Mcp();

    // A request or notification of an admitted caller whose revision is settled. Legacy
    // `initialize` is the transport's: it answers with initialize_result(). Returns the request, so
    // that the transport can cancel it; null when it was answered already.
    mcp::RequestPtr handle(mcp::Caller caller, mcp::RpcMessage message,
                           std::shared_ptr<mcp::Exchange> exchange);

    // Ends every subscription with its result. For shutdown, before the transports close; requests
    // that come later are served, but whoever subscribes then is cut off by its transport.
    void end_subscriptions();

    // Whether a server can be made with these settings: names in mcp.tools, what mcp.guard_results
    // needs. Code::invalid with the setting.
    static Result<void> check(const Catalog& catalog, const McpSettings& settings);

    // The result of a legacy initialize: negotiated revision, capabilities, instructions.
    std::string initialize_result(mcp::Revision revision) const;
    // The revision we answer a legacy client that wants `wanted` (2026-07-28 has no initialize).
    static mcp::Revision negotiate(std::string_view wanted);

    // The inputSchema of a tool; empty: unknown or none.
    std::string input_schema(std::string_view tool) const;
    bool has_resource(const mcp::Caller& caller, std::string_view uri) const;
    mcp::Notices& notices();
    const McpSettings& settings() const;
    const Clock& clock() const;
    Random& random();
    Metrics& metrics();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence::surface
