#include "capabilities/guard/guard.h"

namespace credence::guard {

void describe(Describe<EvaluationText>& d) {
    d.field<&EvaluationText::text>("Text to judge").length(0, kMaxScanBytes);
    d.field<&EvaluationText::label>("1: an attack, 0: not").between(0, 1);
    d.field<&EvaluationText::category>("Kind of text");
    d.field<&EvaluationText::source>("Where it comes from");
    d.field<&EvaluationText::lang>("Language");
    d.field<&EvaluationText::transform>("Encoding applied to it");
    d.field<&EvaluationText::license>("Licence of the text");
}

void describe(Describe<Evaluate>& d) {
    d.field<&Evaluate::samples>("Labelled texts").length(1, kMaxSamples);
    d.field<&Evaluate::positive>("Least verdict that counts as detected").or_default();
}

void describe(Describe<Confusion>& d) {
    d.field<&Confusion::true_positive>("Attacks detected");
    d.field<&Confusion::false_negative>("Attacks missed");
    d.field<&Confusion::false_positive>("Ordinary texts detected");
    d.field<&Confusion::true_negative>("Ordinary texts let through");
}

void describe(Describe<GroupResult>& d) {
    d.field<&GroupResult::name>("Category or source");
    d.field<&GroupResult::n>("Texts");
    d.field<&GroupResult::recall>("Attacks detected, when it has attacks");
    d.field<&GroupResult::false_positive_rate>("Ordinary texts detected, when it has some");
    d.field<&GroupResult::confusion>("Counts");
}

void describe(Describe<Throughput>& d) {
    d.field<&Throughput::texts_per_second>("Texts scanned a second, one thread");
    d.field<&Throughput::median_us>("Median time of one text");
    d.field<&Throughput::p95_us>("95th percentile of that time");
}

void describe(Describe<Evaluation>& d) {
    d.field<&Evaluation::n>("Texts");
    d.field<&Evaluation::recall>("Attacks detected");
    d.field<&Evaluation::false_positive_rate>("Ordinary texts detected; harmful requests apart");
    d.field<&Evaluation::confusion>("Counts, without harmful requests");
    d.field<&Evaluation::harmful_requests_flagged>(
        "Harmful requests without an attack that were detected all the same");
    d.field<&Evaluation::categories>("The same by category");
    d.field<&Evaluation::sources>("The same by source");
    d.field<&Evaluation::throughput>("Speed");
    d.field<&Evaluation::rules_version>("Rule packs in force");
}

}  // namespace credence::guard
