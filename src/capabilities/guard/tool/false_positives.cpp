#include <algorithm>

#include "capabilities/guard/tool/labelled_scan.h"

namespace credence::guard::tool {

namespace {

constexpr std::size_t kExcerptBytes = 160;

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80;
}

// Whole characters around the middle of a span.
std::string excerpt(std::string_view text, ByteSpan span) {
    const std::size_t middle = (span.start + std::min(span.end, text.size())) / 2;
    std::size_t from = middle - std::min(middle, kExcerptBytes / 2);
    std::size_t to = std::min(text.size(), from + kExcerptBytes);
    while (from < to && continues_character(text[from])) {
        ++from;
    }
    while (to > from && to < text.size() && continues_character(text[to])) {
        --to;
    }
    return std::string(text.substr(from, to - from));
}

Result<FalsePositive> explain(const Bench& bench, const LabelledText& text,
                              const ScoredText& scored) {
    Inspect inspect;
    inspect.text = text.text;
    inspect.source_kind = text.source_kind.value_or(SourceKind::user);
    const Inspection inspection = TRY(bench.inspector->inspect(inspect));
    FalsePositive result{scored.file,  scored.line,    scored.category, scored.source,
                         scored.score, scored.verdict, "the model",     ""};
    ByteSpan span = inspection.model ? inspection.model->span : ByteSpan{};
    double strongest = 0;
    const auto& findings = inspection.analysis.findings;
    for (std::size_t i = 0; i < findings.size(); ++i) {
        if (inspection.judgement.scores[i] > strongest) {
            strongest = inspection.judgement.scores[i];
            result.because = inspection.rules->rules()[findings[i].rule].id;
            span = findings[i].span;
        }
    }
    result.excerpt = excerpt(text.text, span);
    return result;
}

}  // namespace

Result<FalsePositives> Guard::false_positives(const Context&, const FindFalsePositives& request) {
    const auto bench = TRY(open_bench(settings_, clock_, ""));
    const std::vector<LabelledText> texts = TRY(read_files(request.files));
    const std::vector<ScoredText> scored = TRY(scan_all(*bench, texts, Mode::unified, 1));
    std::vector<std::size_t> wrong;
    std::int64_t ordinary = 0;
    for (std::size_t i = 0; i < scored.size(); ++i) {
        if (scored[i].label == 1 || is_harmful_request(scored[i])) {
            continue;
        }
        ++ordinary;
        if (scored[i].verdict != Verdict::allow) {
            wrong.push_back(i);
        }
    }
    std::stable_sort(wrong.begin(), wrong.end(), [&](std::size_t a, std::size_t b) {
        return std::max(scored[a].score, scored[a].disclosure) >
               std::max(scored[b].score, scored[b].disclosure);
    });
    FalsePositives result;
    result.flagged = share_with_interval(static_cast<std::int64_t>(wrong.size()), ordinary);
    wrong.resize(std::min(wrong.size(), static_cast<std::size_t>(request.limit)));
    for (const std::size_t i : wrong) {
        result.worst.push_back(TRY(explain(*bench, texts[i], scored[i])));
    }
    return result;
}

}  // namespace credence::guard::tool
