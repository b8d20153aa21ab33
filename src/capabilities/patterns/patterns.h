// Patterns: what agents learned, who may see it, and how far to believe in it. The loop closes
// here: learn -> apply -> verify (trust) -> statistics of the pattern.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/context.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "capabilities/patterns/patterns_access.h"
#include "capabilities/patterns/patterns_reports.h"
#include "capabilities/patterns/patterns_types.h"
#include "capabilities/patterns/search/search.h"
#include "capabilities/trust/gate.h"
#include "capabilities/trust/listener.h"
#include "engine/store/database.h"

namespace credence::patterns {

// Section [patterns].
struct PatternsSettings {
    std::int64_t max_patterns_per_namespace = 2'000'000;
    std::int64_t max_patterns_per_agent = 100'000;
    std::int64_t max_uses_per_agent_day = 10'000;  // of one pattern
    double half_life_days = 180;                   // of evidence; 0: it does not age
    std::int64_t max_outcomes_per_user = 20;       // that weigh in one pattern's confidence
    double inherited_share = 0.2;                  // of a parent's evidence, by a new version
    double inherited_max = 3;                      // outcomes, at most
    double exploration_weight = 0.35;
    double duplicate_threshold = 0.85;
    double mature_min_confidence = 0.75;
    std::int64_t mature_min_uses = 5;
    std::int64_t mature_min_users = 2;
    std::int64_t archive_after_days = 0;  // unused; 0: never
    std::int64_t keep_uses_days = 400;    // 0: for ever
};
void describe(Describe<PatternsSettings>&);

// Whether the caller speaks for an agent: trust::Agents::speak_for, or a stand-in in tests.
using SpeakFor =
    std::function<Result<void>(store::Tx&, const Context&, const std::string& agent_id)>;

// The owner of an agent of the context's namespace: trust::Agents::find, or a stand-in in tests.
using OwnerOf =
    std::function<Result<std::string>(store::Tx&, const Context&, const std::string& agent_id)>;

// Outlives the services.
struct PatternsParts {
    store::Database& database;
    const Clock& clock;
    IdMaker& ids;
    trust::Gate& gate;
    PatternSearch& search;
    SpeakFor speak_for;
    OwnerOf owner_of;
    PatternsSettings settings;
};

// Thread-safe. Common errors: Code::not_found for a pattern the viewer may not see (the same words
// whether it exists or not), Code::forbidden for one it sees but may not change, and what
// speak_for says of the agent.
class Patterns final : public trust::VerificationListener {
public:
    static constexpr std::int64_t kPendingUs = std::int64_t{7} * 24 * 3600 * 1'000'000;
    static constexpr std::string_view kPublishAction = "publish_pattern";  // asked of trust.gate

    explicit Patterns(PatternsParts parts) : parts_(std::move(parts)) {}

    Result<Pattern> create(const Context& context, const CreatePattern& request);
    Result<LearnedPattern> learn_pattern(const Context& context, const LearnPattern& request);
    // All or nothing; the error tells every bad item (the first 20) and names the first.
    Result<CreatedPatterns> batch_create(const Context& context, const BatchCreate& request);
    Result<Pattern> get(const Context& context, const PatternRef& request);
    Result<PatternPage> list(const Context& context, const ListPatterns& request);
    Result<PatternPage> search(const Context& context, const SearchPatterns& request);
    // New pattern_data keeps only as much confidence as a new version would.
    Result<Pattern> update(const Context& context, const UpdatePattern& request);
    // With its uses. The other versions stay.
    Result<void> delete_(const Context& context, const PatternRef& request);
    Result<Pattern> share(const Context& context, const SharePattern& request);
    // Effective on the next read.
    Result<Pattern> revoke(const Context& context, const SharePattern& request);

    Result<Pattern> create_version(const Context& context, const CreateVersion& request);
    Result<VersionList> list_versions(const Context& context, const PatternRef& request);
    Result<Pattern> evolve(const Context& context, const EvolvePattern& request);

    Result<AppliedPatterns> apply_pattern(const Context& context, const ApplyPattern& request);
    Result<PatternUse> use(const Context& context, const UsePattern& request);
    // A human's word; scope patterns:admin.
    Result<PatternUse> confirm_use(const Context& context, const ConfirmUse& request);
    Result<Recommendations> recommend(const Context& context, const RecommendPatterns& request);

    Result<PatternAnalytics> get_analytics(const Context& context,
                                           const GetPatternAnalytics& request);
    Result<Reliability> reliability(const Context& context, const PatternRef& request);
    Result<Opportunities> suggest_learning_opportunities(const Context& context,
                                                         const SuggestOpportunities& request);
    Result<DuplicatePairs> find_duplicates(const Context& context, const FindDuplicates& request);
    // The first becomes part of the second: uses, statistics, and its id leads there.
    Result<Pattern> merge(const Context& context, const MergePatterns& request);
    Result<MaturePatterns> find_mature(const Context& context, const FindMature& request);
    Result<Promotion> promote(const Context& context, const PromotePattern& request);

    // trust::VerificationListener
    Result<void> check_link(const Context& context, const std::string& agent_id,
                            const std::string& pattern_id) override;
    Result<void> verified(store::Tx& tx, const Context& context,
                          const trust::VerifiedClaim& claim) override;

    // Lets confidence age, archives what nobody uses, forgets old uses. Run daily.
    Result<void> upkeep();
    // All of a removed namespace; in the transaction that hears of it.
    Result<void> drop_namespace(store::Tx& tx, const std::string& tenant,
                                const std::string& name_space);

private:
    PatternsParts parts_;
};

}  // namespace credence::patterns
