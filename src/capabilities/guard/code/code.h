// Code meant to run, to open a shell, to exfiltrate or to tamper, recognised by its structure:
// shell, Python, SQL, JavaScript, PowerShell, templates, path traversal.
//
// Words are no evidence: ordinary commands, programs and documentation pass. Linear in the text: up
// to 64 KiB are read whatever they hold; of a longer text the beginning, the end, and as much
// between them as a fixed amount of work allows.
#pragma once

#include <string_view>
#include <vector>

#include "capabilities/guard/detected.h"

namespace credence::guard {

// Appends what is found in the text as it was written, at most kMaxDetected, in no particular
// order. False when some of the text was left unread. Thread-safe.
bool find_code(std::string_view text, std::vector<Detected>& found);

}  // namespace credence::guard
