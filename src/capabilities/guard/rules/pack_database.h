// Expressions compiled into a database of the matcher. Errors are Code::invalid and name the
// expression. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

// Bytes that a match is long; Pattern::kUnbounded: or longer.
struct ExpressionWidth {
    std::uint16_t least = 0;
    std::uint16_t most = 0;
};
Result<ExpressionWidth> width_of(const std::string& expression);

// What is told of a match; telling where it starts costs speed.
enum class Reports : std::uint8_t { end, start_and_end };

// Serialised, for any x86-64 machine of the baseline. ids[i] is reported for expressions[i].
Result<std::string> compile_database(const std::vector<std::string>& expressions,
                                     const std::vector<unsigned>& ids, Reports reports);

}  // namespace credence::guard
