#include "api/host.h"
#include "capabilities/guard/tool/tool.h"

namespace credence::guard::tool {

void describe(Describe<EvaluateFiles>& d) {
    d.field<&EvaluateFiles::files>("JSON Lines files of text, label, category and source")
        .length(1, kMaxFiles);
    d.field<&EvaluateFiles::scores>("Write a line of JSON for each text to this file");
    d.field<&EvaluateFiles::model>("A model file of `train`, instead of the shipped model");
    d.field<&EvaluateFiles::mode>("How much of the guard looks at a text").or_default();
    d.field<&EvaluateFiles::false_positive_rate>("Rate at which recall is told")
        .between(0, 1)
        .or_default();
    d.field<&EvaluateFiles::threads>("Texts scanned at once").between(1, kMaxThreads).or_default();
}

void describe(Describe<ScoredText>& d) {
    d.field<&ScoredText::file>("File");
    d.field<&ScoredText::line>("Line of the file");
    d.field<&ScoredText::label>("1: an attack");
    d.field<&ScoredText::category>("Category");
    d.field<&ScoredText::source>("Source");
    d.field<&ScoredText::score>("Belief in an attack, 0 to 1");
    d.field<&ScoredText::disclosure>("Belief in secrets or personal data, 0 to 1");
    d.field<&ScoredText::verdict>("What the shipped policy says");
    d.field<&ScoredText::elapsed_us>("Time of the scan, microseconds");
}

void describe(Describe<GroupRates>& d) {
    d.field<&GroupRates::name>("Category or source");
    d.field<&GroupRates::label>("1: attacks");
    d.field<&GroupRates::ranked>("Share at or above the threshold of the false-positive rate");
    d.field<&GroupRates::flagged>("Share flagged or stricter by the policy");
    d.field<&GroupRates::blocked>("Share blocked by the policy");
}

void describe(Describe<Ranked>& d) {
    d.field<&Ranked::false_positive_rate>("Rate over all ordinary texts, pooled");
    d.field<&Ranked::threshold>("Score that keeps to it");
    d.field<&Ranked::recall>("Attacks at or above it");
    d.field<&Ranked::macro_recall>("Mean of the recalls of the categories of attacks");
    d.field<&Ranked::area_under_curve>("Chance that an attack scores above an ordinary text");
}

void describe(Describe<Measured>& d) {
    d.field<&Measured::n>("Texts");
    d.field<&Measured::attacks>("Attacks among them");
    d.field<&Measured::ranked>("At a false-positive rate");
    d.field<&Measured::flagged_attacks>("Attacks flagged or stricter by the shipped policy");
    d.field<&Measured::flagged_ordinary>("Ordinary texts flagged; harmful requests apart");
    d.field<&Measured::blocked_attacks>("Attacks blocked");
    d.field<&Measured::blocked_ordinary>("Ordinary texts blocked");
    d.field<&Measured::harmful_requests_flagged>("Harmful requests without a trick flagged");
    d.field<&Measured::categories>("By category");
    d.field<&Measured::sources>("By source");
    d.field<&Measured::median_us>("Median time of a text, microseconds");
    d.field<&Measured::p95_us>("95th percentile of that time");
    d.field<&Measured::rules_version>("Rule packs");
    d.field<&Measured::model_version>("Learned model");
}

void describe(Describe<CalibrateFiles>& d) {
    d.field<&CalibrateFiles::files>("JSON Lines files; those of label 0 are the ordinary texts")
        .length(1, kMaxFiles);
    d.field<&CalibrateFiles::flag_rate>("Share of ordinary texts that may be flagged")
        .between(0, 1)
        .or_default();
    d.field<&CalibrateFiles::block_rate>("Share of ordinary texts that may be blocked")
        .between(0, 1)
        .or_default();
}

void describe(Describe<Thresholds>& d) {
    d.field<&Thresholds::flag_threshold>("Score to flag from");
    d.field<&Thresholds::block_threshold>("Score to block from");
    d.field<&Thresholds::flagged>("Ordinary texts at or above the first");
    d.field<&Thresholds::blocked>("Ordinary texts at or above the second");
    d.field<&Thresholds::attacks_flagged>("Attacks at or above the first, when there are any");
    d.field<&Thresholds::attacks_blocked>("Attacks at or above the second");
    d.field<&Thresholds::settings>("Lines for the settings file");
}

void describe(Describe<FindFalsePositives>& d) {
    d.field<&FindFalsePositives::files>("JSON Lines files; those of label 0 are looked at")
        .length(1, kMaxFiles);
    d.field<&FindFalsePositives::limit>("How many to list").between(1, 10'000).or_default();
}

void describe(Describe<FalsePositive>& d) {
    d.field<&FalsePositive::file>("File");
    d.field<&FalsePositive::line>("Line of the file");
    d.field<&FalsePositive::category>("Category");
    d.field<&FalsePositive::source>("Source");
    d.field<&FalsePositive::score>("Belief in an attack");
    d.field<&FalsePositive::verdict>("What the policy says");
    d.field<&FalsePositive::because>("The strongest rule, or the model");
    d.field<&FalsePositive::excerpt>("Text around it");
}

void describe(Describe<FalsePositives>& d) {
    d.field<&FalsePositives::flagged>("Ordinary texts that are flagged or stricter");
    d.field<&FalsePositives::worst>("The highest scores first");
}

void describe(Describe<TrainFiles>& d) {
    d.field<&TrainFiles::files>("JSON Lines files of text, label, category and source")
        .length(1, kMaxFiles);
    d.field<&TrainFiles::out>("Where the model goes").or_default();
    d.field<&TrainFiles::report>("Where the training report goes, Markdown");
    d.field<&TrainFiles::version>("Version that the model is given").length(1, 32).or_default();
    d.field<&TrainFiles::seed>("Seed of all chance").between(0, 1'000'000'000).or_default();
    d.field<&TrainFiles::folds>("Folds of whole sources").between(2, 20).or_default();
    d.field<&TrainFiles::teachers>("Networks whose mean opinion the shipped one learns")
        .between(0, 20)
        .or_default();
    d.field<&TrainFiles::epochs>("Passes over the texts").between(1, 100).or_default();
    d.field<&TrainFiles::threads>("Models trained at once").between(1, kMaxThreads).or_default();
    d.field<&TrainFiles::compare_families>("Cross-validate every family of models").or_default();
}

void describe(Describe<FamilyRow>& d) {
    d.field<&FamilyRow::family>("Family of models");
    d.field<&FamilyRow::recall>("At 1 % false positives, on sources left out");
    d.field<&FamilyRow::macro_recall>("Mean of the recalls of the categories of attacks");
    d.field<&FamilyRow::area_under_curve>("Chance that an attack scores above an ordinary text");
}

void describe(Describe<Trained>& d) {
    d.field<&Trained::model>("The model file");
    d.field<&Trained::bytes>("Its size");
    d.field<&Trained::seconds>("Time taken");
    d.field<&Trained::families>("Cross-validated families; the shipped combination last");
}

void describe(Describe<WatchFile>& d) {
    d.field<&WatchFile::file>("File whose added lines are scanned");
    d.field<&WatchFile::source_kind>("Who writes it").or_default();
    d.field<&WatchFile::from_start>("Begin with what it already holds").or_default();
    d.field<&WatchFile::once>("Scan what it holds and stop").or_default();
}

void describe(Describe<Watched>& d) {
    d.field<&Watched::lines>("Lines scanned");
    d.field<&Watched::flagged>("Lines flagged");
    d.field<&Watched::blocked>("Lines blocked");
}

Result<void> serve_tool(Host& host) {
    const auto settings = TRY(host.settings<GuardSettings>("guard"));
    auto& tool = host.keep(std::make_unique<Guard>(settings, host.clock()));
    host.command<&Guard::evaluate>(tool, "Measure recall and false positives on labelled files")
        .positional("files", Positional::values);
    host.command<&Guard::calibrate>(tool, "Find thresholds for your own ordinary texts")
        .positional("files", Positional::values);
    host.command<&Guard::false_positives>(tool, "List ordinary texts that are flagged, worst first")
        .positional("files", Positional::values);
    host.command<&Guard::train>(tool, "Train the learned model on labelled files")
        .positional("files", Positional::values);
    host.command<&Guard::watch>(tool, "Scan the lines that are added to a file")
        .positional("file", Positional::value);
    return {};
}

}  // namespace credence::guard::tool
