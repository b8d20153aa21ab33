// The wordings of each tenant in memory, compared by meaning and by words.
//
// Wordings are made from the log in steps (catch_up), a moment after it was written: a search first
// reads what is new, at most kSearchRows rows, and says so where more is left. Vectors are those of
// the built-in embedder (patterns/search/embedder.h) for texts, and the caller's own 384 numbers,
// which compare among themselves only. Nothing is loaded before the first search of a tenant.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/skills/skills_parts.h"
#include "engine/store/database.h"
#include "engine/vectors/vector.h"

namespace credence::skills {

struct SearchQuestion {
    std::string_view text;                       // empty: none
    const vectors::Vector* embedding = nullptr;  // of the caller; compared with such
    std::string_view similar_to;                 // a skill; empty: none
    bool by_words = true;
    bool by_meaning = true;
};

// The best wording of a skill.
struct FoundSkill {
    std::string skill_name;
    double relevance = 0;   // in [0, 1], comparable within an answer
    double similarity = 0;  // cosine
    bool by_meaning = false;
    std::int64_t number = 0;  // of the wording; 0: a row of the log with an embedding
};

struct FoundSkills {
    std::vector<FoundSkill> skills;  // best first, then by name
    std::int64_t wordings = 0;
    bool complete = true;
};

// Thread-safe.
class SearchIndex {
public:
    static constexpr std::int64_t kStepRows = 1'000;  // of the log, a transaction
    static constexpr std::int64_t kSearchRows = 5'000;
    static constexpr std::size_t kMaxWordings = 100'000;   // compared of a tenant: the newest
    static constexpr std::size_t kMaxEmbeddings = 50'000;  // likewise
    static constexpr std::size_t kMaxTenants = 64;         // in memory
    static constexpr std::size_t kMaxQueryWords = 16;
    static constexpr std::int64_t kMaxWordMatches = 500;
    static constexpr double kWordShare = 0.4;  // of relevance; the rest is the meaning's

    SearchIndex(store::Database& database, const Clock& clock, const SkillsSettings& settings);
    ~SearchIndex();

    Result<FoundSkills> find(std::string_view tenant, const SearchQuestion& question);

    // Reads on in the log for tenants that search; forgets wordings older than the settings keep.
    Result<void> upkeep();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// A wording as it is compared: words in lower case, one blank between them.
std::string normal_wording(std::string_view text);

}  // namespace credence::skills
