// Foreign text inside Markdown, so that it can neither end its fence nor move a cursor. Pure.
#pragma once

#include <string>
#include <string_view>

namespace credence::trust {

// Control characters other than newline and tab as \xNN, those of Unicode that turn or hide text
// as \u{NNNN}; invalid UTF-8 becomes U+FFFD.
std::string visible(std::string_view text);

// A fenced block: the fence is one backtick longer than the longest run inside, at least three.
std::string fenced(std::string_view text);

// One line inside a table cell or sentence: as a code span whose delimiter is longer than any run
// of backticks inside; newlines and pipes are escaped.
std::string code_span(std::string_view text);

}  // namespace credence::trust
