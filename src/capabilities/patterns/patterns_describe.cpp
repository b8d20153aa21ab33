#include "capabilities/patterns/patterns_check.h"
#include "capabilities/patterns/patterns_types.h"

namespace credence::patterns {

void describe(Describe<Pattern>& d) {
    d.field<&Pattern::pattern_id>("Pattern");
    d.field<&Pattern::pattern_name>("Name; 1 to 255 bytes, unique for its owner");
    d.field<&Pattern::category>("Category, [a-z0-9_-]{1,100}");
    d.field<&Pattern::subcategory>("Finer category, spelled alike");
    d.field<&Pattern::agent_id>("Agent the caller speaks for");
    d.field<&Pattern::name_space>("Namespace it belongs to");
    d.field<&Pattern::access_level>("Who may see it: private, shared, public, system");
    d.field<&Pattern::pattern_data>("JSON object of at most 64 KiB, 16 levels deep");
    d.field<&Pattern::learning_weight>("Weight its owner gives it");
    d.field<&Pattern::complexity_score>("How complex, 0 to 1");
    d.field<&Pattern::version>("Version, 1.2.3");
    d.field<&Pattern::parent_pattern_id>("Version it came from");
    d.field<&Pattern::superseded_by>("The next version");
    d.field<&Pattern::shared_with_agents>(
        "Agents of the same namespace that a shared pattern is for");
    d.field<&Pattern::created_at_us>("When it was made, microseconds UTC");
    d.field<&Pattern::updated_at_us>("When it was last changed");
    d.field<&Pattern::archived_at_us>("Since when it is archived");
    d.field<&Pattern::usage_count>("Uses: successes, failures and unknown");
    d.field<&Pattern::success_count>("Uses verified or confirmed to have succeeded");
    d.field<&Pattern::failure_count>("Uses verified or confirmed to have failed");
    d.field<&Pattern::unknown_count>("Uses nobody checked");
    d.field<&Pattern::reported_success_count>("Uses whose user said that they succeeded");
    d.field<&Pattern::reported_failure_count>("Uses whose user said that they failed");
    d.field<&Pattern::success_rate>("success_count by labelled uses");
    d.field<&Pattern::success_rate_low>("Lower end of its 95 % interval (Wilson)");
    d.field<&Pattern::success_rate_high>("Upper end");
    d.field<&Pattern::confidence>(
        "Success that is credible: 95 % lower bound, from verified or confirmed uses by others "
        "only");
    d.field<&Pattern::evidence_n>("Outcomes behind confidence, after caps and decay");
    d.field<&Pattern::distinct_users>("Agents whose outcomes count");
    d.field<&Pattern::avg_execution_time_ms>("Moving average of execution times (step 0.1)");
    d.field<&Pattern::p50_execution_time_ms>("Median execution time, to 5 %");
    d.field<&Pattern::p95_execution_time_ms>("95th percentile, to 5 %");
    d.field<&Pattern::last_used_at_us>("When it was last used");
}

void describe(Describe<CreatePattern>& d) {
    d.field<&CreatePattern::pattern_name>("Name; 1 to 255 bytes, unique for its owner")
        .length(1, kMaxNameBytes);
    d.field<&CreatePattern::category>("Category, [a-z0-9_-]{1,100}").length(1, kMaxCategoryBytes);
    d.field<&CreatePattern::pattern_data>("JSON object of at most 64 KiB, 16 levels deep");
    d.field<&CreatePattern::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&CreatePattern::subcategory>("Finer category, spelled alike")
        .length(1, kMaxCategoryBytes);
    d.field<&CreatePattern::access_level>("Who may see it: private, shared, public, system")
        .or_default();
    d.field<&CreatePattern::shared_with_agents>(
         "Agents of the same namespace that a shared pattern is for")
        .length(0, kMaxSharedAgents)
        .or_default();
    d.field<&CreatePattern::learning_weight>("Weight its owner gives it")
        .between(0, 10)
        .or_default();
    d.field<&CreatePattern::complexity_score>("How complex, 0 to 1").between(0, 1);
}

void describe(Describe<BatchCreate>& d) {
    d.field<&BatchCreate::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&BatchCreate::items>("Each as the request of patterns.create")
        .length(1, kMaxBatchItems);
}

void describe(Describe<CreatedPatterns>& d) {
    d.field<&CreatedPatterns::pattern_ids>("Patterns made, in the order of the items");
}

void describe(Describe<LearnPattern>& d) {
    d.field<&LearnPattern::pattern_name>("Name; 1 to 255 bytes, unique for its owner")
        .length(1, kMaxNameBytes);
    d.field<&LearnPattern::pattern_content>("What was learned, as text").length(1, kMaxDataBytes);
    d.field<&LearnPattern::category>("Category, [a-z0-9_-]{1,100}").length(1, kMaxCategoryBytes);
    d.field<&LearnPattern::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&LearnPattern::subcategory>("Finer category, spelled alike")
        .length(1, kMaxCategoryBytes);
    d.field<&LearnPattern::examples>("Examples").length(0, 100).or_default();
    d.field<&LearnPattern::metadata>("Further fields of pattern_data").length(0, 100).or_default();
    d.field<&LearnPattern::access_level>("Who may see it: private, shared, public, system")
        .or_default();
}

void describe(Describe<LearnedPattern>& d) {
    d.field<&LearnedPattern::pattern_id>("Pattern");
    d.field<&LearnedPattern::pattern_name>("Name; 1 to 255 bytes, unique for its owner");
    d.field<&LearnedPattern::category>("Category, [a-z0-9_-]{1,100}");
    d.field<&LearnedPattern::confidence>(
        "Success that is credible: 95 % lower bound, from verified or confirmed uses by others "
        "only");
    d.field<&LearnedPattern::examples_count>("Examples kept");
    d.field<&LearnedPattern::version>("Version, 1.2.3");
    d.field<&LearnedPattern::stored_at_us>("When it was stored");
}

void describe(Describe<PatternRef>& d) {
    d.field<&PatternRef::pattern_id>("Pattern");
    d.field<&PatternRef::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
}

void describe(Describe<UpdatePattern>& d) {
    d.field<&UpdatePattern::pattern_id>("Pattern");
    d.field<&UpdatePattern::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&UpdatePattern::pattern_data>("JSON object of at most 64 KiB, 16 levels deep");
    d.field<&UpdatePattern::learning_weight>("Weight its owner gives it").between(0, 10);
    d.field<&UpdatePattern::complexity_score>("How complex, 0 to 1").between(0, 1);
    d.field<&UpdatePattern::access_level>("Who may see it: private, shared, public, system");
    d.field<&UpdatePattern::shared_with_agents>(
         "Agents of the same namespace that a shared pattern is for")
        .length(0, kMaxSharedAgents);
    d.field<&UpdatePattern::archived>("Take it out of listings and search, or bring it back");
}

void describe(Describe<SharePattern>& d) {
    d.field<&SharePattern::pattern_id>("Pattern");
    d.field<&SharePattern::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&SharePattern::with_agent_id>("Agent of the same namespace")
        .length(1, kMaxAgentIdBytes);
}

void describe(Describe<ListPatterns>& d) {
    d.field<&ListPatterns::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&ListPatterns::category>("Category, [a-z0-9_-]{1,100}").length(1, kMaxCategoryBytes);
    d.field<&ListPatterns::access_level>("Who may see it: private, shared, public, system");
    d.field<&ListPatterns::include_archived>("Also archived and superseded patterns").or_default();
    d.field<&ListPatterns::after>("`next` of the page before").length(0, 128).or_default();
    d.field<&ListPatterns::limit>("At most so many").between(1, kMaxPage).or_default();
}

void describe(Describe<SearchPatterns>& d) {
    d.field<&SearchPatterns::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&SearchPatterns::query_text>("What to look for; empty: everything, best first")
        .length(0, kMaxQueryBytes)
        .or_default();
    d.field<&SearchPatterns::category>("Category, [a-z0-9_-]{1,100}").length(1, kMaxCategoryBytes);
    d.field<&SearchPatterns::subcategory>("Finer category, spelled alike")
        .length(1, kMaxCategoryBytes);
    d.field<&SearchPatterns::access_levels>("Only these levels; empty: all")
        .length(0, 4)
        .or_default();
    d.field<&SearchPatterns::owner_agent_id>("Only patterns of this agent of the namespace")
        .length(1, kMaxAgentIdBytes);
    d.field<&SearchPatterns::min_success_rate>("Least success_rate, 0 to 1")
        .between(0, 1)
        .or_default();
    d.field<&SearchPatterns::min_usage_count>("Least usage_count").between(0, 1e15).or_default();
    d.field<&SearchPatterns::after>("`next` of the page before").length(0, 128).or_default();
    d.field<&SearchPatterns::limit>("At most so many").between(1, kMaxPage).or_default();
}

void describe(Describe<FoundPattern>& d) {
    d.field<&FoundPattern::pattern>("The pattern");
    d.field<&FoundPattern::relevance>("How well it fits, 0 to 1, within this answer");
    d.field<&FoundPattern::similarity>("Likeness of meaning, -1 to 1");
}

void describe(Describe<PatternPage>& d) {
    d.field<&PatternPage::patterns>("Patterns, best first");
    d.field<&PatternPage::next>("Where the next page begins");
}

void describe(Describe<CreateVersion>& d) {
    d.field<&CreateVersion::pattern_id>("Pattern");
    d.field<&CreateVersion::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&CreateVersion::pattern_data>("JSON object of at most 64 KiB, 16 levels deep");
    d.field<&CreateVersion::version>("Version, 1.2.3").length(5, 20);
}

void describe(Describe<EvolvePattern>& d) {
    d.field<&EvolvePattern::pattern_id>("Pattern");
    d.field<&EvolvePattern::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&EvolvePattern::evolution_data>("Fields put over those of pattern_data");
    d.field<&EvolvePattern::success_feedback>(
        "Whether the last use succeeded, says its user; counted, not believed");
    d.field<&EvolvePattern::notes>("Why; kept as evolution_notes").length(1, 2000);
}

void describe(Describe<VersionList>& d) {
    d.field<&VersionList::versions>("Versions, newest first");
}

void describe(Describe<UsePattern>& d) {
    d.field<&UsePattern::pattern_id>("Pattern");
    d.field<&UsePattern::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&UsePattern::execution_time_ms>("How long it took").between(0, kMaxExecutionTimeMs);
    d.field<&UsePattern::success>("Whether it succeeded");
    d.field<&UsePattern::context_data>("JSON, at most 4 KiB");
}

void describe(Describe<PatternUse>& d) {
    d.field<&PatternUse::use_id>("Use");
    d.field<&PatternUse::pattern_id>("Pattern");
    d.field<&PatternUse::agent_id>("Agent the caller speaks for");
    d.field<&PatternUse::used_at_us>("When");
    d.field<&PatternUse::execution_time_ms>("How long it took");
    d.field<&PatternUse::outcome>("unknown, success or failure");
    d.field<&PatternUse::source>(
        "Who says so: none, reported (the user), verified (trust), confirmed (a human)");
    d.field<&PatternUse::reviewer>("Who confirmed it");
    d.field<&PatternUse::confidence>(
        "Success that is credible: 95 % lower bound, from verified or confirmed uses by others "
        "only");
}

void describe(Describe<ConfirmUse>& d) {
    d.field<&ConfirmUse::use_id>("Use");
    d.field<&ConfirmUse::success>("Whether it succeeded");
}

void describe(Describe<PatternCreated>& d) {
    d.field<&PatternCreated::pattern_id>("Pattern");
    d.field<&PatternCreated::name_space>("Namespace it belongs to");
    d.field<&PatternCreated::version>("Version, 1.2.3");
}

void describe(Describe<PatternUpdated>& d) {
    d.field<&PatternUpdated::pattern_id>("Pattern");
    d.field<&PatternUpdated::name_space>("Namespace it belongs to");
}

void describe(Describe<PatternDeleted>& d) {
    d.field<&PatternDeleted::pattern_id>("Pattern");
    d.field<&PatternDeleted::name_space>("Namespace it belongs to");
    d.field<&PatternDeleted::merged_into>("Pattern it became part of");
}

void describe(Describe<PatternShared>& d) {
    d.field<&PatternShared::pattern_id>("Pattern");
    d.field<&PatternShared::name_space>("Namespace it belongs to");
    d.field<&PatternShared::agent_id>("Agent the caller speaks for");
}

void describe(Describe<PatternRevoked>& d) {
    d.field<&PatternRevoked::pattern_id>("Pattern");
    d.field<&PatternRevoked::name_space>("Namespace it belongs to");
    d.field<&PatternRevoked::agent_id>("Agent the caller speaks for");
}

void describe(Describe<PatternUsed>& d) {
    d.field<&PatternUsed::pattern_id>("Pattern");
    d.field<&PatternUsed::use_id>("Use");
    d.field<&PatternUsed::name_space>("Namespace it belongs to");
    d.field<&PatternUsed::agent_id>("Agent the caller speaks for");
    d.field<&PatternUsed::outcome>("unknown, success or failure");
    d.field<&PatternUsed::source>(
        "Who says so: none, reported (the user), verified (trust), confirmed (a human)");
}

void describe(Describe<PatternPromoted>& d) {
    d.field<&PatternPromoted::promotion_id>("Promotion");
    d.field<&PatternPromoted::pattern_id>("Pattern");
    d.field<&PatternPromoted::name_space>("Namespace it belongs to");
}

}  // namespace credence::patterns
