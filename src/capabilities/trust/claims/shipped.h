// The texts of recipes/*.toml; shipped.gen.cpp is written when the build is configured.
#pragma once

#include <span>
#include <string_view>

namespace credence::trust {

struct ShippedFile {
    std::string_view name;
    std::string_view text;
};

std::span<const ShippedFile> shipped_files();

}  // namespace credence::trust
