// The list of all operations, in registration order. Frozen before the first request; thread-safe
// from then on.
#pragma once

#include <deque>
#include <string_view>
#include <unordered_map>

#include "api/operation.h"

namespace credence {

class Catalog {
public:
    // CHECKs that name, MCP name, and method + path are new and consistent with the request shape.
    // The reference stays valid; it may be refined until freeze().
    Operation& add(Operation operation);
    // One for the command line only: it reads and writes files of the caller's machine, so no
    // server offers it. Where an operation has the same module and verb, the command line takes
    // this one.
    Operation& add_local(Operation operation);
    // Validates everything; no change afterwards.
    void freeze();

    const std::deque<Operation>& operations() const { return operations_; }
    const std::deque<Operation>& local() const { return local_; }
    const Operation* find(std::string_view name) const;          // "guard.scan"
    const Operation* find_mcp(std::string_view mcp_name) const;  // "guard_scan"

private:
    std::deque<Operation> operations_;
    std::deque<Operation> local_;
    std::unordered_map<std::string_view, const Operation*> by_name_;
    std::unordered_map<std::string_view, const Operation*> by_mcp_name_;
    bool frozen_ = false;
};

}  // namespace credence
