#include "capabilities/events/events.h"

#include <limits>
#include <utility>

#include "capabilities/events/events_rows.h"

namespace credence::events {

Result<EventPage> Events::list(const Context& context, const ListEvents& request) {
    auto found = TRY(database_.read([&](store::Tx& tx) {
        return event_rows::newest(
            tx, context.tenant, request.name.value_or(""),
            request.before_seq.value_or(std::numeric_limits<std::int64_t>::max()),
            request.limit + 1);  // one more says whether the page is the last
    }));
    EventPage page;
    if (std::cmp_greater(found.size(), request.limit)) {
        found.pop_back();
        page.next_before_seq = found.back().seq;
    }
    for (store::StoredEvent& event : found) {
        page.events.push_back({event.seq, std::move(event.name), event.at_us,
                               std::move(event.actor), std::move(event.body)});
    }
    return page;
}

}  // namespace credence::events
