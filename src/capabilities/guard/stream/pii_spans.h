// Personal data and secrets as matches of a stream: each is to be masked, kind is its Detector.
#pragma once

#include <string_view>
#include <vector>

#include "capabilities/guard/pii/pii.h"
#include "capabilities/guard/stream/stream_scanner.h"

namespace credence::guard {

// As find_pii() finds them with these options, all of them (options.max_found is raised). A private
// key whose end has not come yet is said to go on. Thread-safe.
std::vector<StreamSpan> pii_spans(std::string_view text, PiiOptions options);

}  // namespace credence::guard
