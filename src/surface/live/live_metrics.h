// A feed's own figures on /metrics. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/metrics.h"

namespace credence::surface {

class LiveMetrics {
public:
    LiveMetrics(Metrics& metrics, const std::string& feed);

    // "slow", "silent", "stuck", "token", "errors", "flood", "unreadable", "full"
    void dropped(std::string_view reason);

    Gauge& clients;
    Counter& updates;
    Counter& events;
    Counter& snapshots;
    Counter& heartbeats;
    Counter& replies;
    Histogram& delay;  // from the event to the last queue

private:
    Metrics& metrics_;
    std::string feed_;
};

}  // namespace credence::surface
