// A rule pack as read from TOML or JSON, before its meaning is checked: one small tree, so that
// both spellings of the format go through the same reader, and every mistake names its line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::guard {

struct PackMember;

struct PackNode {
    enum class Kind { table, list, text, number, boolean };

    static constexpr int kMaxDepth = 16;

    Kind kind = Kind::table;
    std::size_t line = 0;  // from 1
    std::string text;
    double number = 0;
    bool truth = false;
    std::vector<PackNode> items;      // of a list
    std::vector<PackMember> members;  // of a table, keys distinct

    // Null when this is no table or lacks the member.
    const PackNode* find(std::string_view key) const;
};

struct PackMember {
    std::string key;
    PackNode value;
};

// Errors: Code::invalid, "FILE:LINE: what". Linear in the text. Thread-safe.
Result<PackNode> parse_toml_pack(std::string_view text, const std::string& file);
// Strict JSON (RFC 8259); a key that stands twice is refused.
Result<PackNode> parse_json_pack(std::string_view text, const std::string& file);

}  // namespace credence::guard
