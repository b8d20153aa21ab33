#include "capabilities/skills/import/old_time.h"

#include <chrono>
#include <cstddef>

#include "base/units.h"

namespace credence::skills {
namespace {

// Takes what it recognises from the front of a text.
class TimeReader {
public:
    explicit TimeReader(std::string_view text) : rest_(text) {}

    bool number(std::size_t digits, int* out) {
        if (rest_.size() < digits) {
            return false;
        }
        *out = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') {
                return false;
            }
            *out = *out * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(digits);
        return true;
    }
    bool character(char expected) {
        if (!next_is(expected)) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    // Digits of a fraction; those beyond the sixth are dropped.
    bool microseconds(int* out) {
        int scale = 100'000;
        *out = 0;
        const std::size_t before = rest_.size();
        while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
            *out += (rest_.front() - '0') * scale;
            scale /= 10;
            rest_.remove_prefix(1);
        }
        return rest_.size() < before;
    }
    bool next_is(char expected) const { return !rest_.empty() && rest_.front() == expected; }
    bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

struct Clockwise {
    int hour = 0;
    int minute = 0;
    int second = 0;
    int fraction_us = 0;
};

std::optional<std::chrono::sys_days> read_day(TimeReader& in) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (!in.number(4, &year) || !in.character('-') || !in.number(2, &month) || !in.character('-') ||
        !in.number(2, &day) || year < 1970) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

std::optional<Clockwise> read_clock(TimeReader& in) {
    Clockwise clock;
    if (!in.number(2, &clock.hour) || !in.character(':') || !in.number(2, &clock.minute)) {
        return std::nullopt;
    }
    if (in.character(':') && !in.number(2, &clock.second)) {
        return std::nullopt;
    }
    if (in.character('.') && !in.microseconds(&clock.fraction_us)) {
        return std::nullopt;
    }
    const bool fits = clock.hour < 24 && clock.minute < 60 && clock.second < 61;
    return fits ? std::optional(clock) : std::nullopt;
}

// Seconds east of Greenwich; nothing when the text ends here.
std::optional<std::int64_t> read_offset(TimeReader& in, bool* bad) {
    if (in.at_end()) {
        return std::nullopt;
    }
    if (in.character('Z')) {
        *bad = !in.at_end();
        return 0;
    }
    const bool west = in.next_is('-');
    int hours = 0;
    int minutes = 0;
    *bad = (!in.character('+') && !in.character('-')) || !in.number(2, &hours);
    if (!*bad && !in.at_end()) {
        in.character(':');
        *bad = !in.number(2, &minutes);
    }
    *bad = *bad || !in.at_end() || hours > 14 || minutes > 59;
    const std::int64_t seconds = std::int64_t{hours} * 3600 + minutes * 60;
    return west ? -seconds : seconds;
}

}  // namespace

std::optional<OldTime> parse_old_time(std::string_view text) {
    TimeReader in(text);
    const auto day = read_day(in);
    const bool stamp = in.next_is(' ');
    if (!day || (!in.character('T') && !in.character(' '))) {
        return std::nullopt;
    }
    const auto clock = read_clock(in);
    if (!clock) {
        return std::nullopt;
    }
    bool bad = false;
    const auto offset = read_offset(in, &bad);
    if (bad) {
        return std::nullopt;
    }
    const std::int64_t seconds = std::int64_t{day->time_since_epoch().count()} * 86'400 +
                                 clock->hour * 3600 + clock->minute * 60 + clock->second -
                                 offset.value_or(0);
    const std::int64_t at_us = seconds * kUsPerSecond + clock->fraction_us;
    if (at_us < 0) {
        return std::nullopt;
    }
    if (offset) {
        return OldTime{at_us, OldTimeKind::with_offset};
    }
    return OldTime{at_us, stamp ? OldTimeKind::stamp : OldTimeKind::no_offset};
}

}  // namespace credence::skills
