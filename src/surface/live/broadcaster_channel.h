// What a broadcaster knows of one tenant.
#pragma once

#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "surface/live/broadcaster.h"

namespace credence::surface {

struct Broadcaster::Channel {
    struct Group {
        LiveFilter filter;
        std::unordered_set<ClientPointer> clients;  // live ones only
    };

    std::string tenant;
    std::int64_t cursor = 0;  // everything up to here was told to live clients
    std::int64_t retry_at_us = 0;
    std::unordered_set<ClientPointer> clients;
    std::unordered_map<std::string, Group> groups;  // by the filter's key

    // The feed's events after memory_base, up to the cursor.
    std::deque<std::shared_ptr<const LiveEvent>> memory;
    std::int64_t memory_base = 0;
    std::size_t memory_bytes = 0;

    bool snapshot_under_way = false;
    std::int64_t snapshot_seq = 0;
    std::vector<ClientPointer> snapshot_waiting;  // for the next one
    std::vector<ClientPointer> snapshot_running;  // for the one under way
};

}  // namespace credence::surface
