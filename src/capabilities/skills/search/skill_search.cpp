#include "capabilities/skills/search/skill_search.h"

#include <algorithm>

#include "capabilities/skills/search/search_index.h"
#include "capabilities/skills/search/search_rows.h"
#include "capabilities/skills/skills.h"
#include "capabilities/skills/state/ledger.h"
#include "stats/shrinkage.h"

namespace credence::skills {
namespace {

// How well a skill does, overall and in the phase asked for.
struct Fitness {
    stats::RateCount overall;
    stats::RateCount in_phase;
};

struct FitnessTable {
    std::vector<Fitness> skills;  // in the order asked for
    stats::BetaShape prior = stats::kNoRatePrior;
};

FitnessTable fitness_of(const SkillState& state, const std::vector<FoundSkill>& found,
                        const std::optional<std::string>& phase) {
    FitnessTable table;
    std::vector<stats::RateCount> groups;
    const auto overall = [](const SkillFigures& skill) {
        stats::RateCount count;
        for (const auto& [name, total] : skill.phases) {
            count.successes += total.completed;
            count.n += total.invocations;
        }
        return count;
    };
    for (const SkillFigures& skill : state.skills()) {
        groups.push_back(overall(skill));
    }
    table.prior = stats::fit_rate_prior(groups).value_or(stats::kNoRatePrior);
    for (const FoundSkill& item : found) {
        Fitness& fitness = table.skills.emplace_back();
        const auto number = state.find(item.skill_name);
        if (!number) {
            continue;
        }
        fitness.overall = groups[*number];
        const auto& phases = state.skills()[*number].phases;
        if (const auto in = phase ? phases.find(*phase) : phases.end(); in != phases.end()) {
            fitness.in_phase = {in->second.completed, in->second.invocations};
        }
    }
    return table;
}

Result<void> check(const SearchSkills& request) {
    const int asked =
        (request.query ? 1 : 0) + (request.query_embedding ? 1 : 0) + (request.similar_to ? 1 : 0);
    if (asked != 1) {
        return fail(Code::invalid, "give one of query, query_embedding and similar_to", "query");
    }
    if (request.query && normal_wording(*request.query).empty()) {
        return fail(Code::invalid, "has no words", "query");
    }
    return {};
}

Result<vectors::Vector> embedding_of(const SearchSkills& request) {
    if (!request.query_embedding) {
        return vectors::Vector{};
    }
    const std::vector<float> numbers(request.query_embedding->begin(),
                                     request.query_embedding->end());
    auto vector = vectors::quantise(numbers);
    if (!vector || vector->inverse_length == 0) {
        return fail(Code::invalid, "must be finite numbers that are not all 0", "query_embedding");
    }
    return vector;
}

struct Ranked {
    SkillMatch match;
    std::int64_t wording = 0;  // number of the best one
};

SkillMatch match_of(const FoundSkill& found, const Fitness& fitness, const FitnessTable& table,
                    const SearchSkills& request) {
    SkillMatch match;
    match.skill_name = found.skill_name;
    match.relevance = found.relevance;
    if (found.by_meaning) {
        match.similarity = found.similarity;
    }
    match.uses = fitness.overall.n;
    if (fitness.overall.n > 0) {
        match.completion_rate = figure_of(stats::shrunk_rate(fitness.overall, table.prior));
    }
    const bool by_phase = request.workflow_phase.has_value();
    if (by_phase && fitness.in_phase.n > 0) {
        match.phase_completion_rate = figure_of(stats::shrunk_rate(fitness.in_phase, table.prior));
    }
    // A skill never used in the phase is as good as the prior's lower bound, no better.
    const double fit =
        stats::rate_lower_bound(by_phase ? fitness.in_phase : fitness.overall, table.prior);
    match.score = (1 - request.phase_weight) * found.relevance + request.phase_weight * fit;
    return match;
}

}  // namespace

Result<SkillMatches> Skills::search(const Context& context, const SearchSkills& request) {
    TRY(check(request));
    const vectors::Vector embedding = TRY(embedding_of(request));
    SearchQuestion question;
    question.text = request.query ? std::string_view(*request.query) : std::string_view();
    question.embedding = request.query_embedding ? &embedding : nullptr;
    question.similar_to =
        request.similar_to ? std::string_view(*request.similar_to) : std::string_view();
    question.by_words = request.by != SearchBy::meaning;
    question.by_meaning = request.by != SearchBy::words;
    FoundSkills found = TRY(parts_.search->find(context.tenant, question));
    std::erase_if(found.skills, [&](const FoundSkill& skill) {
        return skill.by_meaning && skill.similarity < request.min_similarity;
    });
    if (request.session_id) {
        const auto used = TRY(parts_.database.read([&](store::Tx& tx) {
            return search_rows::skills_of_session(tx, context.tenant, *request.session_id);
        }));
        std::erase_if(found.skills, [&](const FoundSkill& skill) {
            return !std::ranges::binary_search(used, skill.skill_name);
        });
    }
    const FitnessTable table = TRY(
        parts_.ledger->read(context.tenant, [&](const SkillState& state) -> Result<FitnessTable> {
            return fitness_of(state, found.skills, request.workflow_phase);
        }));
    std::vector<Ranked> ranked;
    for (std::size_t i = 0; i < found.skills.size(); ++i) {
        ranked.push_back(
            {match_of(found.skills[i], table.skills[i], table, request), found.skills[i].number});
    }
    std::ranges::stable_sort(ranked, [](const Ranked& a, const Ranked& b) {
        return a.match.score != b.match.score ? a.match.score > b.match.score
                                              : a.match.skill_name < b.match.skill_name;
    });
    ranked.resize(std::min(ranked.size(), static_cast<std::size_t>(request.limit)));
    SkillMatches out{.matches = {}, .wordings = found.wordings, .complete = found.complete};
    return parts_.database.read([&](store::Tx& tx) -> Result<SkillMatches> {
        out.matches.clear();
        for (const Ranked& item : ranked) {
            auto wording = TRY(search_rows::find(tx, context.tenant, item.wording));
            out.matches.push_back(item.match);
            if (wording) {
                out.matches.back().matched_query = std::move(wording->user_query);
            }
        }
        return out;
    });
}

}  // namespace credence::skills
