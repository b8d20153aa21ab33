// The rules in force: the packs that ship, and those that people keep in a folder beside them.
//
// With shipped packs alone nothing is compiled: the embedded database is used. With others, all
// are compiled together (seconds) so that a scan stays one pass. A user pack may use the groups of
// the shipped ones and add rules and marks; its examples are tested. When any file is wrong, none
// of the change is taken: the rules in force stay, and errors() tells where and why.
//
// Thread-safe. Readers take a snapshot and keep it for as long as they scan.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/snapshot.h"
#include "capabilities/guard/rules/rules.h"

namespace credence::guard {

struct PackInfo {
    std::string name;
    std::string version;
    PackOrigin origin = PackOrigin::shipped;
    bool enabled = true;
    std::int64_t rules = 0;
};

struct RulePacksOptions {
    std::string directory;              // of user packs (*.toml, *.json); empty: none
    std::vector<std::string> disabled;  // packs switched off from the start
};

class RulePacks {
public:
    static constexpr std::size_t kMaxFiles = 256;
    static constexpr std::size_t kMaxErrors = 64;
    static constexpr std::size_t kMaxDisabled = 256;

    // Fails only when the embedded rules do (Code::internal). A wrong user pack leaves the shipped
    // rules in force. About 10 ms without user packs, seconds with.
    static Result<std::unique_ptr<RulePacks>> open(RulePacksOptions options);

    std::shared_ptr<const RuleSet> rules() const { return current_.get(); }

    // Reads the folder again and compiles when a file came, went or changed (by content). True
    // when other rules are in force now. Code::invalid with the first error when a file is wrong;
    // Code::unavailable when the folder cannot be read. Scans go on meanwhile.
    Result<bool> reload();

    // Switches a pack, at once and without compiling. Code::not_found when no pack has this name.
    Result<void> set_enabled(const std::string& pack, bool enabled);

    // Every pack loaded, also those switched off, by name.
    std::vector<PackInfo> packs() const;
    // Of the latest open() or reload(): "FILE:LINE: what", empty when all is well.
    std::vector<std::string> errors() const;

private:
    RulePacks(RulePacksOptions options, std::shared_ptr<const RuleSet> all);
    // The files of the folder and a digest of their names and contents.
    struct Folder;
    Result<Folder> read_folder() const;
    Result<std::shared_ptr<const RuleSet>> compile(const Folder& folder,
                                                   std::vector<std::string>& errors) const;
    void publish();

    RulePacksOptions options_;
    mutable std::mutex reload_mutex_;     // one reload at a time
    mutable std::mutex mutex_;            // what follows
    std::shared_ptr<const RuleSet> all_;  // with no pack switched off
    std::vector<std::string> disabled_;
    std::vector<std::string> errors_;
    std::string folder_digest_;  // of the latest attempt, good or not
    Snapshot<RuleSet> current_;
};

}  // namespace credence::guard
