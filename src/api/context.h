// Who asks, and until when. A value, passed down; never a bag of services.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/progress.h"
#include "base/id.h"
#include "base/trace.h"

namespace credence {

// What a caller may do: "guard:read", "keys:write", "guard:*", or "*" for everything.
class Scopes {
public:
    Scopes() = default;
    explicit Scopes(std::vector<std::string> granted) : granted_(std::move(granted)) {}
    static Scopes all() { return Scopes({"*"}); }
    bool allow(std::string_view needed) const;
    const std::vector<std::string>& granted() const { return granted_; }

private:
    std::vector<std::string> granted_;
};

struct Context {
    std::string tenant = "default";
    std::string name_space = "default";  // a partition inside the tenant
    std::string actor = "local";         // key id, "local" for loopback without keys, "system"
    Scopes scopes;
    RequestId request_id;
    std::int64_t deadline_us = 0;  // Clock::steady_us() after which the answer is useless; 0: none
    std::string_view surface = "internal";  // "http", "mcp", "cli", "job": static text
    TraceContext trace = {};                 // the caller's; invalid: none
    std::shared_ptr<Progress> progress = {};  // null: nobody wants to know
};

}  // namespace credence
