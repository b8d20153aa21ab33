#include "stats/hour_of_week.h"

#include "base/units.h"

namespace credence::stats {
namespace {

constexpr std::int64_t kHoursFromMonday = 72;  // 1970-01-01 was a Thursday
constexpr auto kWeek = static_cast<std::int64_t>(kHoursOfWeek);

}  // namespace

std::uint32_t hour_of_week(std::int64_t at_us) {
    const std::int64_t hours = at_us / kUsPerHour - (at_us % kUsPerHour < 0 ? 1 : 0);
    return static_cast<std::uint32_t>(((hours + kHoursFromMonday) % kWeek + kWeek) % kWeek);
}

}  // namespace credence::stats
