// Structured logging: one JSON object a line on stderr, written by a background thread.
//
//   log::info("claim verified", {{"claim", id.to_string()}, {"accurate", ok}});
//
// A log line is an event with values, never prose with holes. Thread-safe; a call costs well under
// a microsecond. The queue is bounded: when it is full, lines below `warning` are dropped and
// counted ("log lines dropped"), others wait. Secrets cannot be passed.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace credence::log {

enum class Level : std::uint8_t { debug, info, warning, error, off };

// A borrowed value: lives for the call only.
struct Value {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, double, bool> value;

    Value(std::string_view k, std::string_view v) : key(k), value(v) {}
    Value(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    Value(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    Value(std::string_view k, bool v) : key(k), value(v) {}
    Value(std::string_view k, double v) : key(k), value(v) {}
    template <std::integral T>
        requires(!std::same_as<T, bool>)
    Value(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

using Values = std::initializer_list<Value>;

void debug(std::string_view event, Values values = {});
void info(std::string_view event, Values values = {});
void warning(std::string_view event, Values values = {});
void error(std::string_view event, Values values = {});

void set_level(Level level);
bool enabled(Level level);
// Waits until everything logged so far is written. Called at exit and before abort.
void flush();
// Redirects lines, for tests; nullptr restores stderr.
void set_sink(void (*sink)(std::string_view line));

}  // namespace credence::log
