#include "surface/mcp/protocol/members.h"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>

#include "base/json.h"
#include "base/shape.h"
#include "base/text.h"
#include "surface/mcp/protocol/dom.h"

namespace credence::surface::mcp {
namespace {

constexpr std::size_t kKeptParserBytes = std::size_t{1} << 20;  // larger parsers are not kept
constexpr std::size_t kLeastParserBytes = 4096;
constexpr std::size_t kDepth = std::size_t{kMaxNesting} + 2;

void parse_with(simdjson::dom::parser& parser, std::string_view text, const dom_detail::Use& use) {
    simdjson::dom::element root;
    auto error = simdjson::SUCCESS;
    if (parser.capacity() < text.size() || parser.max_depth() != kDepth) {
        error = parser.allocate(std::max(text.size(), kLeastParserBytes), kDepth);
    }
    if (error == simdjson::SUCCESS) {
        error = parser.parse(text.data(), text.size(), true).get(root);
    }
    use(error, root);
}

}  // namespace

namespace dom_detail {

void with_document(std::string_view text, const Use& use) {
    if (text.size() > kKeptParserBytes) {
        simdjson::dom::parser parser;
        parse_with(parser, text, use);
        return;
    }
    thread_local simdjson::dom::parser kept;
    parse_with(kept, text, use);
}

Member read_member(const simdjson::dom::element& value) {
    using simdjson::dom::element_type;
    using enum Member::Type;
    switch (value.type()) {
        case element_type::STRING:
            return {text, std::string(value.get_string().value_unsafe())};
        case element_type::OBJECT:
            return {object, simdjson::minify(value)};
        case element_type::ARRAY:
            return {array, simdjson::minify(value)};
        case element_type::BOOL:
            return {boolean, value.get_bool().value_unsafe() ? "true" : "false"};
        case element_type::INT64:
            return {integer, std::to_string(value.get_int64().value_unsafe())};
        case element_type::UINT64:
            return {integer, std::to_string(value.get_uint64().value_unsafe())};
        case element_type::NULL_VALUE:
            return {null, "null"};
        default:
            return {number, simdjson::minify(value)};
    }
}

std::optional<std::string> read_members(const simdjson::dom::object& object, Members& out) {
    std::vector<std::string_view> names;
    for (const auto& member : object) {
        names.push_back(member.key);
    }
    std::ranges::sort(names);
    if (const auto twice = std::ranges::adjacent_find(names); twice != names.end()) {
        return std::string(*twice);
    }
    for (const auto& member : object) {
        out.add(std::string(member.key), read_member(member.value));
    }
    return std::nullopt;
}

}  // namespace dom_detail

std::optional<std::int64_t> Member::integer() const {
    return type == Type::integer ? parse_integer(value) : std::nullopt;
}

std::string Member::json() const {
    if (type == Type::absent) {
        return "null";
    }
    if (type != Type::text) {
        return value;
    }
    std::string out;
    append_json_string(value, out);
    return out;
}

std::optional<Members> Members::parse(std::string_view object_json) {
    std::optional<Members> out;
    dom_detail::with_document(object_json, [&](int error, const simdjson::dom::element& root) {
        simdjson::dom::object object;
        if (error == simdjson::SUCCESS && root.get_object().get(object) == simdjson::SUCCESS &&
            dom_detail::read_members(object, out.emplace())) {
            out.reset();
        }
    });
    return out;
}

Members Members::of(const Member& member) {
    return member.is_object() ? parse(member.value).value_or(Members()) : Members();
}

const Member& Members::operator[](std::string_view name) const {
    static const Member kAbsent;
    const auto found = std::ranges::find(
        members_, name, [](const auto& member) -> std::string_view { return member.first; });
    return found == members_.end() ? kAbsent : found->second;
}

void Members::add(std::string name, Member member) {
    members_.emplace_back(std::move(name), std::move(member));
}

std::vector<Member> items_of(std::string_view array_json) {
    std::vector<Member> out;
    dom_detail::with_document(array_json, [&](int error, const simdjson::dom::element& root) {
        simdjson::dom::array array;
        if (error == simdjson::SUCCESS && root.get_array().get(array) == simdjson::SUCCESS) {
            for (const simdjson::dom::element item : array) {
                out.push_back(dom_detail::read_member(item));
            }
        }
    });
    return out;
}

}  // namespace credence::surface::mcp
