// The skills that are part of the program: skills/<name>/SKILL.md and what lies beside it, embedded
// when it is built.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace credence::surface::mcp {

struct SkillFile {
    std::string_view path;  // "verify-a-claim/SKILL.md"
    std::string_view text;
};

// Sorted by path.
std::span<const SkillFile> shipped_skill_files();

struct Skill {
    static constexpr std::size_t kMaxFiles = 512;
    static constexpr std::size_t kMaxBytes = std::size_t{16} << 20;  // of all its files

    struct File {
        std::string uri;
        std::string_view text;
        std::string digest;  // "sha256:" and 64 hexadecimal digits
    };
    std::string name;
    std::string description;
    std::map<std::string, std::string> front_matter;  // whole
    std::string uri;                                  // of SKILL.md
    std::vector<File> files;                          // SKILL.md first
};

// Groups files by their first folder, in order of names. Code::invalid with the path as field: a
// skill without SKILL.md; front matter that is not lines "key: text" between two "---", with a name
// that is its folder's (lower-case letters, digits and single hyphens, at most 64) and a
// description; too many files or bytes.
Result<std::vector<Skill>> read_skills(std::span<const SkillFile> files);

}  // namespace credence::surface::mcp
