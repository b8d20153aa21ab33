// The registry as a scraper wants it. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/metrics.h"
#include "engine/net/server.h"

namespace credence::surface {

// OpenMetrics 1.0 where Accept asks for it, else the Prometheus text format 0.0.4.
net::HttpResponse scrape_reply(const Metrics& metrics, bool open_metrics);
bool wants_open_metrics(std::string_view accept);

// The text format 0.0.4 as OpenMetrics: a counter's family goes without "_total", and "# EOF" ends
// it.
std::string open_metrics_text(std::string_view text);

}  // namespace credence::surface
