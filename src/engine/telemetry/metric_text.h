// The registry's text (Metrics::expose(), Prometheus 0.0.4) as values. That text is the one view of
// the registry, so what is scraped and what is sent agree.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace credence::telemetry {

enum class MetricType : std::uint8_t { counter, gauge, histogram };

struct MetricPoint {
    std::vector<std::pair<std::string, std::string>> labels;  // without a bucket's "le"
    std::string value;  // counter and gauge: the number's text
    // Histogram: finite upper bounds, the count of each bucket (one more than bounds) and the sum.
    std::vector<double> bounds;
    std::vector<std::uint64_t> buckets;
    double sum = 0;
};

struct MetricFamily {
    std::string name;
    std::string help;
    MetricType type = MetricType::gauge;
    std::vector<MetricPoint> points;
};

// Lines that are none of ours are left out.
std::vector<MetricFamily> parse_metric_text(std::string_view text);

}  // namespace credence::telemetry
