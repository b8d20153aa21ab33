#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/units.h"

namespace credence {
namespace {

enum class Type : std::uint8_t { counter, gauge, number_gauge, histogram };

constexpr std::string_view kOther = "other";

constexpr std::array<double, 16> kDefaultBucketsS{
    .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};

constexpr std::string_view name_of(Type type) {
    switch (type) {
        case Type::counter:
            return "counter";
        case Type::gauge:
        case Type::number_gauge:
            return "gauge";
        case Type::histogram:
            return "histogram";
    }
    return "untyped";
}

bool is_name(std::string_view name) {
    constexpr auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9');
    });
}

// HELP text escapes backslash and newline; label values the double quote as well.
std::string escape(std::string_view text, bool quote) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && quote) {
            out += "\\\"";
        } else {
            out += c;
        }
    }
    return out;
}

// "verdict=\"block\",module=\"guard\"", the order of the caller.
std::string format_labels(const Labels& labels) {
    std::string out;
    for (const auto& [key, value] : labels) {
        fmt::format_to(std::back_inserter(out), "{}{}=\"{}\"", out.empty() ? "" : ",", key,
                       escape(value, true));
    }
    return out;
}

std::string in_braces(std::string_view labels) {
    return labels.empty() ? std::string() : fmt::format("{{{}}}", labels);
}

std::string format_number(double value) {
    if (std::isnan(value)) {
        return "NaN";
    }
    if (std::isinf(value)) {
        return value > 0 ? "+Inf" : "-Inf";
    }
    return fmt::format("{}", value);
}

}  // namespace

Histogram::Histogram(std::span<const double> upper_bounds_s)
    : bounds_s_(upper_bounds_s.begin(), upper_bounds_s.end()),
      buckets_(std::make_unique<std::atomic<std::uint64_t>[]>(upper_bounds_s.size() + 1)) {
    CHECK(std::ranges::is_sorted(bounds_s_, std::ranges::less_equal()),
          "bucket bounds must increase");
    bounds_us_.reserve(bounds_s_.size());
    for (const double bound_s : bounds_s_) {
        bounds_us_.push_back(std::llround(bound_s * kUsPerSecond));
    }
}

void Histogram::observe_us(std::int64_t value_us) {
    // The first bound that is not below the value: "le" includes its bound.
    const auto found = std::ranges::lower_bound(bounds_us_, value_us);
    const auto bucket = static_cast<std::size_t>(found - bounds_us_.begin());
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
    sum_us_.fetch_add(value_us, std::memory_order_relaxed);
}

void Histogram::set(std::span<const std::int64_t> buckets, double sum_s) {
    CHECK(buckets.size() == bounds_us_.size() + 1, "a count for each bucket");
    for (std::size_t bucket = 0; bucket < buckets.size(); ++bucket) {
        buckets_[bucket].store(
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, buckets[bucket])),
            std::memory_order_relaxed);
    }
    sum_us_.store(std::llround(sum_s * kUsPerSecond), std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
    std::uint64_t total = 0;
    for (std::size_t bucket = 0; bucket <= bounds_us_.size(); ++bucket) {
        total += buckets_[bucket].load(std::memory_order_relaxed);
    }
    return total;
}

struct Metrics::Impl {
    struct Series {
        Counter counter;
        Gauge gauge;
        NumberGauge number;
        std::unique_ptr<Histogram> histogram;
        std::function<double()> function;
        double computed = 0;  // the function's latest value
    };
    struct Family {
        Type type = Type::counter;
        std::string help;
        std::map<std::string, std::unique_ptr<Series>, std::less<>> series;  // by formatted labels
    };

    mutable std::mutex mutex;
    std::map<std::string, Family, std::less<>> families;

    Family& family(std::string_view name, std::string_view help, Type type);
    static Series& series(Family& family, const Labels& labels);
    static void expose_series(std::string_view name, std::string_view labels, const Series& series,
                              Type type, std::string& out);
    void refresh_computed();
    static void expose_histogram(std::string_view name, std::string_view labels,
                                 const Histogram& histogram, std::string& out);
};

Metrics::Impl::Family& Metrics::Impl::family(std::string_view name, std::string_view help,
                                             Type type) {
    CHECK(is_name(name), "a metric name is letters, digits and underscores");
    CHECK((type == Type::counter) == name.ends_with("_total"),
          "counters, and only they, end in _total");
    const auto [found, added] = families.try_emplace(std::string(name));
    Family& family = found->second;
    if (added) {
        family.type = type;
        family.help = escape(help, false);
    }
    CHECK(family.type == type, "the same metric name with another type");
    return family;
}

Metrics::Impl::Series& Metrics::Impl::series(Family& family, const Labels& labels) {
    std::string key = format_labels(labels);
    const auto known = family.series.find(key);
    if (known != family.series.end()) {
        return *known->second;
    }
    if (family.series.size() >= kMaxSeries) {
        Labels others = labels;
        for (auto& [name, value] : others) {
            value = kOther;
        }
        key = format_labels(others);
    }
    auto& series = family.series[key];
    if (!series) {
        for (const auto& [name, value] : labels) {
            CHECK(is_name(name) && name != "le", "a label name is letters, digits and underscores");
        }
        series = std::make_unique<Series>();
    }
    return *series;
}

std::span<const double> Metrics::default_buckets_s() {
    return kDefaultBucketsS;
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, const Labels& labels) {
    const std::scoped_lock lock(impl_->mutex);
    return Impl::series(impl_->family(name, help, Type::counter), labels).counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const Labels& labels) {
    const std::scoped_lock lock(impl_->mutex);
    return Impl::series(impl_->family(name, help, Type::gauge), labels).gauge;
}

NumberGauge& Metrics::number_gauge(std::string_view name, std::string_view help,
                                   const Labels& labels) {
    const std::scoped_lock lock(impl_->mutex);
    return Impl::series(impl_->family(name, help, Type::number_gauge), labels).number;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const Labels& labels,
                              std::span<const double> upper_bounds_s) {
    const std::scoped_lock lock(impl_->mutex);
    auto& series = Impl::series(impl_->family(name, help, Type::histogram), labels);
    if (!series.histogram) {
        series.histogram = std::make_unique<Histogram>(upper_bounds_s);
    }
    return *series.histogram;
}

void Metrics::gauge_function(std::string_view name, std::string_view help,
                             std::function<double()> function) {
    const std::scoped_lock lock(impl_->mutex);
    Impl::series(impl_->family(name, help, Type::gauge), {}).function = std::move(function);
}

void Metrics::Impl::expose_histogram(std::string_view name, std::string_view labels,
                                     const Histogram& histogram, std::string& out) {
    const std::string_view comma = labels.empty() ? "" : ",";
    auto to = std::back_inserter(out);
    std::uint64_t total = 0;
    for (std::size_t bucket = 0; bucket <= histogram.bounds_s_.size(); ++bucket) {
        total += histogram.buckets_[bucket].load(std::memory_order_relaxed);
        const std::string bound = bucket < histogram.bounds_s_.size()
                                      ? format_number(histogram.bounds_s_[bucket])
                                      : std::string("+Inf");
        fmt::format_to(to, "{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, comma, bound, total);
    }
    const auto sum_us = histogram.sum_us_.load(std::memory_order_relaxed);
    fmt::format_to(to, "{}_sum{} {}\n", name, in_braces(labels),
                   format_number(static_cast<double>(sum_us) / kUsPerSecond));
    // The count is the last bucket, not a second reading: the two must agree within a scrape.
    fmt::format_to(to, "{}_count{} {}\n", name, in_braces(labels), total);
}

void Metrics::Impl::expose_series(std::string_view name, std::string_view labels,
                                  const Series& series, Type type, std::string& out) {
    if (type == Type::histogram) {
        expose_histogram(name, labels, *series.histogram, out);
        return;
    }
    std::string value;
    if (type == Type::counter) {
        value = std::to_string(series.counter.value());
    } else if (type == Type::number_gauge) {
        value = format_number(series.number.value());
    } else if (series.function) {
        value = format_number(series.computed);
    } else {
        value = std::to_string(series.gauge.value());
    }
    fmt::format_to(std::back_inserter(out), "{}{} {}\n", name, in_braces(labels), value);
}

// Calls the functions outside the lock: they may be slow, or use the registry themselves.
void Metrics::Impl::refresh_computed() {
    std::vector<std::pair<Series*, std::function<double()>>> functions;
    {
        const std::scoped_lock lock(mutex);
        for (const auto& [name, family] : families) {
            for (const auto& [labels, series] : family.series) {
                if (series->function) {
                    functions.emplace_back(series.get(), series->function);
                }
            }
        }
    }
    for (const auto& [series, function] : functions) {
        const double value = function();
        const std::scoped_lock lock(mutex);
        series->computed = value;
    }
}

std::string Metrics::expose() const {
    impl_->refresh_computed();
    const std::scoped_lock lock(impl_->mutex);
    std::string out;
    for (const auto& [name, family] : impl_->families) {
        fmt::format_to(std::back_inserter(out), "# HELP {} {}\n# TYPE {} {}\n", name, family.help,
                       name, name_of(family.type));
        for (const auto& [labels, series] : family.series) {
            Impl::expose_series(name, labels, *series, family.type, out);
        }
    }
    return out;
}

}  // namespace credence
