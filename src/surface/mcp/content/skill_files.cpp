#include "surface/mcp/content/skill_files.h"

#include <algorithm>

#include "base/text.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kManifest = "SKILL.md";
constexpr std::string_view kFence = "---";
constexpr std::size_t kMaxNameBytes = 64;

std::unexpected<Error> bad_skill(std::string_view path, std::string message) {
    return fail(Code::invalid, std::move(message), std::string(path));
}

// The Agent Skills rules for names.
bool is_skill_name(std::string_view name) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    return !name.empty() && name.size() <= kMaxNameBytes && name.front() != '-' &&
           name.back() != '-' && name.find("--") == std::string_view::npos &&
           std::ranges::all_of(name, is_allowed);
}

// Whether YAML reads it as this very text: no quotes, comments, mappings, lists, numbers or words
// with a meaning of their own.
bool is_plain_text(std::string_view text) {
    constexpr std::string_view kIndicators = "!&*-?:|>%@`\"'#,[]{}~0123456789.+";
    return !text.empty() && kIndicators.find(text.front()) == std::string_view::npos &&
           text.find(": ") == std::string_view::npos && text.find(" #") == std::string_view::npos &&
           !text.ends_with(':') && text != "true" && text != "false" && text != "null" &&
           text != "yes" && text != "no";
}

Result<std::map<std::string, std::string>> read_front_matter(const SkillFile& file) {
    std::map<std::string, std::string> out;
    bool open = false;
    for (const std::string_view line : split(file.text, '\n')) {
        if (line == kFence && open) {
            return out;
        }
        if (!open) {
            if (line != kFence) {
                break;
            }
            open = true;
            continue;
        }
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos || colon == 0) {
            return bad_skill(file.path, "front matter has lines \"key: text\"");
        }
        const std::string_view value = trim(line.substr(colon + 2));
        if (!is_plain_text(value) ||
            !out.emplace(std::string(line.substr(0, colon)), std::string(value)).second) {
            return bad_skill(file.path, "front matter has plain texts, each key once");
        }
    }
    return bad_skill(file.path, "front matter stands between two lines \"---\"");
}

Result<void> check_skill(const Skill& skill, const std::string& folder) {
    if (skill.uri.empty()) {
        return bad_skill(folder, "a skill has a SKILL.md");
    }
    if (skill.name != folder || !is_skill_name(folder)) {
        return bad_skill(folder, "a skill is named as its folder, in lower case with hyphens");
    }
    if (skill.description.empty()) {
        return bad_skill(folder, "a skill has a description");
    }
    std::size_t bytes = 0;
    for (const Skill::File& file : skill.files) {
        bytes += file.text.size();
    }
    if (skill.files.size() > Skill::kMaxFiles || bytes > Skill::kMaxBytes) {
        return bad_skill(folder, "a skill has at most 512 files and 16 MiB");
    }
    return {};
}

Result<void> add_file(const SkillFile& file, std::string_view name, Skill& skill) {
    Skill::File added{"skill://" + std::string(file.path), file.text,
                      "sha256:" + sha256_hex(file.text)};
    if (name != kManifest) {
        skill.files.push_back(std::move(added));
        return {};
    }
    skill.front_matter = TRY(read_front_matter(file));
    skill.name = skill.front_matter["name"];
    skill.description = skill.front_matter["description"];
    skill.uri = added.uri;
    skill.files.insert(skill.files.begin(), std::move(added));
    return {};
}

}  // namespace

Result<std::vector<Skill>> read_skills(std::span<const SkillFile> files) {
    std::map<std::string, Skill> by_folder;
    for (const SkillFile& file : files) {
        const std::size_t slash = file.path.find('/');
        if (slash == std::string_view::npos) {
            return bad_skill(file.path, "a skill's files lie in its folder");
        }
        TRY(add_file(file, file.path.substr(slash + 1),
                     by_folder[std::string(file.path.substr(0, slash))]));
    }
    std::vector<Skill> out;
    for (auto& [folder, skill] : by_folder) {
        TRY(check_skill(skill, folder));
        out.push_back(std::move(skill));
    }
    return out;
}

}  // namespace credence::surface::mcp
