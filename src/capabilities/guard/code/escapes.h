// Percent, backslash and entity escapes undone, as often as they are nested.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace credence::guard {

// Decodes `text` (lower case) into `decoded`; false when it holds no escape. Of long texts only
// what stands near escapes is kept. `origins` maps bytes of `text` to the original (empty: it is
// the original) and is replaced by the map of `decoded`, with one entry more for its end.
bool decode_escapes(std::string_view text, std::string& decoded,
                    std::vector<std::uint32_t>& origins);

}  // namespace credence::guard
