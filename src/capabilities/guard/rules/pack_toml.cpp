#include <fmt/format.h>

#include <toml++/toml.h>

#include "capabilities/guard/rules/pack_node.h"

namespace credence::guard {

namespace {

Result<PackNode> convert(const toml::node& node, const std::string& file, int depth) {
    PackNode out;
    out.line = node.source().begin.line;
    const auto refuse = [&](std::string_view what) {
        return fail(Code::invalid, fmt::format("{}:{}: {}", file, out.line, what));
    };
    if (depth > PackNode::kMaxDepth) {
        return refuse("nested too deep");
    }
    if (const toml::table* table = node.as_table()) {
        for (const auto& [key, value] : *table) {
            out.members.push_back({std::string(key.str()), TRY(convert(value, file, depth + 1))});
        }
    } else if (const toml::array* list = node.as_array()) {
        out.kind = PackNode::Kind::list;
        for (const toml::node& item : *list) {
            out.items.push_back(TRY(convert(item, file, depth + 1)));
        }
    } else if (const auto* text = node.as_string()) {
        out.kind = PackNode::Kind::text;
        out.text = text->get();
    } else if (const auto* truth = node.as_boolean()) {
        out.kind = PackNode::Kind::boolean;
        out.truth = truth->get();
    } else if (node.is_number()) {
        out.kind = PackNode::Kind::number;
        out.number = node.value<double>().value_or(0);
    } else {
        return refuse("dates and times have no meaning here");
    }
    return out;
}

}  // namespace

const PackNode* PackNode::find(std::string_view key) const {
    for (const auto& [name, value] : members) {
        if (name == key) {
            return &value;
        }
    }
    return nullptr;
}

Result<PackNode> parse_toml_pack(std::string_view text, const std::string& file) {
    try {
        const toml::table root = toml::parse(text, file);
        return convert(root, file, 0);
    } catch (const toml::parse_error& error) {
        return fail(Code::invalid,
                    fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()));
    }
}

}  // namespace credence::guard
