#include "capabilities/guard/tool/labelled_scan.h"

#include <fstream>
#include <mutex>
#include <sstream>

#include "base/parallel.h"

namespace credence::guard::tool {

namespace {

constexpr std::size_t kMaxModelBytes = std::size_t{32} << 20;

Result<std::string> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    if (!file || content.view().size() > kMaxModelBytes) {
        return fail(Code::not_found, path + " cannot be read", "model");
    }
    return std::move(content).str();
}

// As Scanner: no single attack is believed more than the whole, which knows the model's opinion.
std::vector<Concern> concerns_of(const Inspection& inspection) {
    std::vector<Concern> concerns;
    Concern whole{Category::prompt_injection, Severity::high, inspection.judgement.attack};
    double strongest = 0;
    const auto& findings = inspection.analysis.findings;
    for (std::size_t i = 0; i < findings.size(); ++i) {
        const Rule& rule = inspection.rules->rules()[findings[i].rule];
        const double score = inspection.judgement.scores[i];
        if (rule.category == Category::secrets || rule.category == Category::pii) {
            concerns.push_back({rule.category, rule.severity, score});
            continue;
        }
        concerns.push_back({rule.category, rule.severity, std::min(score, whole.score)});
        if (score > strongest) {
            strongest = score;
            whole.category = rule.category;
        }
    }
    if (whole.score > 0) {
        concerns.push_back(whole);
    }
    return concerns;
}

}  // namespace

Result<std::unique_ptr<Bench>> open_bench(const GuardSettings& settings, const Clock& clock,
                                          const std::string& model_file) {
    auto bench = std::make_unique<Bench>(clock);
    bench->rules = TRY(RuleSet::load_embedded());
    const auto names = bench->rules->signal_names();
    if (model_file.empty()) {
        bench->model = TRY(Model::load_embedded(names));
    } else {
        bench->model_blob = TRY(read_file(model_file));
        bench->model = TRY(Model::load(bench->model_blob, names));
    }
    bench->policy = default_policy(settings.flag_threshold, settings.block_threshold);
    InspectorParts parts;
    parts.rules = [rules = bench->rules] { return rules; };
    parts.model = bench->model.get();
    parts.clock = &clock;
    parts.limits.max_depth = static_cast<int>(settings.max_depth);
    parts.limits.max_derived_bytes = static_cast<std::size_t>(settings.max_decoded_bytes);
    bench->inspector = std::make_unique<Inspector>(std::move(parts));
    return bench;
}

Result<ScoredText> scan_one(const Bench& bench, const LabelledText& text, Mode mode) {
    Inspect inspect;
    inspect.text = text.text;
    inspect.mode = mode;
    inspect.source_kind = text.source_kind.value_or(SourceKind::user);
    const std::int64_t started_us = bench.clock.steady_us();
    const Inspection inspection = TRY(bench.inspector->inspect(inspect));
    const Decision decision =
        decide(bench.policy, concerns_of(inspection), inspect.source_kind, Direction::input);
    const std::int64_t elapsed_us = bench.clock.steady_us() - started_us;
    return ScoredText{text.file,
                      text.line,
                      text.label,
                      text.category,
                      text.source,
                      inspection.judgement.attack,
                      inspection.judgement.disclosure,
                      decision.verdict,
                      elapsed_us};
}

Result<std::vector<ScoredText>> scan_all(const Bench& bench, const std::vector<LabelledText>& texts,
                                         Mode mode, std::size_t threads) {
    std::vector<ScoredText> scored(texts.size());
    std::mutex mutex;
    Result<void> outcome;
    in_parallel(texts.size(), threads, [&](std::size_t i) {
        auto one = scan_one(bench, texts[i], mode);
        if (one) {
            scored[i] = std::move(*one);
            return;
        }
        const std::lock_guard lock(mutex);
        outcome = std::unexpected(one.error());
    });
    TRY(std::move(outcome));
    return scored;
}

Result<std::vector<LabelledText>> read_files(const std::vector<std::string>& files) {
    std::vector<LabelledText> texts;
    for (const std::string& file : files) {
        TRY(read_labelled(file, texts));
    }
    if (texts.empty()) {
        return fail(Code::invalid, "the files hold no text", "files");
    }
    return texts;
}

bool is_harmful_request(const ScoredText& text) {
    return text.label == 0 && text.category == "harmful_request";
}

}  // namespace credence::guard::tool
