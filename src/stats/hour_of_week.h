// Where in the week an instant lies. Pure and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

namespace credence::stats {

inline constexpr std::size_t kHoursOfWeek = 168;

// 0 is Monday 00:00 to 01:00 UTC. Microseconds since 1970-01-01 UTC, before it too.
std::uint32_t hour_of_week(std::int64_t at_us);

}  // namespace credence::stats
