#include <memory>

#include "capabilities/events/events.h"

namespace credence::events {

void describe(Describe<ListEvents>& d) {
    d.field<&ListEvents::name>("Only events of this name").length(1, 128);
    d.field<&ListEvents::before_seq>("Only older ones: next_before_seq of the last page");
    d.field<&ListEvents::limit>("At most this many").between(1, ListEvents::kMaxPage).or_default();
}

void describe(Describe<Event>& d) {
    d.field<&Event::seq>("Position in the log; grows, with gaps");
    d.field<&Event::name>("What happened");
    d.field<&Event::at_us>("When");
    d.field<&Event::actor>("Who did it");
    d.field<&Event::data>("What it was about");
}

void describe(Describe<EventPage>& d) {
    d.field<&EventPage::events>("Newest first");
    d.field<&EventPage::next_before_seq>("Where older ones follow; absent on the last page");
}

Result<void> install(Host& host) {
    auto& events = host.keep(std::make_unique<Events>(host.database()));
    host.serve<&Events::list>(events, "List what happened in the tenant, newest first")
        .get("/v1/events/log")
        .needs("events:read")
        .describe("Live, the same events come over the WebSocket /v1/events.")
        .resource("credence://events");
    return {};
}

}  // namespace credence::events
