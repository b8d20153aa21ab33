// Model Context Protocol, revisions 2025-06-18 and 2025-11-25, derived from the catalogue.
// Protocol only: transports hand in JSON-RPC messages and take answers.
#pragma once

#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "api/dispatch.h"

namespace credence::surface {

// Thread-safe.
class Mcp {
public:
    explicit Mcp(Dispatcher& dispatcher);
    ~Mcp();

    // Handles one JSON-RPC message from an admitted caller. done is called exactly once, possibly
    // on another thread, with the answer's JSON, or with empty text for notifications.
    void handle(const Context& context, std::string_view message,
                std::function<void(std::string answer)> done);

    static bool supports_revision(std::string_view revision);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// `credence mcp`: newline-delimited JSON-RPC on the streams until end of input. A malformed line is
// answered with -32700 and does not end the session.
int serve_mcp_stdio(Dispatcher& dispatcher, std::istream& in, std::ostream& out);

}  // namespace credence::surface
