#include "capabilities/guard/code/code.h"

namespace credence::guard {

void find_code(std::string_view, std::vector<Detected>&) {}

}  // namespace credence::guard
