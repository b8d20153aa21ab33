// What a module tells live clients (WebSocket) as it happens. The module writes ordinary events and
// declares here which of them make a feed; surface/live does the rest: admission, snapshot, resume,
// filters, heartbeat, slow clients. Neither knows the other.
//
//   host.live({.name = "skills", .subject = "skill", .snapshot_operation =
//   "skills.get_snapshot",
//              .update_event = "skill_metrics_updated", .topics = {"skill_*", "ab_test_*"}});
#pragma once

#include <string>
#include <vector>

namespace credence {

struct LiveFeed {
    std::string name;  // its path on the live listener is "/NAME"; the first one is "/" too
    // Clients ask for {"skill": NAME}; rows and events say whom they are about in "skill_name".
    // Empty: no such filter.
    std::string subject;
    // Called with {}; the answer is the snapshot's data. It must tell at least everything that was
    // committed before the call, and the same to every namespace of the tenant. Empty: none.
    std::string snapshot_operation;
    std::string update_event;         // told as {"type":"metrics_update"}; the others as "event"
    std::vector<std::string> topics;  // names of events; one that ends in * is a prefix
    std::string scope;                // needed to listen; empty: the snapshot operation's
};

}  // namespace credence
