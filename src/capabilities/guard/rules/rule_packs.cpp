#include "capabilities/guard/rules/rule_packs.h"

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "capabilities/guard/rules/pack.h"
#include "capabilities/guard/rules/pack_source.h"

namespace credence::guard {

namespace {

namespace fs = std::filesystem;

bool is_pack(const fs::path& path) {
    const std::string name = path.filename().string();
    return !name.starts_with('.') && (name.ends_with(".toml") || name.ends_with(".json"));
}

std::vector<std::string> distinct(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace

struct RulePacks::Folder {
    std::vector<PackSource> files;  // by name
    std::string digest;             // empty when there are no files
};

RulePacks::RulePacks(RulePacksOptions options, std::shared_ptr<const RuleSet> all)
    : options_(std::move(options)),
      all_(std::move(all)),
      disabled_(distinct(options_.disabled)),
      current_(all_) {
    publish();
}

Result<std::unique_ptr<RulePacks>> RulePacks::open(RulePacksOptions options) {
    std::shared_ptr<const RuleSet> shipped = TRY(RuleSet::load_embedded());
    std::unique_ptr<RulePacks> packs(new RulePacks(std::move(options), std::move(shipped)));
    const auto loaded = packs->reload();
    if (!loaded && packs->errors_.empty()) {
        packs->errors_.push_back(loaded.error().message);
    }
    return packs;
}

Result<RulePacks::Folder> RulePacks::read_folder() const {
    Folder folder;
    if (options_.directory.empty()) {
        return folder;
    }
    std::error_code code;
    fs::directory_iterator entries(options_.directory, code);
    std::vector<fs::path> paths;
    for (; !code && entries != fs::directory_iterator(); entries.increment(code)) {
        if (is_pack(entries->path())) {
            paths.push_back(entries->path());
        }
    }
    if (code) {
        return fail(Code::unavailable, options_.directory + ": " + code.message());
    }
    if (paths.size() > kMaxFiles) {
        return fail(Code::invalid, options_.directory + ": too many packs");
    }
    std::sort(paths.begin(), paths.end());
    std::string all;
    for (const fs::path& path : paths) {
        auto text = read_file(path.string(), kMaxPackBytes);
        if (!text) {
            return fail(text.error().code, path.string() + ":1: " + text.error().message);
        }
        folder.files.push_back({path.string(), std::move(*text)});
        all += sha256_hex(folder.files.back().file) + sha256_hex(folder.files.back().text);
    }
    folder.digest = all.empty() ? "" : sha256_hex(all);
    return folder;
}

Result<std::shared_ptr<const RuleSet>> RulePacks::compile(const Folder& folder,
                                                          std::vector<std::string>& errors) const {
    if (folder.files.empty()) {
        return std::shared_ptr<const RuleSet>(TRY(RuleSet::load_embedded()));
    }
    Packs packs;
    for (const PackSource& source : TRY(embedded_sources())) {
        TRY(read_pack(source.text, source.file, PackOrigin::shipped, packs));
    }
    for (const PackSource& source : folder.files) {
        // Each file against what came before it, so that all mistakes are told at once.
        Packs trial = packs;
        const auto read = read_pack(source.text, source.file, PackOrigin::user, trial);
        if (read) {
            packs = std::move(trial);
        } else if (errors.size() < kMaxErrors) {
            errors.push_back(read.error().message);
        }
    }
    if (!errors.empty()) {
        return fail(Code::invalid, errors.front());
    }
    auto built = RuleSet::build(packs);
    if (!built) {
        errors.push_back(built.error().message);
        return std::unexpected(std::move(built.error()));
    }
    return std::shared_ptr<const RuleSet>(std::move(*built));
}

Result<bool> RulePacks::reload() {
    const std::scoped_lock one_at_a_time(reload_mutex_);
    const auto folder = read_folder();
    if (!folder) {
        const std::scoped_lock lock(mutex_);
        errors_ = {folder.error().message};
        folder_digest_ = "unreadable";
        return std::unexpected(folder.error());
    }
    {
        const std::scoped_lock lock(mutex_);
        if (folder->digest == folder_digest_) {
            if (!errors_.empty()) {
                return fail(Code::invalid, errors_.front());
            }
            return false;
        }
    }
    std::vector<std::string> errors;
    auto rules = compile(*folder, errors);
    const std::scoped_lock lock(mutex_);
    errors_ = std::move(errors);
    folder_digest_ = folder->digest;
    if (!rules) {
        return std::unexpected(std::move(rules.error()));
    }
    const bool changed = (*rules)->digest() != all_->digest();
    if (changed) {
        all_ = std::move(*rules);
        publish();
    }
    return changed;
}

void RulePacks::publish() {
    current_.set(disabled_.empty() ? all_
                                   : std::shared_ptr<const RuleSet>(all_->without(disabled_)));
}

Result<void> RulePacks::set_enabled(const std::string& pack, bool enabled) {
    const std::scoped_lock lock(mutex_);
    const auto rules = all_->rules();
    if (std::none_of(rules.begin(), rules.end(),
                     [&](const Rule& rule) { return rule.pack == pack; })) {
        return fail(Code::not_found, "no pack '" + pack + "'", "pack");
    }
    const auto known = std::find(disabled_.begin(), disabled_.end(), pack);
    if (enabled == (known == disabled_.end())) {
        return {};
    }
    if (enabled) {
        disabled_.erase(known);
    } else if (disabled_.size() < kMaxDisabled) {
        disabled_.push_back(pack);
    }
    publish();
    return {};
}

std::vector<PackInfo> RulePacks::packs() const {
    const std::scoped_lock lock(mutex_);
    std::map<std::string, PackInfo> found;
    for (const Rule& rule : all_->rules()) {
        PackInfo& info = found[rule.pack];
        info.name = rule.pack;
        info.version = rule.version;
        info.origin = rule.origin;
        info.enabled = std::find(disabled_.begin(), disabled_.end(), rule.pack) == disabled_.end();
        ++info.rules;
    }
    std::vector<PackInfo> packs;
    for (auto& [name, info] : found) {
        packs.push_back(std::move(info));
    }
    return packs;
}

std::vector<std::string> RulePacks::errors() const {
    const std::scoped_lock lock(mutex_);
    return errors_;
}

}  // namespace credence::guard
