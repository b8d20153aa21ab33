#include "capabilities/skills/record/record_check.h"

#include <algorithm>

#include "base/text.h"

namespace credence::skills::record {
namespace {

constexpr std::size_t kMaxCursorBytes = 400;

// C0, DEL, and C1 in its two bytes.
bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c1 =
            byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (byte < 0x20 || byte == 0x7F || c1) {
            return true;
        }
    }
    return false;
}

bool is_session_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._:@+-").contains(c);
}

}  // namespace

Result<std::string> clean_name(std::string_view text, std::size_t max_bytes, std::string field) {
    const std::string_view name = trim(text);
    if (name.empty()) {
        return fail(Code::invalid, "a name is needed here", std::move(field));
    }
    if (name.size() > max_bytes) {
        return fail(Code::invalid, "at most " + std::to_string(max_bytes) + " bytes here",
                    std::move(field));
    }
    if (has_control_character(name) || !is_valid_utf8(name)) {
        return fail(Code::invalid, "a name is UTF-8 without control characters", std::move(field));
    }
    return std::string(name);
}

Result<std::optional<std::string>> clean_optional(const std::optional<std::string>& text,
                                                  std::size_t max_bytes, std::string field) {
    if (!text) {
        return std::nullopt;
    }
    return std::optional(TRY(clean_name(*text, max_bytes, std::move(field))));
}

Result<void> check_session_id(std::string_view session_id) {
    if (session_id.empty() || session_id.size() > kMaxSessionIdBytes ||
        !std::ranges::all_of(session_id, is_session_character)) {
        return fail(Code::invalid, "a session id is 1 to 128 letters, digits or . _ : @ + -",
                    "session_id");
    }
    return {};
}

Result<void> check_time(std::int64_t at_us, std::int64_t now_us, std::string field) {
    if (at_us < 0) {
        return fail(Code::invalid, "times are microseconds since 1970", std::move(field));
    }
    if (at_us > now_us + kMaxFutureUs) {
        return fail(Code::invalid, "this lies more than five minutes in the future",
                    std::move(field));
    }
    return {};
}

std::string_view cut_at_character(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) {
        return text;
    }
    std::size_t end = max_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

std::string write_cursor(const PageCursor& cursor) {
    return std::to_string(cursor.at) + ":" + cursor.key;
}

Result<PageCursor> read_cursor(std::string_view text) {
    const std::size_t colon = text.find(':');
    const auto at = text.size() <= kMaxCursorBytes && colon != std::string_view::npos
                        ? parse_integer(text.substr(0, colon))
                        : std::nullopt;
    if (!at) {
        return fail(Code::invalid, "this is no cursor of ours", "cursor");
    }
    return PageCursor{*at, std::string(text.substr(colon + 1))};
}

}  // namespace credence::skills::record
