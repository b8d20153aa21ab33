// The Skills extension (io.modelcontextprotocol/skills, SEP-2640): skills/list and skills/get give
// each skill's front matter and the digest and size of its files; resources/read gives the files,
// resources/directory/read what a folder holds. The skills are those of the program.
//
// An entry of a skill that agents of this tenant used carries how it went in
// _meta["credence/effectiveness"]: see skill_effect.h.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/dispatch.h"
#include "surface/mcp/content/skill_effect.h"
#include "surface/mcp/content/skill_files.h"
#include "surface/mcp/protocol/feature.h"

namespace credence::surface::mcp {

// Immutable and thread-safe. Everything fits one page: there are no cursors.
class SkillLibrary final : public Feature {
public:
    static constexpr std::int64_t kListTtlMs = 60'000;  // effectiveness changes by the hour

    // CHECKs that the files are skills (read_skills). They must outlive this.
    explicit SkillLibrary(Dispatcher& dispatcher,
                          std::span<const SkillFile> files = shipped_skill_files());

    void resources(const Caller& caller, std::vector<std::string>& out) const override;
    bool read_resource(std::string_view uri, const RequestPtr& request) override;
    bool has_resource(const Caller& caller, std::string_view uri) const override;
    bool take(const RequestPtr& request) override;
    std::string extensions(Revision revision) const override;

private:
    const Skill* find(std::string_view uri) const;  // of its SKILL.md
    const Skill::File* find_file(std::string_view uri) const;
    void list(const RequestPtr& request);
    void get(const RequestPtr& request);
    void read_directory(const RequestPtr& request);

    Dispatcher& dispatcher_;
    std::vector<Skill> skills_;
};

}  // namespace credence::surface::mcp
