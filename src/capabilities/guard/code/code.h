// Code meant to run, to open a shell, to exfiltrate or to tamper, recognised by its structure: shell,
// Python, SQL, JavaScript, PowerShell, templates, path traversal.
//
// Words are no evidence: ordinary commands, programs and documentation pass. Linear in the text.
#pragma once

#include <string_view>
#include <vector>

#include "capabilities/guard/detected.h"

namespace credence::guard {

// Appends what is found in the text as it was written, at most kMaxDetected, in no particular
// order. Thread-safe.
void find_code(std::string_view text, std::vector<Detected>& found);

}  // namespace credence::guard
