#include "engine/telemetry/metric_text.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "base/text.h"

namespace credence::telemetry {

namespace {

struct Sample {
    std::string_view name;
    std::vector<std::pair<std::string, std::string>> labels;
    std::string_view value;
};

std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
        } else {
            ++i;
            out += text[i] == 'n' ? '\n' : text[i];
        }
    }
    return out;
}

// Past the closing quote of a value whose first character is at `at`.
std::size_t find_quote(std::string_view text, std::size_t at) {
    while (at < text.size() && text[at] != '"') {
        at += text[at] == '\\' ? 2 : 1;
    }
    return at;
}

std::optional<Sample> parse_sample(std::string_view line) {
    Sample sample;
    std::size_t at = line.find_first_of("{ ");
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    sample.name = line.substr(0, at);
    if (line[at] == '{') {
        ++at;
        while (at < line.size() && line[at] != '}') {
            const std::size_t equals = line.find('=', at);
            if (equals == std::string_view::npos) {
                return std::nullopt;
            }
            const std::size_t begin = equals + 2;
            const std::size_t end = find_quote(line, begin);
            if (end >= line.size()) {
                return std::nullopt;
            }
            sample.labels.emplace_back(line.substr(at, equals - at),
                                       unescape(line.substr(begin, end - begin)));
            at = end + 1;
            if (at < line.size() && line[at] == ',') {
                ++at;
            }
        }
        ++at;
    }
    sample.value = trim(line.substr(std::min(at, line.size())));
    return sample.value.empty() ? std::nullopt : std::optional(std::move(sample));
}

double to_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size()
               ? value
               : std::numeric_limits<double>::quiet_NaN();
}

std::uint64_t to_count(std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// Histograms come as buckets, added up and closed by +Inf, then sum and count.
class HistogramReader {
public:
    void take(MetricFamily& family, Sample sample) {
        if (sample.name.ends_with("_bucket")) {
            take_bucket(std::move(sample));
        } else if (sample.name.ends_with("_sum")) {
            point_.sum = to_number(sample.value);
        } else if (sample.name.ends_with("_count")) {
            point_.labels = std::move(sample.labels);
            family.points.push_back(std::exchange(point_, {}));
            before_ = 0;
        }
    }

private:
    void take_bucket(Sample sample) {
        const std::uint64_t total = to_count(sample.value);
        if (!sample.labels.empty() && sample.labels.back().second != "+Inf") {
            point_.bounds.push_back(to_number(sample.labels.back().second));
        }
        point_.buckets.push_back(total - before_);
        before_ = total;
    }

    MetricPoint point_;
    std::uint64_t before_ = 0;
};

MetricType type_of(std::string_view name) {
    if (name == "counter") {
        return MetricType::counter;
    }
    return name == "histogram" ? MetricType::histogram : MetricType::gauge;
}

}  // namespace

std::vector<MetricFamily> parse_metric_text(std::string_view text) {
    constexpr std::string_view kHelp = "# HELP ";
    constexpr std::string_view kType = "# TYPE ";
    std::vector<MetricFamily> families;
    HistogramReader histogram;
    for (std::string_view line : split(text, '\n')) {
        if (line.starts_with(kHelp)) {
            line.remove_prefix(kHelp.size());
            const std::size_t space = std::min(line.find(' '), line.size());
            MetricFamily family;
            family.name = line.substr(0, space);
            family.help = unescape(trim(line.substr(space)));
            families.push_back(std::move(family));
        } else if (line.starts_with(kType)) {
            if (!families.empty()) {
                families.back().type = type_of(line.substr(line.rfind(' ') + 1));
            }
        } else if (auto sample = parse_sample(line); sample && !families.empty()) {
            MetricFamily& family = families.back();
            if (family.type == MetricType::histogram) {
                histogram.take(family, std::move(*sample));
            } else {
                MetricPoint point;
                point.labels = std::move(sample->labels);
                point.value = sample->value;
                family.points.push_back(std::move(point));
            }
        }
    }
    return families;
}

}  // namespace credence::telemetry
