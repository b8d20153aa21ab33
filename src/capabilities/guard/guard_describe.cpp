#include "capabilities/guard/guard_types.h"

namespace credence::guard {

namespace {

// More than a text may hold, so that one that is too long is an error of its item alone.
constexpr std::size_t kMaxBatchText = 16 * kMaxScanBytes;

}  // namespace

void describe(Describe<ListRules>& d) {
    d.field<&ListRules::category>("Only rules of this kind");
}

void describe(Describe<RuleInfo>& d) {
    d.field<&RuleInfo::id>("Rule, as in a threat");
    d.field<&RuleInfo::category>("Kind of threat");
    d.field<&RuleInfo::technique>("How it works");
    d.field<&RuleInfo::severity>("What it could do");
    d.field<&RuleInfo::score>("Weight before context, 0 to 1");
    d.field<&RuleInfo::languages>("Languages it knows; empty: any");
    d.field<&RuleInfo::pack>("Rule pack it comes from");
    d.field<&RuleInfo::version>("Version of the pack");
}

void describe(Describe<RuleList>& d) {
    d.field<&RuleList::version>("Rule packs in force");
    d.field<&RuleList::rules>("The rules, by pack");
}

void describe(Describe<Pack>& d) {
    d.field<&Pack::name>("Pack");
    d.field<&Pack::version>("Its version");
    d.field<&Pack::shipped>("It ships with the program");
    d.field<&Pack::enabled>("Its rules count");
    d.field<&Pack::rules>("How many rules it has");
}

void describe(Describe<PackList>& d) {
    d.field<&PackList::version>("Rule packs in force");
    d.field<&PackList::digest>("Equal when the same rules are in force");
    d.field<&PackList::packs>("Packs, by name");
    d.field<&PackList::errors>("What was wrong with the files, when they were read last");
    d.field<&PackList::changed>("Other rules are in force now; when packs were read again");
}

void describe(Describe<BatchItem>& d) {
    d.field<&BatchItem::id>("A name of your own, told in the result").length(1, 256);
    d.field<&BatchItem::text>("Text to judge, at most 1 MiB").length(0, kMaxBatchText);
    d.field<&BatchItem::direction>("To the model, or from it");
    d.field<&BatchItem::source_kind>("Who wrote it");
}

void describe(Describe<BatchOptions>& d) {
    d.field<&BatchOptions::mode>("How much of the guard looks; left out: as in the settings");
    d.field<&BatchOptions::threshold>(
         "Score from which an attack is blocked, and flagged at the latest")
        .between(0, 1);
    d.field<&BatchOptions::direction>("Of items that do not say").or_default();
    d.field<&BatchOptions::source_kind>("Of items that do not say").or_default();
}

void describe(Describe<ScanBatch>& d) {
    d.doc("Many texts to judge");
    d.field<&ScanBatch::items>("Texts").length(1, kMaxBatchItems);
    d.field<&ScanBatch::options>("For all of them");
}

void describe(Describe<ItemError>& d) {
    d.field<&ItemError::code>("Kind of error");
    d.field<&ItemError::message>("What is wrong");
    d.field<&ItemError::field>("Where, or empty");
}

void describe(Describe<BatchResult>& d) {
    d.field<&BatchResult::index>("Place of the item in the request, from 0");
    d.field<&BatchResult::id>("Its name, when it had one");
    d.field<&BatchResult::scan_id>("Names this scan");
    d.field<&BatchResult::verdict>("allow, flag, sanitise or block");
    d.field<&BatchResult::score>("Belief that the text needs attention");
    d.field<&BatchResult::attack_score>("The same without secrets and personal data");
    d.field<&BatchResult::threats>("What was found, strongest first");
    d.field<&BatchResult::explanation>("Why the verdict is what it is");
    d.field<&BatchResult::error>("Why this item could not be judged");
}

void describe(Describe<BatchTotals>& d) {
    d.field<&BatchTotals::verdicts>("Texts by verdict");
    d.field<&BatchTotals::categories>("Texts with a threat of the category");
    d.field<&BatchTotals::severities>("Texts by their gravest threat");
    d.field<&BatchTotals::channels>("Texts by who wrote them");
    d.field<&BatchTotals::errors>("Items that could not be judged");
}

void describe(Describe<BatchReport>& d) {
    d.field<&BatchReport::n>("Items");
    d.field<&BatchReport::results>("One for each item, in their order");
    d.field<&BatchReport::totals>("Counts");
    d.field<&BatchReport::threads>("Threads that worked on it");
    d.field<&BatchReport::elapsed_us>("Time taken, in microseconds");
    d.field<&BatchReport::rules_version>("Rule packs in force");
    d.field<&BatchReport::model_version>("Learned model in force");
}

void describe(Describe<Sanitise>& d) {
    d.doc("A text to make safe");
    d.field<&Sanitise::text>("Text, at most 1 MiB").length(0, kMaxScanBytes);
    d.field<&Sanitise::direction>("To the model, or from it").or_default();
    d.field<&Sanitise::source_kind>("Who wrote it").or_default();
    d.field<&Sanitise::mode>("How much of the guard looks; left out: as in the settings");
    d.field<&Sanitise::vault_id>("Keep the values in this vault, for guard.unmask")
        .length(1, kMaxVaultId);
    d.field<&Sanitise::style>("[EMAIL_1], a keyed tag, or no way back").or_default();
}

void describe(Describe<CutInfo>& d) {
    d.field<&CutInfo::instead>("What stands there now");
    d.field<&CutInfo::category>("Kind of what was there");
    d.field<&CutInfo::detector>("Kind of personal data or secret");
    d.field<&CutInfo::span>("Where it was, when it was found in the text as sent");
}

void describe(Describe<SanitisedText>& d) {
    d.field<&SanitisedText::text>("The text, safe to pass on; cleaning it again changes nothing");
    d.field<&SanitisedText::changed>("Something was replaced");
    d.field<&SanitisedText::verdict>("On the text as sent");
    d.field<&SanitisedText::score>("Of the text as sent");
    d.field<&SanitisedText::masked>("Values replaced by masks");
    d.field<&SanitisedText::removed>("Attacks cut out");
    d.field<&SanitisedText::invisible_bytes>("Invisible bytes taken out");
    d.field<&SanitisedText::cuts>("What was replaced");
    d.field<&SanitisedText::collapsed>("No way was found to keep what lay between the cuts");
    d.field<&SanitisedText::vault_id>("Vault that keeps the values");
}

void describe(Describe<Unmask>& d) {
    d.doc("A text to put values back into");
    d.field<&Unmask::text>("Text with masks").length(0, kMaxScanBytes);
    d.field<&Unmask::vault_id>("Vault that the masks are from").length(1, kMaxVaultId);
    d.field<&Unmask::json>("The text is JSON, and is to stay JSON").or_default();
}

void describe(Describe<UnmaskedText>& d) {
    d.field<&UnmaskedText::text>("The text with its values");
    d.field<&UnmaskedText::restored>("Values put back");
    d.field<&UnmaskedText::unknown>("Masks that the vault does not know; left as they were");
}

void describe(Describe<EraseVault>& d) {
    d.field<&EraseVault::vault_id>("Vault").length(1, kMaxVaultId);
}

void describe(Describe<ErasedVault>& d) {
    d.field<&ErasedVault::values>("Values forgotten");
}

void describe(Describe<ExplainedView>& d) {
    d.field<&ExplainedView::name>("plain, base64, base64>rot13, …");
    d.field<&ExplainedView::bytes>("Its length, normalised");
    d.field<&ExplainedView::beginning>(
        "How it begins; empty when the text holds secrets or personal data");
}

void describe(Describe<ExplainedFinding>& d) {
    d.field<&ExplainedFinding::rule>("Rule that fired");
    d.field<&ExplainedFinding::view>("In which reading");
    d.field<&ExplainedFinding::span>("Where, in bytes of the text as sent");
    d.field<&ExplainedFinding::excerpt>("The text there; empty for secrets and personal data");
    d.field<&ExplainedFinding::weight>("What the rule weighs in this channel");
    d.field<&ExplainedFinding::score>("What it counts after discounts");
    d.field<&ExplainedFinding::quoted>("It stands in quotation marks or in a code block");
    d.field<&ExplainedFinding::marks>("Words nearby that change its weight");
}

void describe(Describe<Explanation>& d) {
    d.field<&Explanation::scan>("The scan itself; it is not recorded and has no scan_id");
    d.field<&Explanation::steps>("How it came about, one sentence a step");
    d.field<&Explanation::views>("Readings of the text");
    d.field<&Explanation::findings>("Rules that fired, strongest first; at most 64");
}

void describe(Describe<Stats>& d) {
    d.field<&Stats::window_minutes>("How far back, this minute included")
        .between(1, 60)
        .or_default();
}

void describe(Describe<GuardStats>& d) {
    d.field<&GuardStats::window_minutes>("How far back");
    d.field<&GuardStats::scans>("Scans of your tenant by this process");
    d.field<&GuardStats::cache_hits>("Share answered by the cache");
    d.field<&GuardStats::cache_size>("Results that the cache keeps, of all tenants");
    d.field<&GuardStats::feedback>("What people said, ever");
    d.field<&GuardStats::feedback_precision>("Share of judged detections that were right");
    d.field<&GuardStats::detections_dropped>("Detections lost because too many waited");
    d.field<&GuardStats::features>("Parts that are switched on");
    d.field<&GuardStats::mode>("Mode of texts that name none");
    d.field<&GuardStats::policy_version>("Policy in force");
    d.field<&GuardStats::rules_version>("Rule packs in force");
    d.field<&GuardStats::rules_digest>("Equal when the same rules are in force");
    d.field<&GuardStats::model_version>("Learned model in force");
}

void describe(Describe<IsSafe>& d) {
    d.field<&IsSafe::text>("Text, at most 1 MiB").length(0, kMaxScanBytes);
    d.field<&IsSafe::direction>("To the model, or from it").or_default();
    d.field<&IsSafe::source_kind>("Who wrote it").or_default();
}

void describe(Describe<Safety>& d) {
    d.field<&Safety::safe>("The policy simply allows the text");
    d.field<&Safety::verdict>("allow, flag, sanitise or block");
    d.field<&Safety::score>("Belief that the text needs attention");
    d.field<&Safety::explanation>("Why");
}

void describe(Describe<HasPii>& d) {
    d.field<&HasPii::text>("Text, at most 1 MiB").length(0, kMaxScanBytes);
}

void describe(Describe<PiiFound>& d) {
    d.field<&PiiFound::has_pii>("It holds personal data");
    d.field<&PiiFound::has_secrets>("It holds keys, tokens or passwords");
    d.field<&PiiFound::kinds>("How many of each kind; never the values");
}

void describe(Describe<Share>& d) {
    d.field<&Share::value>("Successes by trials");
    d.field<&Share::n>("Trials");
    d.field<&Share::successes>("Successes");
    d.field<&Share::low>("Lower end of the 95 % interval");
    d.field<&Share::high>("Upper end");
    d.field<&Share::method>("How the interval is computed (Wilson 1927)");
}

}  // namespace credence::guard
