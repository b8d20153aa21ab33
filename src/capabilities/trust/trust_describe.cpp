#include "capabilities/trust/gate.h"
#include "capabilities/trust/scores.h"
#include "capabilities/trust/trust.h"
#include "capabilities/trust/trust_parts.h"

namespace credence::trust {
namespace {

constexpr std::size_t kMaxActionBytes = 64;
constexpr std::size_t kMaxReasonBytes = 500;
constexpr std::size_t kMaxPolicies = 100;
constexpr double kMaxTimeUs = 4e18;
constexpr const char* kAgentDoc = "The agent";
constexpr const char* kKindDoc = "The kind of claim";
constexpr const char* kMeanDoc = "Posterior mean of the share of its claims that hold";
constexpr const char* kLowDoc = "The share is above this with probability 95 %; what gates look at";
constexpr const char* kHighDoc = "The share is below this with probability 95 %";
constexpr const char* kCountDoc = "Claims of full weight behind it, discounted";
constexpr const char* kEwmaDoc = "Exponentially weighted mean, rate 0.1, from 0.5; for comparison";
constexpr const char* kTierDoc = "unknown, blocked, untrusted, monitored, active or trusted";
constexpr const char* kAlarmDoc = "Its claims have fallen from what they were; gates refuse";

}  // namespace

void describe(Describe<GatePolicy>& d) {
    d.field<&GatePolicy::action>("What asks: deploy, merge, …")
        .length(1, kMaxActionBytes)
        .or_default();
    d.field<&GatePolicy::kind>("Which kind of claim counts; nothing: the caller's, or every one");
    d.field<&GatePolicy::kind_may_be_asked>("The caller may name another").or_default();
    d.field<&GatePolicy::min_lower_bound>("What the lower bound must reach")
        .between(0, 1)
        .or_default();
    d.field<&GatePolicy::hysteresis>("How far it may fall again before the gate closes")
        .between(0, kParameters.hold_width)
        .or_default();
    d.field<&GatePolicy::min_effective_n>("Evidence it takes").between(0, 400).or_default();
    d.field<&GatePolicy::max_inconclusive>("Share of the latest 20 attempts that may say nothing")
        .between(0, 1)
        .or_default();
    d.field<&GatePolicy::allow_unknown>("Agents without evidence pass").or_default();
}

void describe(Describe<TrustSettings>& d) {
    d.field<&TrustSettings::policies>("Rules of trust.gate, beside the shipped or in their place")
        .length(0, kMaxPolicies)
        .or_default();
    d.field<&TrustSettings::tree_roots>(
         "Folders below which holders of trees:write may register trees; elsewhere the operator")
        .or_default();
    d.field<&TrustSettings::max_relative_tolerance>("Largest relative tolerance a claim may ask")
        .between(0, 1)
        .or_default();
    d.field<&TrustSettings::max_absolute_tolerance>("Largest absolute tolerance a claim may ask")
        .between(0, 1e12)
        .or_default();
    d.field<&TrustSettings::max_tree_files>("Files of a tree that is verified")
        .between(1, 10'000'000)
        .or_default();
    d.field<&TrustSettings::max_tree_bytes>("Bytes of a tree that is verified")
        .between(1, 1e12)
        .or_default();
}

void describe(Describe<GateQuery>& d) {
    d.field<&GateQuery::agent_id>(kAgentDoc).length(1, kMaxIdBytes).example("\"builder-7\"");
    d.field<&GateQuery::action>("What it wants to do")
        .length(1, kMaxActionBytes)
        .example("\"deploy\"");
    d.field<&GateQuery::kind>("Which trust counts, where the policy leaves it open");
}

void describe(Describe<GateDecision>& d) {
    d.field<&GateDecision::allowed>("Whether it may");
    d.field<&GateDecision::reason>("Why, with the numbers");
    d.field<&GateDecision::would_change>("What would turn a refusal");
    d.field<&GateDecision::action>("What was asked for");
    d.field<&GateDecision::kind>("The kind of claim that decided");
    d.field<&GateDecision::tier>(kTierDoc);
    d.field<&GateDecision::trust_score>(kMeanDoc);
    d.field<&GateDecision::lower_bound>(kLowDoc);
    d.field<&GateDecision::effective_n>(kCountDoc);
    d.field<&GateDecision::threshold>("What the lower bound had to reach");
    d.field<&GateDecision::inconclusive_share>("Of its latest attempts");
    d.field<&GateDecision::alarmed>(kAlarmDoc);
}

void describe(Describe<GetTrustScore>& d) {
    d.field<&GetTrustScore::agent_id>(kAgentDoc).length(1, kMaxIdBytes).example("\"builder-7\"");
    d.field<&GetTrustScore::claim_kind>("Only this kind of claim");
}

void describe(Describe<KindTrust>& d) {
    d.field<&KindTrust::claim_kind>(kKindDoc);
    d.field<&KindTrust::trust_score>(kMeanDoc);
    d.field<&KindTrust::lower_bound>(kLowDoc);
    d.field<&KindTrust::upper_bound>(kHighDoc);
    d.field<&KindTrust::effective_n>(kCountDoc);
    d.field<&KindTrust::method>("How it is estimated");
    d.field<&KindTrust::ewma>(kEwmaDoc);
    d.field<&KindTrust::total_verifications>("That were conclusive and new");
    d.field<&KindTrust::accurate_verifications>("Of these, confirmed");
    d.field<&KindTrust::inconclusive_verifications>("That said nothing");
    d.field<&KindTrust::error_verifications>("That could not run");
    d.field<&KindTrust::repeated_verifications>("Of claims already counted");
    d.field<&KindTrust::overrides>("By administrators");
    d.field<&KindTrust::inconclusive_share>("Of its latest 20 attempts");
    d.field<&KindTrust::tier>(kTierDoc);
    d.field<&KindTrust::alarmed>(kAlarmDoc);
    d.field<&KindTrust::last_change_at_us>("When evidence last came; 0: never");
}

void describe(Describe<TrustScore>& d) {
    d.field<&TrustScore::agent_id>(kAgentDoc);
    d.field<&TrustScore::trust_score>(kMeanDoc);
    d.field<&TrustScore::total_verifications>("That were conclusive and new");
    d.field<&TrustScore::accurate_verifications>("Of these, confirmed");
    d.field<&TrustScore::verification_accuracy>("The share of these; 0.5 without any");
    d.field<&TrustScore::requires_verification>(
        "Its word does not do: lower bound below 0.7, effective n below 5, or an alarm");
    d.field<&TrustScore::is_reliable>("At least 5 verifications");
    d.field<&TrustScore::lower_bound>(kLowDoc);
    d.field<&TrustScore::upper_bound>(kHighDoc);
    d.field<&TrustScore::effective_n>(kCountDoc);
    d.field<&TrustScore::method>("How it is estimated");
    d.field<&TrustScore::ewma>(kEwmaDoc);
    d.field<&TrustScore::tier>(kTierDoc);
    d.field<&TrustScore::alarmed>("An alarm stands for one of the kinds");
    d.field<&TrustScore::kinds>("Each kind of claim by itself");
}

void describe(Describe<GetTrustHistory>& d) {
    d.field<&GetTrustHistory::agent_id>(kAgentDoc).length(1, kMaxIdBytes);
    d.field<&GetTrustHistory::claim_kind>("Only this kind of claim");
    d.field<&GetTrustHistory::limit>("At most this many").between(1, kMaxPage).or_default();
    d.field<&GetTrustHistory::before_seq>("The `next_before_seq` of the page before")
        .between(1, kMaxTimeUs);
}

void describe(Describe<TrustHistoryEntry>& d) {
    d.field<&TrustHistoryEntry::seq>("Place in the tenant's trust log");
    d.field<&TrustHistoryEntry::changed_at_us>("When");
    d.field<&TrustHistoryEntry::claim_kind>(kKindDoc);
    d.field<&TrustHistoryEntry::entry>("evidence, deferred, override or alarm_cleared");
    d.field<&TrustHistoryEntry::outcome>("Of the verification or observation");
    d.field<&TrustHistoryEntry::old_score>("Posterior mean before");
    d.field<&TrustHistoryEntry::new_score>("Posterior mean after");
    d.field<&TrustHistoryEntry::delta>("The difference");
    d.field<&TrustHistoryEntry::weight>("Strength of the recipe times novelty; 0: nothing new");
    d.field<&TrustHistoryEntry::verification_id>("The verification, if it was one");
    d.field<&TrustHistoryEntry::verified_by>("The agent that verified");
    d.field<&TrustHistoryEntry::reason>("Why");
    d.field<&TrustHistoryEntry::actor>("Who asked");
    d.field<&TrustHistoryEntry::hash>("Of the entry, in the chain");
}

void describe(Describe<TrustHistory>& d) {
    d.field<&TrustHistory::agent_id>(kAgentDoc);
    d.field<&TrustHistory::entries>("Newest first");
    d.field<&TrustHistory::next_before_seq>("Give it as `before_seq` for the next page");
}

void describe(Describe<TrustUpdate>& d) {
    d.field<&TrustUpdate::agent_id>(kAgentDoc).length(1, kMaxIdBytes);
    d.field<&TrustUpdate::verification_id>("A deferred verification of this agent, to apply");
    d.field<&TrustUpdate::claim_kind>("Of an observation (trust:admin)");
    d.field<&TrustUpdate::accurate>("Of an observation: did the claim hold?");
    d.field<&TrustUpdate::reason>("Of an observation: why it is made").length(1, kMaxReasonBytes);
}

void describe(Describe<BatchUpdate>& d) {
    d.field<&BatchUpdate::updates>("All are applied or none").length(1, Trust::kMaxBatch);
}

void describe(Describe<TrustUpdated>& d) {
    d.field<&TrustUpdated::agent_id>(kAgentDoc);
    d.field<&TrustUpdated::claim_kind>(kKindDoc);
    d.field<&TrustUpdated::weight>("What it counted; 0: nothing new");
    d.field<&TrustUpdated::trust_score>(kMeanDoc);
    d.field<&TrustUpdated::lower_bound>(kLowDoc);
    d.field<&TrustUpdated::ewma>(kEwmaDoc);
    d.field<&TrustUpdated::seq>("Place in the trust log");
}

void describe(Describe<BatchUpdated>& d) {
    d.field<&BatchUpdated::applied>("How many");
    d.field<&BatchUpdated::updates>("In the order of the request");
}

void describe(Describe<OverrideScore>& d) {
    d.field<&OverrideScore::agent_id>(kAgentDoc).length(1, kMaxIdBytes);
    d.field<&OverrideScore::claim_kind>(kKindDoc);
    d.field<&OverrideScore::trust_score>("The share of its claims that you state").between(0, 1);
    d.field<&OverrideScore::weight>("How many claims that shall count for")
        .between(0, kMaxWeight)
        .or_default();
    d.field<&OverrideScore::reason>("Why; it stays in the history").length(1, kMaxReasonBytes);
}

void describe(Describe<ClearAlarm>& d) {
    d.field<&ClearAlarm::agent_id>(kAgentDoc).length(1, kMaxIdBytes);
    d.field<&ClearAlarm::claim_kind>(kKindDoc);
    d.field<&ClearAlarm::reason>("Why; it stays in the history").length(1, kMaxReasonBytes);
}

void describe(Describe<ReplayReport>& d) {
    d.field<&ReplayReport::identical>("True: a difference is an error instead");
    d.field<&ReplayReport::entries>("Log entries folded");
    d.field<&ReplayReport::agents>("Agents they are about");
    d.field<&ReplayReport::states>("Scores compared, one an agent and kind of claim");
    d.field<&ReplayReport::head_hash>("Hash of the newest entry");
}

void describe(Describe<TrustChanged>& d) {
    d.field<&TrustChanged::name_space>("Where");
    d.field<&TrustChanged::agent_id>(kAgentDoc);
    d.field<&TrustChanged::claim_kind>(kKindDoc);
    d.field<&TrustChanged::entry>("What changed it");
    d.field<&TrustChanged::seq>("Place in the trust log");
    d.field<&TrustChanged::old_score>("Posterior mean before");
    d.field<&TrustChanged::new_score>("Posterior mean after");
    d.field<&TrustChanged::lower_bound>(kLowDoc);
    d.field<&TrustChanged::tier>(kTierDoc);
}

void describe(Describe<TrustAlarm>& d) {
    d.field<&TrustAlarm::name_space>("Where");
    d.field<&TrustAlarm::agent_id>(kAgentDoc);
    d.field<&TrustAlarm::claim_kind>(kKindDoc);
    d.field<&TrustAlarm::seq>("Place in the trust log");
    d.field<&TrustAlarm::usual>("The share of its claims that held before");
    d.field<&TrustAlarm::suspected>("The share that they fell towards");
}

void describe(Describe<LogRecord>& d) {
    d.field<&LogRecord::seq>("Place in the tenant's chain: 1, 2, 3, …");
    d.field<&LogRecord::at_us>("When");
    d.field<&LogRecord::name_space>("Where");
    d.field<&LogRecord::agent_id>(kAgentDoc);
    d.field<&LogRecord::claim_kind>(kKindDoc);
    d.field<&LogRecord::entry>("What it is");
    d.field<&LogRecord::outcome>("Of evidence");
    d.field<&LogRecord::strength>("Of the recipe; of an override, its weight");
    d.field<&LogRecord::novelty>("0: a repetition");
    d.field<&LogRecord::weight>("What it counted");
    d.field<&LogRecord::target>("Of an override: the share it states");
    d.field<&LogRecord::old_score>("Posterior mean before");
    d.field<&LogRecord::new_score>("Posterior mean after");
    d.field<&LogRecord::verification_id>("The verification");
    d.field<&LogRecord::record_digest>("Of the verification's row");
    d.field<&LogRecord::claim_digest>("Of recipe, parameters, tree and claim");
    d.field<&LogRecord::effort_digest>("Of recipe, parameters and tree");
    d.field<&LogRecord::verified_by>("The agent that verified");
    d.field<&LogRecord::reason>("Why");
    d.field<&LogRecord::actor>("Who asked");
    d.field<&LogRecord::previous_hash>("Hash of the entry before; zeros for the first");
    d.field<&LogRecord::hash>("SHA-256 over all of the above and the tenant");
}

}  // namespace credence::trust
