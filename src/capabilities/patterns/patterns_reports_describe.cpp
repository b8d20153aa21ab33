#include "capabilities/patterns/patterns_check.h"
#include "capabilities/patterns/patterns_reports.h"

namespace credence::patterns {

void describe(Describe<ApplyPattern>& d) {
    d.field<&ApplyPattern::pattern_query>("What is to be done").length(1, kMaxQueryBytes);
    d.field<&ApplyPattern::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&ApplyPattern::context>("Circumstances, JSON");
    d.field<&ApplyPattern::max_patterns>("At most so many").between(1, 20).or_default();
    d.field<&ApplyPattern::min_similarity>(
         "Least likeness of meaning; left out: any word match, or 0.1")
        .between(-1, 1);
    d.field<&ApplyPattern::take>("The agent takes the first: record its use").or_default();
}

void describe(Describe<AppliedPattern>& d) {
    d.field<&AppliedPattern::pattern>("The pattern");
    d.field<&AppliedPattern::score>("What the order follows");
    d.field<&AppliedPattern::relevance>("How well it fits, 0 to 1, within this answer");
    d.field<&AppliedPattern::similarity>("Likeness of meaning, -1 to 1");
    d.field<&AppliedPattern::guidance>("How to go about it, and what is known of it");
    d.field<&AppliedPattern::use_id>("Use");
}

void describe(Describe<AppliedPatterns>& d) {
    d.field<&AppliedPatterns::patterns>("Patterns, best first");
}

void describe(Describe<RecommendPatterns>& d) {
    d.field<&RecommendPatterns::agent_id>("Agent the caller speaks for")
        .length(1, kMaxAgentIdBytes);
    d.field<&RecommendPatterns::category>("Category, [a-z0-9_-]{1,100}")
        .length(1, kMaxCategoryBytes);
    d.field<&RecommendPatterns::context_data>("JSON, at most 4 KiB");
    d.field<&RecommendPatterns::limit>("At most so many").between(1, 100).or_default();
}

void describe(Describe<Recommendation>& d) {
    d.field<&Recommendation::pattern>("The pattern");
    d.field<&Recommendation::score>("What the order follows");
    d.field<&Recommendation::relevance>("How well it fits, 0 to 1, within this answer");
    d.field<&Recommendation::credible_success>("confidence");
    d.field<&Recommendation::exploration>("Bonus of what was hardly tried");
    d.field<&Recommendation::history>("What the agent itself made of it, -0.2 to 0.2");
}

void describe(Describe<Recommendations>& d) {
    d.field<&Recommendations::recommendations>("Recommendations, best first");
}

void describe(Describe<GetPatternAnalytics>& d) {
    d.field<&GetPatternAnalytics::agent_id>("Agent the caller speaks for")
        .length(1, kMaxAgentIdBytes);
    d.field<&GetPatternAnalytics::category>("Category, [a-z0-9_-]{1,100}")
        .length(1, kMaxCategoryBytes);
    d.field<&GetPatternAnalytics::days>("Days of recent_usage, today included")
        .between(1, 366)
        .or_default();
}

void describe(Describe<CategoryCount>& d) {
    d.field<&CategoryCount::category>("Category, [a-z0-9_-]{1,100}");
    d.field<&CategoryCount::count>("Patterns");
}

void describe(Describe<TopPattern>& d) {
    d.field<&TopPattern::pattern_id>("Pattern");
    d.field<&TopPattern::pattern_name>("Name; 1 to 255 bytes, unique for its owner");
    d.field<&TopPattern::usage_count>("Uses: successes, failures and unknown");
    d.field<&TopPattern::success_rate>("success_count by labelled uses");
    d.field<&TopPattern::confidence>(
        "Success that is credible: 95 % lower bound, from verified or confirmed uses by others "
        "only");
}

void describe(Describe<DayUsage>& d) {
    d.field<&DayUsage::day>("Day, UTC");
    d.field<&DayUsage::usage_count>("Uses: successes, failures and unknown");
}

void describe(Describe<SuccessStatistics>& d) {
    d.field<&SuccessStatistics::patterns>("Patterns, best first");
    d.field<&SuccessStatistics::avg>("Mean of the success rates");
    d.field<&SuccessStatistics::min>("Least");
    d.field<&SuccessStatistics::max>("Greatest");
    d.field<&SuccessStatistics::stddev>("Standard deviation");
}

void describe(Describe<ConfidenceDistribution>& d) {
    d.field<&ConfidenceDistribution::high>("From 0.8");
    d.field<&ConfidenceDistribution::medium>("From 0.6");
    d.field<&ConfidenceDistribution::low>("Below");
}

void describe(Describe<PatternAnalytics>& d) {
    d.field<&PatternAnalytics::total_patterns>("Patterns");
    d.field<&PatternAnalytics::total_usage>("Their uses");
    d.field<&PatternAnalytics::category_distribution>("Patterns by category");
    d.field<&PatternAnalytics::top_patterns>("The ten most used");
    d.field<&PatternAnalytics::recent_usage>(
        "Uses by day, oldest first; days without are left out");
    d.field<&PatternAnalytics::success_statistics>("Success rates of patterns with labelled uses");
    d.field<&PatternAnalytics::confidence_distribution>("Patterns by confidence");
    d.field<&PatternAnalytics::gaps>("Categories with fewer than three patterns");
}

void describe(Describe<Reliability>& d) {
    d.field<&Reliability::pattern_id>("Pattern");
    d.field<&Reliability::pattern_name>("Name; 1 to 255 bytes, unique for its owner");
    d.field<&Reliability::is_reliable>("Mature by the settings");
    d.field<&Reliability::reliability_score>("confidence");
    d.field<&Reliability::usage_count>("Uses: successes, failures and unknown");
    d.field<&Reliability::labelled_count>("Verified or confirmed uses");
    d.field<&Reliability::success_rate>("success_count by labelled uses");
    d.field<&Reliability::distinct_users>("Agents whose outcomes count");
    d.field<&Reliability::access_level>("Who may see it: private, shared, public, system");
    d.field<&Reliability::eligible_for_trust>("Others than its owner can use it");
    d.field<&Reliability::has_sufficient_usage>("Enough labelled uses");
    d.field<&Reliability::min_confidence>("Confidence asked for");
    d.field<&Reliability::min_uses>("Labelled uses asked for");
    d.field<&Reliability::min_users>("Distinct agents asked for");
    d.field<&Reliability::recommendation>("In words");
}

void describe(Describe<FindDuplicates>& d) {
    d.field<&FindDuplicates::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&FindDuplicates::category>("Category, [a-z0-9_-]{1,100}").length(1, kMaxCategoryBytes);
    d.field<&FindDuplicates::threshold>("Least likeness; left out: the setting").between(0, 1);
    d.field<&FindDuplicates::limit>("At most so many").between(1, kMaxPage).or_default();
}

void describe(Describe<DuplicatePair>& d) {
    d.field<&DuplicatePair::pattern_id>("Pattern");
    d.field<&DuplicatePair::pattern_name>("Name; 1 to 255 bytes, unique for its owner");
    d.field<&DuplicatePair::other_pattern_id>("The other");
    d.field<&DuplicatePair::other_pattern_name>("Name of the other");
    d.field<&DuplicatePair::similarity>("Likeness of meaning, -1 to 1");
    d.field<&DuplicatePair::name_similarity>("Likeness of names, 0 to 1");
}

void describe(Describe<DuplicatePairs>& d) {
    d.field<&DuplicatePairs::pairs>("Pairs, most alike first");
    d.field<&DuplicatePairs::examined>("Patterns compared");
    d.field<&DuplicatePairs::truncated>("There were more than are compared at once");
}

void describe(Describe<MergePatterns>& d) {
    d.field<&MergePatterns::pattern_id>("Pattern");
    d.field<&MergePatterns::into_pattern_id>("Pattern that stays");
    d.field<&MergePatterns::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
}

void describe(Describe<FindMature>& d) {
    d.field<&FindMature::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&FindMature::category>("Category, [a-z0-9_-]{1,100}").length(1, kMaxCategoryBytes);
    d.field<&FindMature::limit>("At most so many").between(1, kMaxPage).or_default();
}

void describe(Describe<MaturePattern>& d) {
    d.field<&MaturePattern::pattern>("The pattern");
    d.field<&MaturePattern::promotion_id>("Promotion");
}

void describe(Describe<MaturePatterns>& d) {
    d.field<&MaturePatterns::patterns>("Patterns, best first");
    d.field<&MaturePatterns::min_confidence>("Confidence asked for");
    d.field<&MaturePatterns::min_uses>("Labelled uses asked for");
    d.field<&MaturePatterns::min_users>("Distinct agents asked for");
}

void describe(Describe<PromotePattern>& d) {
    d.field<&PromotePattern::pattern_id>("Pattern");
    d.field<&PromotePattern::agent_id>("Agent the caller speaks for").length(1, kMaxAgentIdBytes);
    d.field<&PromotePattern::note>("For the reviewer").length(1, 2000);
    d.field<&PromotePattern::dry_run>("Only check").or_default();
}

void describe(Describe<Promotion>& d) {
    d.field<&Promotion::promotion_id>("Promotion");
    d.field<&Promotion::pattern_id>("Pattern");
    d.field<&Promotion::status>("proposed, or possible in a dry run");
    d.field<&Promotion::pattern_name>("Name; 1 to 255 bytes, unique for its owner");
    d.field<&Promotion::version>("Version, 1.2.3");
    d.field<&Promotion::confidence>(
        "Success that is credible: 95 % lower bound, from verified or confirmed uses by others "
        "only");
    d.field<&Promotion::labelled_count>("Verified or confirmed uses");
    d.field<&Promotion::distinct_users>("Agents whose outcomes count");
    d.field<&Promotion::min_confidence>("Confidence asked for");
    d.field<&Promotion::min_uses>("Labelled uses asked for");
    d.field<&Promotion::min_users>("Distinct agents asked for");
    d.field<&Promotion::proposed_at_us>("When");
    d.field<&Promotion::proposed_by>("By whom");
}

void describe(Describe<SuggestOpportunities>& d) {
    d.field<&SuggestOpportunities::agent_id>("Agent the caller speaks for")
        .length(1, kMaxAgentIdBytes);
    d.field<&SuggestOpportunities::limit>("At most so many").between(1, kMaxPage).or_default();
}

void describe(Describe<Opportunity>& d) {
    d.field<&Opportunity::priority>("high, medium or low");
    d.field<&Opportunity::kind>("few_patterns, low_success, unverified or unused");
    d.field<&Opportunity::subject>("Category or pattern name");
    d.field<&Opportunity::pattern_id>("Pattern");
    d.field<&Opportunity::reason>("The numbers");
}

void describe(Describe<Opportunities>& d) {
    d.field<&Opportunities::opportunities>("Most urgent first");
}

}  // namespace credence::patterns
