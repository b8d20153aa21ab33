#include "base/clock.h"

#include <chrono>
#include <string_view>

#include "base/units.h"

namespace credence {
namespace {

// Writes the last `digits` decimal digits of value.
void append_padded(std::string& out, std::int64_t value, int digits) {
    std::string text(static_cast<std::size_t>(digits), '0');
    for (auto at = text.rbegin(); at != text.rend(); ++at) {
        *at = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out += text;
}

}  // namespace

std::int64_t SystemClock::now_us() const {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::int64_t SystemClock::steady_us() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::string format_time_us(std::int64_t at_us) {
    using std::chrono::floor;
    const std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(at_us)};
    const auto day = floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::int64_t in_day_us = (at - day).count();
    const std::int64_t in_day_s = in_day_us / kUsPerSecond;

    std::string out;
    out.reserve(27);
    append_padded(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_padded(out, in_day_s / 3600, 2);
    out += ':';
    append_padded(out, in_day_s / 60 % 60, 2);
    out += ':';
    append_padded(out, in_day_s % 60, 2);
    out += '.';
    append_padded(out, in_day_us % kUsPerSecond, 6);
    out += 'Z';
    return out;
}

}  // namespace credence
