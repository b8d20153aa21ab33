// The event log of a tenant as clients read it: newest first, a page at a time. Live: /v1/events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/host.h"

namespace credence::events {

struct ListEvents {
    static constexpr std::int64_t kMaxPage = 500;

    std::optional<std::string> name;
    std::optional<std::int64_t> before_seq;
    std::int64_t limit = 50;
};
void describe(Describe<ListEvents>&);

struct Event {
    std::int64_t seq = 0;
    std::string name;
    std::int64_t at_us = 0;
    std::string actor;
    RawJson data;
};
void describe(Describe<Event>&);

struct EventPage {
    std::vector<Event> events;
    std::optional<std::int64_t> next_before_seq;
};
void describe(Describe<EventPage>&);

// Thread-safe.
class Events {
public:
    explicit Events(store::Database& database) : database_(database) {}

    Result<EventPage> list(const Context& context, const ListEvents& request);

private:
    store::Database& database_;
};

Result<void> install(Host& host);

}  // namespace credence::events
