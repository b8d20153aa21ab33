// The insides of Settings, shared by settings*.cpp only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/shape.h"

namespace credence::settings_detail {

inline constexpr std::size_t kMaxTomlBytes = std::size_t{1} << 20;
inline constexpr int kMaxKeyParts = 8;  // of a dotted key; a setting has two

struct FileValue {
    std::string json;
    std::int64_t line = 0;
};

// One top-level entry of the file. Anything but a table has no values and is_table == false.
struct FileSection {
    std::int64_t line = 0;
    bool is_table = false;
    std::map<std::string, FileValue, std::less<>> values;
};

using File = std::map<std::string, FileSection, std::less<>>;

// Code::invalid with "name:line: …" when text is not TOML, nests too deeply, or is too long.
Result<File> parse_toml(std::string_view text, std::string_view name);

// "[name]" with a documented line for every field of the object.
std::string print_section(std::string_view name, const Shape& shape, const void* value);

// "; did you mean 'timeout_ms'?" for the nearest candidate within two edits, else "".
std::string suggest(std::string_view wrong, const std::vector<std::string>& candidates);

// A foreign name, quoted, shortened and without control characters, for a message.
std::string quote_name(std::string_view name);

}  // namespace credence::settings_detail
