// Example values from a Shape: what the reference, and a newcomer's first request, show. Pure,
// deterministic and thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/shape.h"

namespace credence::surface {

enum class ExampleDetail : std::uint8_t {
    required,    // required fields, and those with an example of their own
    everything,  // every field
};

// A JSON value that decodes by the shape; objects in declaration order.
std::string example_json(const Shape& shape, ExampleDetail detail = ExampleDetail::required);

// The same for one field, whose own example and limits come first.
std::string example_json(const Field& field, ExampleDetail detail = ExampleDetail::required);

}  // namespace credence::surface
