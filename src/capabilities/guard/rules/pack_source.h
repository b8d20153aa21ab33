// The text of one pack file, and many of them in one block of bytes: the shipped packs travel
// inside the program, so that they can be compiled again together with packs of one's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::guard {

struct PackSource {
    std::string file;  // "jailbreak.toml"
    std::string text;
};

std::string join_sources(const std::vector<PackSource>& sources);
// Code::internal when damaged.
Result<std::vector<PackSource>> split_sources(std::string_view joined);
// Those built into the program.
Result<std::vector<PackSource>> embedded_sources();

}  // namespace credence::guard
