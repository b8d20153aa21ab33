#include "base/result.h"

#include <array>

namespace credence {

std::string_view to_string(Code code) {
    static constexpr std::array<std::string_view, 12> kNames = {
        "invalid",   "unauthenticated", "forbidden", "not_found",   "conflict",    "too_large",
        "exhausted", "timeout",         "cancelled", "unavailable", "unsupported", "internal"};
    return kNames[static_cast<std::size_t>(code)];
}

}  // namespace credence
