#include "surface/mcp/content/skill_files.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kGood = "---\nname: walk\ndescription: How to walk\n---\n# Walk\n";

std::string refusal_of(std::string_view path, std::string_view text) {
    const std::array files = {SkillFile{path, text}};
    const auto skills = read_skills(files);
    return skills ? "taken" : skills.error().message;
}

TEST(SkillFiles, ReadsSkills) {
    const std::array files = {SkillFile{"walk/SKILL.md", kGood},
                              SkillFile{"walk/a/STEPS.md", "one, two"}};
    const auto skills = read_skills(files);
    ASSERT_TRUE(skills.has_value());
    ASSERT_EQ(skills->size(), 1U);
    const Skill& skill = skills->front();
    EXPECT_EQ(skill.name, "walk");
    EXPECT_EQ(skill.description, "How to walk");
    EXPECT_EQ(skill.uri, "skill://walk/SKILL.md");
    ASSERT_EQ(skill.files.size(), 2U);
    EXPECT_EQ(skill.files[0].digest, "sha256:" + sha256_hex(kGood));
    EXPECT_EQ(skill.files[1].uri, "skill://walk/a/STEPS.md");
    EXPECT_EQ(skill.files[1].digest, "sha256:" + sha256_hex("one, two"));
}

TEST(SkillFiles, RefusesWhatIsNone) {
    EXPECT_EQ(refusal_of("walk/SKILL.md", kGood), "taken");
    EXPECT_EQ(refusal_of("SKILL.md", kGood), "a skill's files lie in its folder");
    EXPECT_EQ(refusal_of("walk/README.md", kGood), "a skill has a SKILL.md");
    EXPECT_EQ(refusal_of("run/SKILL.md", kGood),
              "a skill is named as its folder, in lower case with hyphens");
    EXPECT_EQ(refusal_of("Walk/SKILL.md", "---\nname: Walk\ndescription: x\n---\n"),
              "a skill is named as its folder, in lower case with hyphens");
    EXPECT_EQ(refusal_of("walk/SKILL.md", "---\nname: walk\n---\n"), "a skill has a description");
    for (const std::string_view text : {"# Walk", "---\nname: walk\ndescription: x", ""}) {
        EXPECT_EQ(refusal_of("walk/SKILL.md", text),
                  "front matter stands between two lines \"---\"");
    }
    EXPECT_EQ(refusal_of("walk/SKILL.md", "---\nname walk\n---\n"),
              "front matter has lines \"key: text\"");
    // What YAML would not read as this text.
    for (const std::string_view value : {"a: b", "1.5", "\"quoted\"", "[list]", "a #b", "true"}) {
        EXPECT_EQ(refusal_of("walk/SKILL.md",
                             "---\nname: walk\ndescription: " + std::string(value) + "\n---\n"),
                  "front matter has plain texts, each key once")
            << value;
    }
    EXPECT_EQ(refusal_of("walk/SKILL.md", "---\nname: walk\nname: walk\n---\n"),
              "front matter has plain texts, each key once");
}

TEST(SkillFiles, Bounds) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < Skill::kMaxFiles; ++i) {
        paths.push_back("walk/" + std::to_string(i) + ".md");
    }
    std::vector<SkillFile> files = {{"walk/SKILL.md", kGood}};
    for (const std::string& path : paths) {
        files.push_back({path, ""});
    }
    EXPECT_FALSE(read_skills(files).has_value());
    files.pop_back();
    EXPECT_TRUE(read_skills(files).has_value());
    const std::string large(Skill::kMaxBytes, 'a');
    files.back().text = large;
    EXPECT_FALSE(read_skills(files).has_value());
}

TEST(SkillFiles, ShippedOnesAreSkills) {
    const auto skills = read_skills(shipped_skill_files());
    ASSERT_TRUE(skills.has_value()) << skills.error().field << ": " << skills.error().message;
    EXPECT_GE(skills->size(), 5U);
    for (const Skill& skill : *skills) {
        EXPECT_LE(skill.files.front().text.size(), 4'096U) << skill.name;
        EXPECT_LE(skill.description.size(), 1'024U) << skill.name;
        EXPECT_TRUE(is_valid_utf8(skill.files.front().text)) << skill.name;
    }
}

}  // namespace
}  // namespace credence::surface::mcp
