#include "api/operation.h"

#include <array>

namespace credence {

std::string_view to_string(HttpMethod method) {
    static constexpr std::array<std::string_view, 5> kNames = {"GET", "POST", "PUT", "PATCH",
                                                               "DELETE"};
    return kNames[static_cast<std::size_t>(method)];
}

}  // namespace credence
