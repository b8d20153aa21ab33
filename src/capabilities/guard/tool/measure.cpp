#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "base/json.h"
#include "capabilities/guard/model/cross_validation.h"
#include "capabilities/guard/tool/labelled_scan.h"

namespace credence::guard::tool {

namespace {

bool is_ordinary(const ScoredText& text) {
    return text.label == 0 && !is_harmful_request(text);
}

Share share_where(const std::vector<ScoredText>& scored,
                  const std::function<bool(const ScoredText&)>& among,
                  const std::function<bool(const ScoredText&)>& counted) {
    std::int64_t n = 0;
    std::int64_t successes = 0;
    for (const ScoredText& text : scored) {
        if (among(text)) {
            ++n;
            successes += counted(text) ? 1 : 0;
        }
    }
    return share_with_interval(successes, n);
}

bool flagged(const ScoredText& text) {
    return text.verdict != Verdict::allow;
}

bool blocked(const ScoredText& text) {
    return text.verdict == Verdict::block;
}

Ranked rank_texts(const std::vector<ScoredText>& scored, double rate) {
    std::vector<Sample> samples(scored.size());
    std::vector<double> scores;
    for (std::size_t i = 0; i < scored.size(); ++i) {
        samples[i].origin.label = scored[i].label;
        samples[i].origin.category = scored[i].category;
        samples[i].origin.source = scored[i].source;
        scores.push_back(scored[i].score);
    }
    const RankingReport report = rank(samples, scores, rate);
    return {rate, report.threshold, share_with_interval(report.found, report.attacks),
            report.macro_recall, report.area_under_curve};
}

std::vector<GroupRates> rates_by(const std::vector<ScoredText>& scored, double threshold,
                                 const std::function<std::string(const ScoredText&)>& name_of) {
    std::map<std::pair<std::int64_t, std::string>, std::vector<const ScoredText*>> groups;
    for (const ScoredText& text : scored) {
        groups[{1 - text.label, name_of(text)}].push_back(&text);
    }
    std::vector<GroupRates> rows;
    for (const auto& [key, texts] : groups) {
        const auto count = [&](const auto& holds) {
            return share_with_interval(
                std::count_if(texts.begin(), texts.end(),
                              [&](const ScoredText* text) { return holds(*text); }),
                static_cast<std::int64_t>(texts.size()));
        };
        rows.push_back({key.second, 1 - key.first,
                        count([&](const ScoredText& text) { return text.score >= threshold; }),
                        count(flagged), count(blocked)});
    }
    return rows;
}

Result<void> write_scores(const std::string& path, const std::vector<ScoredText>& scored) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    for (const ScoredText& text : scored) {
        std::string line;
        encode_json(shape_of<ScoredText>(), &text, line);
        file << line << '\n';
    }
    file.flush();
    if (!file) {
        return fail(Code::unavailable, path + " cannot be written", "scores");
    }
    return {};
}

std::int64_t percentile(std::vector<std::int64_t> values, double share) {
    std::sort(values.begin(), values.end());
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size()));
    return values[std::min(rank, values.size() - 1)];
}

// The lowest threshold that at most `rate` of the ordinary scores reach.
double threshold_at(std::vector<double> ordinary, double rate) {
    std::sort(ordinary.begin(), ordinary.end(), std::greater<>());
    const auto allowed = static_cast<std::size_t>(rate * static_cast<double>(ordinary.size()));
    const double score = ordinary[std::min(allowed, ordinary.size() - 1)];
    return std::min(1.0, std::nextafter(score, 2.0));
}

}  // namespace

Result<Measured> Guard::evaluate(const Context&, const EvaluateFiles& request) {
    const auto bench = TRY(open_bench(settings_, clock_, request.model.value_or("")));
    const std::vector<LabelledText> texts = TRY(read_files(request.files));
    const std::vector<ScoredText> scored =
        TRY(scan_all(*bench, texts, request.mode, static_cast<std::size_t>(request.threads)));
    if (request.scores) {
        TRY(write_scores(*request.scores, scored));
    }
    const auto attacks = [](const ScoredText& text) { return text.label == 1; };
    Measured measured;
    measured.n = static_cast<std::int64_t>(scored.size());
    measured.attacks = std::count_if(scored.begin(), scored.end(), attacks);
    measured.ranked = rank_texts(scored, request.false_positive_rate);
    measured.flagged_attacks = share_where(scored, attacks, flagged);
    measured.flagged_ordinary = share_where(scored, is_ordinary, flagged);
    measured.blocked_attacks = share_where(scored, attacks, blocked);
    measured.blocked_ordinary = share_where(scored, is_ordinary, blocked);
    const Share harmful = share_where(scored, is_harmful_request, flagged);
    if (harmful.n > 0) {
        measured.harmful_requests_flagged = harmful;
    }
    const double threshold = measured.ranked.threshold;
    measured.categories =
        rates_by(scored, threshold, [](const ScoredText& text) { return text.category; });
    measured.sources =
        rates_by(scored, threshold, [](const ScoredText& text) { return text.source; });
    std::vector<std::int64_t> times_us;
    for (const ScoredText& text : scored) {
        times_us.push_back(text.elapsed_us);
    }
    measured.median_us = percentile(times_us, 0.5);
    measured.p95_us = percentile(times_us, 0.95);
    measured.rules_version = bench->rules->version();
    measured.model_version = bench->model->version();
    return measured;
}

Result<Thresholds> Guard::calibrate(const Context&, const CalibrateFiles& request) {
    if (request.block_rate > request.flag_rate) {
        return fail(Code::invalid, "must not exceed flag_rate", "block_rate");
    }
    const auto bench = TRY(open_bench(settings_, clock_, ""));
    const std::vector<LabelledText> texts = TRY(read_files(request.files));
    const std::vector<ScoredText> scored = TRY(scan_all(*bench, texts, Mode::unified, 1));
    std::vector<double> ordinary;
    for (const ScoredText& text : scored) {
        if (is_ordinary(text)) {
            ordinary.push_back(text.score);
        }
    }
    if (ordinary.empty()) {
        return fail(Code::invalid, "no ordinary text (label 0) to calibrate on", "files");
    }
    Thresholds result;
    result.flag_threshold = threshold_at(ordinary, request.flag_rate);
    result.block_threshold = threshold_at(ordinary, request.block_rate);
    const auto reaching = [](double threshold) {
        return [threshold](const ScoredText& text) { return text.score >= threshold; };
    };
    const auto attacks = [](const ScoredText& text) { return text.label == 1; };
    result.flagged = share_where(scored, is_ordinary, reaching(result.flag_threshold));
    result.blocked = share_where(scored, is_ordinary, reaching(result.block_threshold));
    const Share found = share_where(scored, attacks, reaching(result.flag_threshold));
    if (found.n > 0) {
        result.attacks_flagged = found;
        result.attacks_blocked = share_where(scored, attacks, reaching(result.block_threshold));
    }
    // Rounded up: the lines must keep to the rates as well.
    const auto written = [](double threshold) { return std::ceil(threshold * 1e6) / 1e6; };
    result.settings = fmt::format("[guard]\nflag_threshold = {:.6f}\nblock_threshold = {:.6f}\n",
                                  written(result.flag_threshold), written(result.block_threshold));
    return result;
}

}  // namespace credence::guard::tool
