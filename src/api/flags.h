// Switching operations off while the server runs: the first step of every rollback plan. Every
// surface obeys, because the Dispatcher asks.
#pragma once

#include <string_view>

#include "api/operation.h"
#include "base/result.h"

namespace credence {

class OperationFlags {
public:
    virtual ~OperationFlags() = default;
    // Code::unavailable, with the reason that was given, when the operation is switched off for the
    // tenant. Thread-safe; does not touch the store: called on I/O threads.
    virtual Result<void> check(std::string_view tenant, const Operation& operation) const = 0;
};

}  // namespace credence
