// What people asked, made fit to keep: secrets and personal data become redactions of their kind
// ("[EMAIL]"), the same each time, before anything is stored.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "capabilities/skills/skills_parts.h"

namespace credence::skills {

// Immutable, so thread-safe.
class QueryMask {
public:
    static constexpr std::size_t kMaxStoredBytes = 4'096;

    explicit QueryMask(const SkillsSettings& settings) : store_(settings.store_queries) {}

    // What to store: nothing when queries are not stored or nothing is left; at most
    // kMaxStoredBytes, cut at a character after masking. Invalid UTF-8 becomes U+FFFD. Twice the
    // cost of a scan for personal data where something is found, else once.
    Result<std::optional<std::string>> mask(std::string_view query) const;

private:
    bool store_;
};

}  // namespace credence::skills
