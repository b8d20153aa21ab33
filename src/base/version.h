// The program's version, for everything that shows it.
#pragma once

#include <string_view>

namespace credence {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace credence
