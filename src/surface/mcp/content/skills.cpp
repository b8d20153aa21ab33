#include "surface/mcp/content/skills.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "surface/mcp/content/read_result.h"

namespace credence::surface::mcp {
namespace {

constexpr std::string_view kScheme = "skill://";
constexpr std::string_view kMarkdown = "text/markdown";
constexpr std::string_view kDirectory = "inode/directory";

std::vector<Skill> checked_skills(std::span<const SkillFile> files) {
    auto skills = read_skills(files);
    CHECK(skills.has_value(), skills ? "" : skills.error().field + ": " + skills.error().message);
    return *std::move(skills);
}

// The Skill object of skills/list and skills/get.
std::string skill_entry(const Skill& skill, const SkillEffects& effects) {
    std::string out = R"({"uri":)";
    append_json_string(skill.uri, out);
    out += R"(,"frontmatter":{)";
    for (const auto& [key, value] : skill.front_matter) {
        out += out.back() == '{' ? "" : ",";
        append_json_string(key, out);
        out += ':';
        append_json_string(value, out);
    }
    out += R"(},"resources":[)";
    for (const Skill::File& file : skill.files) {
        out += out.back() == '[' ? R"({"uri":)" : R"(,{"uri":)";
        append_json_string(file.uri, out);
        out += R"(,"digest":)";
        append_json_string(file.digest, out);
        out += R"(,"size":)" + std::to_string(file.text.size()) + "}";
    }
    out += ']';
    if (const auto effect = effects.find(skill.name); effect != effects.end()) {
        out += R"(,"_meta":{"credence/effectiveness":)" + effect->second + "}";
    }
    return out + "}";
}

struct ListedFile {
    std::string_view uri;
    std::string_view name;
    std::string_view mime_type;
    std::string_view description = {};
    std::optional<std::size_t> size = std::nullopt;
};

std::string listed_file(const ListedFile& file) {
    std::string out = R"({"uri":)";
    append_json_string(file.uri, out);
    out += R"(,"name":)";
    append_json_string(file.name, out);
    if (!file.description.empty()) {
        out += R"(,"description":)";
        append_json_string(file.description, out);
    }
    out += R"(,"mimeType":)";
    append_json_string(file.mime_type, out);
    if (file.size) {
        out += R"(,"size":)" + std::to_string(*file.size);
    }
    return out + "}";
}

// A skill's own file carries its name, as the extension asks; the others their path within it.
std::string listed_skill_file(const Skill& skill, const Skill::File& file) {
    const bool is_manifest = file.uri == skill.uri;
    return listed_file(
        {.uri = file.uri,
         .name = is_manifest ? std::string_view(skill.name)
                             : std::string_view(file.uri).substr(kScheme.size()),
         .mime_type = kMarkdown,
         .description = is_manifest ? std::string_view(skill.description) : std::string_view(),
         .size = file.text.size()});
}

// What lies in the folder itself, files and folders, in order of names. Nothing: no such folder.
std::vector<std::string> directory_children(const std::vector<Skill>& skills,
                                            const std::string& folder_uri) {
    std::vector<std::string> out;
    std::set<std::string> folders;
    for (const Skill& skill : skills) {
        for (const Skill::File& file : skill.files) {
            if (!file.uri.starts_with(folder_uri + "/")) {
                continue;
            }
            const std::size_t slash = file.uri.find('/', folder_uri.size() + 1);
            if (slash == std::string::npos) {
                out.push_back(listed_skill_file(skill, file));
            } else if (const std::string child = file.uri.substr(0, slash);
                       folders.insert(child).second) {
                out.push_back(
                    listed_file({.uri = child,
                                 .name = std::string_view(child).substr(folder_uri.size() + 1),
                                 .mime_type = kDirectory}));
            }
        }
    }
    return out;
}

std::string joined(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) {
        out += out.empty() ? "" : ",";
        out += item;
    }
    return out;
}

RpcError unknown_uri(std::string_view uri, std::string message) {
    std::string data = R"({"uri":)";
    append_json_string(uri, data);
    return {RpcCode::invalid_params, std::move(message), data + "}"};
}

// True when it was refused: nobody was ever given a cursor.
bool refuse_cursor(const RequestPtr& request) {
    if (request->params()["cursor"].is_absent()) {
        return false;
    }
    request->fail({RpcCode::invalid_params, "unknown cursor", {}});
    return true;
}

}  // namespace

SkillLibrary::SkillLibrary(Dispatcher& dispatcher, std::span<const SkillFile> files)
    : dispatcher_(dispatcher), skills_(checked_skills(files)) {}

std::string SkillLibrary::extensions(Revision) const {
    return '"' + std::string(kSkillsExtension) + R"(":{"directoryRead":true})";
}

const Skill* SkillLibrary::find(std::string_view uri) const {
    const auto found = std::ranges::find(skills_, uri, &Skill::uri);
    return found == skills_.end() ? nullptr : &*found;
}

const Skill::File* SkillLibrary::find_file(std::string_view uri) const {
    for (const Skill& skill : skills_) {
        const auto found = std::ranges::find(skill.files, uri, &Skill::File::uri);
        if (found != skill.files.end()) {
            return &*found;
        }
    }
    return nullptr;
}

void SkillLibrary::resources(const Caller&, std::vector<std::string>& out) const {
    for (const Skill& skill : skills_) {
        for (const Skill::File& file : skill.files) {
            out.push_back(listed_skill_file(skill, file));
        }
    }
}

bool SkillLibrary::has_resource(const Caller&, std::string_view uri) const {
    return find_file(uri) != nullptr;
}

bool SkillLibrary::read_resource(std::string_view uri, const RequestPtr& request) {
    const Skill::File* file = find_file(uri);
    if (file == nullptr) {
        return false;
    }
    request->finish(read_result(request->caller(), {uri, kMarkdown, file->text, true}));
    return true;
}

bool SkillLibrary::take(const RequestPtr& request) {
    if (request->method() == "skills/list") {
        list(request);
    } else if (request->method() == "skills/get") {
        get(request);
    } else if (request->method() == "resources/directory/read") {
        read_directory(request);
    } else {
        return false;
    }
    return true;
}

void SkillLibrary::list(const RequestPtr& request) {
    if (refuse_cursor(request)) {
        return;
    }
    std::vector<std::string> names;
    for (const Skill& skill : skills_) {
        names.push_back(skill.name);
    }
    read_skill_effects(dispatcher_, request->caller().context, std::move(names),
                       [this, request](const SkillEffects& effects) {
                           std::vector<std::string> entries;
                           for (const Skill& skill : skills_) {
                               entries.push_back(skill_entry(skill, effects));
                           }
                           request->finish(R"({"skills":[)" + joined(entries) + "]" +
                                           cache_members(request->caller(), kListTtlMs, false) +
                                           "}");
                       });
}

void SkillLibrary::get(const RequestPtr& request) {
    const Member& uri = request->params()["uri"];
    const Skill* skill = uri.is_text() ? find(uri.value) : nullptr;
    if (skill == nullptr) {
        request->fail(uri.is_text()
                          ? unknown_uri(uri.value, "no such skill")
                          : RpcError{RpcCode::invalid_params, "params.uri must be a string", {}});
        return;
    }
    read_skill_effects(dispatcher_, request->caller().context, {skill->name},
                       [skill, request](const SkillEffects& effects) {
                           request->finish(R"({"skill":)" + skill_entry(*skill, effects) +
                                           cache_members(request->caller(), kListTtlMs, false) +
                                           "}");
                       });
}

void SkillLibrary::read_directory(const RequestPtr& request) {
    const Member& uri = request->params()["uri"];
    if (!uri.is_text()) {
        request->fail({RpcCode::invalid_params, "params.uri must be a string", {}});
        return;
    }
    if (refuse_cursor(request)) {
        return;
    }
    std::string folder = uri.value;
    if (folder.ends_with('/')) {
        folder.pop_back();
    }
    const bool is_within = folder.starts_with(kScheme) && folder.size() > kScheme.size();
    const std::vector<std::string> children =
        is_within ? directory_children(skills_, folder) : std::vector<std::string>();
    if (children.empty()) {
        request->fail(unknown_uri(uri.value, "no such directory"));
        return;
    }
    request->finish(R"({"resources":[)" + joined(children) + "]" +
                    cache_members(request->caller(), kFixedTtlMs, true) + "}");
}

}  // namespace credence::surface::mcp
