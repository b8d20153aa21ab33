// What both ways to serve MCP have in common: the one Mcp of a process, and the lock that says
// which process runs a store's background jobs.
#pragma once

#include <memory>

#include "api/dispatch.h"
#include "app/app.h"
#include "base/worker_pool.h"
#include "engine/store/file_lock.h"
#include "surface/mcp/mcp.h"

namespace credence {

// Threads for background jobs.
inline constexpr int kJobThreads = 2;

// Two servers on one store would take up each other's background jobs. Code::conflict.
Result<store::FileLock> only_server(const std::string& database_path);

// owns_store: this process has the lock above; its jobs become tasks and its events are followed.
// Uses all of it until destroyed.
std::unique_ptr<surface::Mcp> make_mcp(App& app, Dispatcher& dispatcher, WorkerPool& pool,
                                       bool owns_store);

}  // namespace credence
