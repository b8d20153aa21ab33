// What every operation of this folder asks of its input. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace credence::skills::record {

inline constexpr std::int64_t kMaxFutureUs = 5 * 60 * 1'000'000LL;  // clocks differ
inline constexpr std::size_t kMaxSessionIdBytes = 128;
inline constexpr std::size_t kMaxUserIdBytes = 256;
inline constexpr std::size_t kMaxProjectPathBytes = 1'024;
inline constexpr std::int64_t kMaxPage = 500;

// Trimmed; Code::invalid at `field` unless 1 … max_bytes of UTF-8 without control characters.
Result<std::string> clean_name(std::string_view text, std::size_t max_bytes, std::string field);
Result<std::optional<std::string>> clean_optional(const std::optional<std::string>& text,
                                                  std::size_t max_bytes, std::string field);

// 1 … 128 of A-Z a-z 0-9 . _ : @ + - (the store's key, and part of a path).
Result<void> check_session_id(std::string_view session_id);

// 0 … now and five minutes.
Result<void> check_time(std::int64_t at_us, std::int64_t now_us, std::string field);

// The longest beginning of at most max_bytes that ends between two characters.
std::string_view cut_at_character(std::string_view text, std::size_t max_bytes);

// "AT:KEY" and back; Code::invalid at "cursor".
struct PageCursor {
    std::int64_t at = 0;
    std::string key;
};
std::string write_cursor(const PageCursor& cursor);
Result<PageCursor> read_cursor(std::string_view text);

}  // namespace credence::skills::record
