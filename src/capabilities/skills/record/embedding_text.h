// A caller's vector as the log keeps it: 384 float32 of length 1, little-endian, in base64 without
// padding (2,048 characters). Pure; thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::skills {

// Code::invalid unless there are 384 finite numbers, not all 0.
Result<std::string> encode_embedding(std::span<const double> numbers);
// Code::internal when it is not such text.
Result<std::vector<float>> decode_embedding(std::string_view text);

}  // namespace credence::skills
