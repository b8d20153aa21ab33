#include "api/operation.h"

#include <algorithm>
#include <array>

namespace credence {

std::string_view to_string(HttpMethod method) {
    static constexpr std::array<std::string_view, 5> kNames = {"GET", "POST", "PUT", "PATCH",
                                                               "DELETE"};
    return kNames[static_cast<std::size_t>(method)];
}

bool Operation::is_in_path(std::string_view field) const {
    return std::ranges::find(path_parameters, field) != path_parameters.end();
}

}  // namespace credence
