// How this folder reads JSON with simdjson. Not for other folders: they see Members.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "surface/mcp/protocol/members.h"

namespace simdjson::dom {
class element;
class object;
}  // namespace simdjson::dom

namespace credence::surface::mcp::dom_detail {

// Parses and calls use once, with the simdjson::error_code and, when that is SUCCESS, the document,
// which ends with the call; use must not parse anything else. Documents up to 1 MiB share a parser
// that the thread keeps. Nesting: params stand two levels deep in a message, and arguments get the
// nesting every request gets.
using Use = std::function<void(int error, const simdjson::dom::element& root)>;
void with_document(std::string_view text, const Use& use);

Member read_member(const simdjson::dom::element& value);
// Appends all members; the name of one that is given twice, or nothing.
std::optional<std::string> read_members(const simdjson::dom::object& object, Members& out);

}  // namespace credence::surface::mcp::dom_detail
