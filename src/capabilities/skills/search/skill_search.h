// Finds skills by what was asked of them before: by words, by meaning, and by how well they do in
// a phase of a workflow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/shape.h"
#include "capabilities/skills/figure.h"
#include "capabilities/skills/record/invocations.h"

namespace credence::skills {

inline constexpr std::int64_t kMaxSkillMatches = 100;
inline constexpr std::size_t kMaxSearchBytes = 4'096;

enum class SearchBy : std::uint8_t {
    words_and_meaning,
    words,
    meaning,
};

// One of query, query_embedding and similar_to.
struct SearchSkills {
    std::optional<std::string> query = {};
    std::optional<std::vector<double>> query_embedding = {};
    std::optional<std::string> similar_to = {};
    SearchBy by = SearchBy::words_and_meaning;
    std::optional<std::string> workflow_phase = {};
    std::optional<std::string> session_id = {};
    std::int64_t limit = 10;
    double min_similarity = 0;
    double phase_weight = 0.3;
};
void describe(Describe<SearchSkills>&);

struct SkillMatch {
    std::string skill_name;
    double score = 0;
    double relevance = 0;
    std::optional<double> similarity;
    std::optional<std::string> matched_query;
    std::int64_t uses = 0;
    std::optional<Figure> completion_rate;
    std::optional<Figure> phase_completion_rate;
};
void describe(Describe<SkillMatch>&);

struct SkillMatches {
    std::vector<SkillMatch> matches;  // best first
    std::int64_t wordings = 0;        // that were compared
    bool complete = true;
};
void describe(Describe<SkillMatches>&);

}  // namespace credence::skills
