// The Prometheus exporter's listener: the metrics at one path, and /health. Needs what /metrics
// needs on the main listener: system:read, with a key where keys are required.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "api/dispatch.h"
#include "base/metrics.h"
#include "base/worker_pool.h"
#include "engine/net/server.h"

namespace credence::surface {

struct ExporterParts {
    Dispatcher& dispatcher;
    Metrics& metrics;
    std::atomic<bool>& ready;
    std::string path;  // "/metrics"
    bool loopback;     // bound to loopback
};

class Exporter {
public:
    explicit Exporter(ExporterParts parts);

    // Thread-safe; called on I/O threads. The text is made on a thread of its own.
    void handle(const net::HttpRequest& request, net::Responder responder);

private:
    void scrape(const net::HttpRequest& request, net::Responder responder);

    ExporterParts parts_;
    WorkerPool pool_;
};

}  // namespace credence::surface
