// One namespace's threats in memory. Included by the sources of Memory only.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <unordered_map>

#include "capabilities/guard/memory/memory.h"

namespace credence::guard {

struct Memory::Shelf {
    explicit Shelf(std::size_t dimension) : index(dimension) {}

    struct Hit {
        std::int64_t count = 0;
        std::int64_t last_at_us = 0;
    };

    ThreatIndex index;
    std::atomic<std::uint64_t> generation{0};
    std::atomic<std::int64_t> detections{0};
    std::atomic<std::int64_t> left_out{0};
    std::mutex hits_mutex;
    std::unordered_map<std::string, Hit> hits;  // by threat
};

}  // namespace credence::guard
