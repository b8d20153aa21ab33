// The two ways the former system wrote times. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace credence::skills {

enum class OldTimeKind : std::uint8_t {
    with_offset,  // 2026-02-10T12:00:00.123456+02:00, or Z
    no_offset,    // 2026-02-10T12:00:00: taken for UTC
    stamp,        // 2026-02-10 12:00:00: UTC, as the server stamped it
};

struct OldTime {
    std::int64_t at_us = 0;
    OldTimeKind kind = OldTimeKind::with_offset;
};

// nullopt for what is no time, or no day of the calendar, between the years 1970 and 9999.
std::optional<OldTime> parse_old_time(std::string_view text);

}  // namespace credence::skills
