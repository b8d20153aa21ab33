// recommend: relevant, credible, and now and then untried.
#include <algorithm>
#include <map>

#include "capabilities/patterns/finding.h"
#include "capabilities/patterns/patterns_check.h"

namespace credence::patterns {
namespace {

constexpr std::int64_t kBest = 200;
constexpr std::int64_t kNewcomers = 50;  // of each level

struct Candidate {
    PatternRow row;
    double relevance = 0;
};

// By id: the most relevant, the most credible, and those hardly anybody tried.
Result<std::map<PatternId, Candidate>> candidates_for(const PatternsParts& parts, const Work& work,
                                                      const RecommendPatterns& request,
                                                      const Viewer& viewer) {
    std::map<PatternId, Candidate> found;
    const std::string text = request.context_data ? words_of(request.context_data->text) : "";
    if (!text.empty()) {
        for (FoundRow& hit : TRY(find_by_text(
                 parts, work, {text, request.category, viewer, PatternSearch::kMaxHits}))) {
            found[hit.row.id] = {std::move(hit.row), hit.hit.relevance};
        }
    }
    const double unmatched = text.empty() ? 1 : 0;
    pattern_rows::Listing listing;
    listing.name_space = viewer.name_space;
    listing.agent_id = viewer.agent_id;
    listing.category = request.category.value_or("");
    listing.limit = kBest;
    auto others = TRY(list_visible(work, viewer, listing));
    listing.limit = kNewcomers;
    for (const AccessLevel level : {AccessLevel::public_, AccessLevel::system}) {
        listing.level = level;
        for (PatternRow& row : TRY(pattern_rows::least_used(work.tx(), work.tenant(), listing))) {
            others.push_back(std::move(row));
        }
    }
    for (PatternRow& row : others) {
        const PatternId id = row.id;
        found.try_emplace(id, Candidate{std::move(row), unmatched});
    }
    return found;
}

// In [-0.2, 0.2]: few own outcomes say little.
Result<double> history_of(const Work& work, const PatternRow& row, const Viewer& viewer) {
    constexpr double kWeight = 0.2;
    constexpr double kPrior = 2;
    UserRow key;
    key.pattern_id = row.id;
    key.name_space = viewer.name_space;
    key.agent_id = viewer.agent_id;
    const UserRow user = TRY(use_rows::user(work.tx(), work.tenant(), key));
    const auto successes = static_cast<double>(user.success_count);
    const auto failures = static_cast<double>(user.failure_count);
    return kWeight * (successes - failures) / (successes + failures + kPrior);
}

}  // namespace

Result<Recommendations> Patterns::recommend(const Context& context,
                                            const RecommendPatterns& request) {
    return parts_.database.read([&](store::Tx& tx) -> Result<Recommendations> {
        const Work work(parts_, tx, context);
        Viewer viewer = TRY(work.viewer(request.agent_id));
        viewer.admin = false;  // for the agent, whatever its caller could see besides
        auto found = TRY(candidates_for(parts_, work, request, viewer));
        std::erase_if(found, [&](const auto& entry) {
            const PatternRow& row = entry.second.row;
            return is_own_use(row, viewer.name_space, viewer.agent_id) ||
                   !allowed(row.visibility(), viewer, Action::use);
        });
        std::int64_t all_uses = 0;
        for (const auto& [id, candidate] : found) {
            all_uses += candidate.row.usage_count;
        }
        Recommendations out;
        for (const auto& [id, candidate] : found) {
            Recommendation each;
            each.pattern = work.shown(candidate.row, viewer);
            each.relevance = candidate.relevance;
            each.credible_success = each.pattern.confidence;
            each.exploration = exploration_bonus(parts_.settings.exploration_weight,
                                                 candidate.row.usage_count, all_uses);
            each.history = TRY(history_of(work, candidate.row, viewer));
            each.score =
                (each.relevance * (each.credible_success + each.exploration)) + each.history;
            out.recommendations.push_back(std::move(each));
        }
        std::ranges::stable_sort(out.recommendations, std::ranges::greater(),
                                 &Recommendation::score);
        if (std::ssize(out.recommendations) > request.limit) {
            out.recommendations.resize(static_cast<std::size_t>(request.limit));
        }
        return out;
    });
}

}  // namespace credence::patterns
