#include "capabilities/patterns/patterns_check.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace credence::patterns {
namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

// The C1 controls, U+0080 to U+009F, are C2 80 to C2 9F in UTF-8.
bool has_wide_control(std::string_view text) {
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        if (text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

bool is_category_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Past the string literal that begins at `begin`.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
    std::size_t i = begin + 1;
    while (i < json.size() && json[i] != '"') {
        i += json[i] == '\\' ? 2 : 1;
    }
    return std::min(i + 1, json.size());
}

int depth_of(std::string_view json) {
    int depth = 0;
    int deepest = 0;
    for (std::size_t i = 0; i < json.size();) {
        if (json[i] == '"') {
            i = end_of_string(json, i);
            continue;
        }
        if (json[i] == '{' || json[i] == '[') {
            deepest = std::max(deepest, ++depth);
        } else if (json[i] == '}' || json[i] == ']') {
            --depth;
        }
        ++i;
    }
    return deepest;
}

std::optional<std::int64_t> parse_part(std::string_view text) {
    constexpr std::size_t kMaxDigits = 6;
    const bool digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (text.empty() || text.size() > kMaxDigits || !digits ||
        (text.size() > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    return parse_integer(text);
}

}  // namespace

Result<std::string> clean_name(std::string_view name) {
    const std::string_view trimmed = trim(name);
    if (trimmed.empty() || trimmed.size() > kMaxNameBytes) {
        return fail(Code::invalid, "must have 1 to 255 bytes", "pattern_name");
    }
    if (!is_valid_utf8(trimmed) || std::ranges::any_of(trimmed, is_control) ||
        has_wide_control(trimmed)) {
        return fail(Code::invalid, "must be UTF-8 without control characters", "pattern_name");
    }
    return std::string(trimmed);
}

Result<void> check_category(std::string_view category, std::string_view field) {
    if (category.empty() || category.size() > kMaxCategoryBytes ||
        !std::ranges::all_of(category, is_category_letter)) {
        return fail(Code::invalid, "must match [a-z0-9_-]{1,100}", std::string(field));
    }
    return {};
}

Result<void> check_data(std::string_view json, std::string_view field) {
    if (json.size() > kMaxDataBytes) {
        return fail(Code::too_large, "must have at most 65536 bytes", std::string(field));
    }
    if (!validate_json(json) || !trim(json).starts_with('{')) {
        return fail(Code::invalid, "must be a JSON object", std::string(field));
    }
    if (depth_of(json) > kMaxDataDepth) {
        return fail(Code::invalid, "must be at most 16 levels deep", std::string(field));
    }
    return {};
}

Result<Version> parse_version(std::string_view text) {
    const auto parts = split(text, '.');
    Version version{};
    if (parts.size() != version.size()) {
        return fail(Code::invalid, "must look like 1.2.3", "version");
    }
    for (std::size_t i = 0; i < version.size(); ++i) {
        const auto part = parse_part(parts[i]);
        if (!part) {
            return fail(Code::invalid, "must look like 1.2.3", "version");
        }
        version[i] = *part;
    }
    return version;
}

std::string to_text(const Version& version) {
    return std::to_string(version[0]) + "." + std::to_string(version[1]) + "." +
           std::to_string(version[2]);
}

Version next_minor(const Version& version) {
    return {version[0], version[1] + 1, 0};
}

std::string words_of(std::string_view json) {
    std::string out;
    for (std::size_t i = 0; i < json.size();) {
        if (json[i] != '"') {
            ++i;
            continue;
        }
        const std::size_t end = end_of_string(json, i);
        if (const auto word = from_json<std::string>(json.substr(i, end - i))) {
            out += out.empty() ? "" : " ";
            out += *word;
        }
        i = end;
    }
    return out;
}

Result<std::string> overlaid(std::string_view base_json, std::string_view over_json) {
    using Object = std::map<std::string, RawJson>;
    auto merged = TRY(from_json<Object>(base_json));
    for (auto& [key, value] : TRY(from_json<Object>(over_json))) {
        merged[key] = value;
    }
    return to_json(merged);
}

double name_similarity(std::string_view a, std::string_view b) {
    const std::string left = to_lower(a);
    const std::string right = to_lower(b);
    const std::size_t longer = std::max(left.size(), right.size());
    if (longer == 0) {
        return 1;
    }
    return 1 - (static_cast<double>(edit_distance(left, right)) / static_cast<double>(longer));
}

}  // namespace credence::patterns
