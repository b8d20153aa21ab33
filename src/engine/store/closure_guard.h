// Which threads may call read() and write(), and when.
#pragma once

#include "base/result.h"
#include "engine/store/database.h"

namespace credence::store {

// CHECKs that this thread may start a transaction: it is not forbidden, and not inside a closure.
void check_may_use_store();

// Runs a closure marked as such; an exception becomes Code::internal and is logged.
Result<void> run_closure(const std::function<Result<void>(Tx&)>& work, Tx& tx);

}  // namespace credence::store
