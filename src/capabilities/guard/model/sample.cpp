#include "capabilities/guard/model/sample.h"

#include <algorithm>
#include <fstream>
#include <mutex>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/json.h"
#include "base/parallel.h"
#include "base/shape.h"
#include "capabilities/guard/model/traits.h"

namespace credence::guard {

namespace {

constexpr std::size_t kMaxLineBytes = std::size_t{8} << 20;

// As a line is written; what else it says is passed over.
struct Line {
    std::string text;
    std::int64_t label = 0;
    std::optional<std::string> category;
    std::optional<std::string> source;
    std::optional<std::string> lang;
    std::optional<std::string> transform;
    std::optional<SourceKind> source_kind;
};

void describe(Describe<Line>& d) {
    d.field<&Line::text>("Text");
    d.field<&Line::label>("1: an attack, 0: not").between(0, 1);
    d.field<&Line::category>("Kind of text");
    d.field<&Line::source>("Where it comes from");
    d.field<&Line::lang>("Language");
    d.field<&Line::transform>("Encoding applied to it");
    d.field<&Line::source_kind>("Channel that it comes by");
}

// The members that Line knows; collections carry many others. A line that is no object stays as it
// is, for decode_json to say what is wrong.
std::string known_members(simdjson::dom::parser& parser, const std::string& line) {
    simdjson::dom::object object;
    if (parser.parse(line).get(object) != simdjson::SUCCESS) {
        return line;
    }
    std::string known;
    for (const auto& member : object) {
        if (shape_of<Line>().find(std::string(member.key)) == nullptr) {
            continue;
        }
        known += known.empty() ? "{" : ",";
        append_json_string(member.key, known);
        known += ':' + simdjson::minify(member.value);
    }
    return known.empty() ? "{}" : known + "}";
}

// The channel where texts of a category are met, when the line does not say it.
SourceKind channel_of(std::string_view category) {
    if (category == "tool_poisoning" || category == "benign_tool_description") {
        return SourceKind::tool_description;
    }
    if (category == "benign_tool_output" || category == "injection_indirect" ||
        category == "benign_ops") {
        return SourceKind::tool_result;
    }
    if (category == "benign_document") {
        return SourceKind::document;
    }
    return category == "benign_assistant_text" ? SourceKind::assistant : SourceKind::user;
}

Result<Sample> prepare(const RuleSet& rules, const std::vector<std::uint32_t>& features,
                       LabelledText origin) {
    Sample sample;
    const Analysis analysis = TRY(analyse(rules, origin.text, {}));
    const std::size_t readings = std::min(analysis.views.all().size(), kMaxReadings);
    sample.readings.resize(readings);
    for (std::size_t view = 0; view < readings; ++view) {
        read_view(rules, features, analysis, view, kMaxTrainingTokens, sample.readings[view]);
    }
    sample.traits = traits_of(rules, analysis, origin.text);
    sample.channel = origin.source_kind.value_or(channel_of(origin.category));
    origin.text.clear();
    origin.text.shrink_to_fit();
    sample.origin = std::move(origin);
    return sample;
}

}  // namespace

Result<void> read_labelled(const std::string& path, std::vector<LabelledText>& texts) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return fail(Code::not_found, fmt::format("{} cannot be read", path));
    }
    simdjson::dom::parser parser;
    std::string line;
    for (std::int64_t number = 1; std::getline(file, line); ++number) {
        if (line.empty()) {
            continue;
        }
        Line read;
        const auto decoded =
            line.size() > kMaxLineBytes
                ? Result<void>(fail(Code::too_large, "the line is too long"))
                : decode_json(known_members(parser, line), shape_of<Line>(), &read);
        if (!decoded) {
            return fail(decoded.error().code,
                        fmt::format("{}:{}: {} {}", path, number, decoded.error().field,
                                    decoded.error().message));
        }
        if (texts.size() >= kMaxTrainingTexts) {
            return fail(Code::too_large, fmt::format("more than {} texts", kMaxTrainingTexts));
        }
        texts.push_back({std::move(read.text), read.label, read.category.value_or("unknown"),
                         read.source.value_or("unknown"), read.lang.value_or(""),
                         read.transform.value_or(""), path, number, read.source_kind});
    }
    return {};
}

Result<std::vector<Sample>> prepare_samples(const RuleSet& rules, std::vector<LabelledText> texts,
                                            std::size_t threads) {
    const std::vector<std::uint32_t> features = concept_features(rules.signal_names());
    std::vector<Sample> samples(texts.size());
    std::mutex mutex;
    Result<void> outcome;
    in_parallel(texts.size(), threads, [&](std::size_t i) {
        Result<Sample> sample = prepare(rules, features, std::move(texts[i]));
        if (sample) {
            samples[i] = std::move(*sample);
            return;
        }
        const std::lock_guard lock(mutex);
        outcome = std::unexpected(sample.error());
    });
    TRY(std::move(outcome));
    return samples;
}

}  // namespace credence::guard
