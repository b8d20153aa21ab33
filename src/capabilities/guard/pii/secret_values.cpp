#include "capabilities/guard/pii/secret_values.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "capabilities/guard/pii/bytes.h"
#include "capabilities/guard/pii/checksums.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMinRandom = 16;
constexpr double kRandomBits = 3.0;  // of a token that was not typed by hand
constexpr std::size_t kMinPassword = 6;
constexpr std::size_t kMaxPassword = 64;

// Parts of names that documentation puts where a secret goes.
constexpr auto kPlaceholderParts = std::to_array<std::string_view>(
    {"your",    "example",     "placeholder", "change",       "insert",     "dummy",    "sample",
     "replace", "redacted",    "xxxx",        "****",         "....",       "here",     "todo",
     "fixme",   "secret_key",  "api_key",     "apikey",       "<",          ">",        "{{",
     "${",      "process.env", "environ",     "getenv",       "none",       "null",     "undefined",
     "test123", "fake",        "mykey",       "abcdef123456", "1234567890", "12345678", "foobar",
     "string",  "not_a",       "not-a",       "token_here"});
constexpr auto kPlaceholders = std::to_array<std::string_view>(
    {"pass", "password", "passwd", "pwd", "secret", "user", "token", "key", "true", "false",
     "required", "optional", "hidden", "admin", "root", "guest", "xxx", "***"});

}  // namespace

bool is_placeholder(std::string_view value) {
    const std::string small = to_lower(value);
    if (small.empty() || small[0] == '$' || small[0] == '%' || small[0] == '{' ||
        small.find_first_not_of(small[0]) == std::string::npos) {
        return true;
    }
    return std::find(kPlaceholders.begin(), kPlaceholders.end(), small) != kPlaceholders.end() ||
           std::any_of(
               kPlaceholderParts.begin(), kPlaceholderParts.end(),
               [&](std::string_view part) { return small.find(part) != std::string::npos; });
}

bool looks_random(std::string_view value) {
    const bool digit = std::any_of(value.begin(), value.end(), is_digit);
    const bool letter = std::any_of(value.begin(), value.end(), is_letter);
    return value.size() >= kMinRandom && digit && letter && entropy_bits(value) >= kRandomBits;
}

bool looks_like_password(std::string_view value) {
    if (value.size() < kMinPassword || value.size() > kMaxPassword || is_placeholder(value)) {
        return false;
    }
    const bool digit = std::any_of(value.begin(), value.end(), is_digit);
    const bool letter = std::any_of(value.begin(), value.end(), is_letter);
    const bool sign = value.find_first_of("!@#$%^&*+=?~") != std::string_view::npos;
    const bool code = value.find_first_of("()[]{}<>;\\") != std::string_view::npos;
    const bool path = value.find('/') != std::string_view::npos;
    return letter && (digit || sign) && !code && !path;
}

}  // namespace credence::guard
