#include "surface/live/live_metrics.h"

namespace credence::surface {
namespace {

Counter& messages(Metrics& metrics, const std::string& feed, const char* type) {
    return metrics.counter("credence_live_messages_total",
                           "Messages handed to the connections of live clients",
                           {{"feed", feed}, {"type", type}});
}

}  // namespace

LiveMetrics::LiveMetrics(Metrics& metrics, const std::string& feed)
    : clients(metrics.gauge("credence_live_clients", "Clients of the live feed", {{"feed", feed}})),
      updates(messages(metrics, feed, "metrics_update")),
      events(messages(metrics, feed, "event")),
      snapshots(messages(metrics, feed, "snapshot")),
      heartbeats(messages(metrics, feed, "heartbeat")),
      replies(messages(metrics, feed, "reply")),
      delay(metrics.histogram("credence_live_delay_seconds",
                              "Time from an event's commit until every client's queue has it",
                              {{"feed", feed}})),
      metrics_(metrics),
      feed_(feed) {}

void LiveMetrics::dropped(std::string_view reason) {
    metrics_
        .counter("credence_live_dropped_total", "Live clients that the server gave up",
                 {{"feed", feed_}, {"reason", std::string(reason)}})
        .add();
}

}  // namespace credence::surface
