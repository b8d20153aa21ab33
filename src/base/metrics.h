// Counters, gauges and histograms, exposed in the Prometheus text format 0.0.4.
//
//   Counter& scans = metrics.counter("credence_guard_scans_total", "Texts scanned", {{"verdict",
//   "block"}}); scans.add();
//
// Registration takes a lock and returns a reference valid for the registry's life; updates are
// wait-free relaxed atomics. Asking again for the same name and labels returns the same object;
// the same name with another type is a CHECK. At most kMaxSeries label sets per name: beyond that
// the series with every label value "other" is returned, so cardinality stays bounded.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace credence {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
public:
    void add(std::uint64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    // For what is counted elsewhere and outlives the process. Going down reads as a restart.
    void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
public:
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    void add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

// A gauge of any number: a share, a rate.
class NumberGauge {
public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<double> value_{0};
};

// Fixed upper bounds in seconds; observations in microseconds.
class Histogram {
public:
    explicit Histogram(std::span<const double> upper_bounds_s);
    void observe_us(std::int64_t value_us);
    // For what is counted elsewhere: the count of each bucket, not added up, the last one for what
    // is above all bounds (one more than bounds: CHECK), and the sum of all values.
    void set(std::span<const std::int64_t> buckets, double sum_s);
    std::uint64_t count() const;

private:
    friend class Metrics;
    std::vector<std::int64_t> bounds_us_;
    std::vector<double> bounds_s_;
    std::unique_ptr<std::atomic<std::uint64_t>[]> buckets_;  // one more than bounds: +Inf
    std::atomic<std::int64_t> sum_us_{0};
};

class Metrics {
public:
    static constexpr std::size_t kMaxSeries = 1000;
    // .0001 … 10 s, for request latencies.
    static std::span<const double> default_buckets_s();

    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    Counter& counter(std::string_view name, std::string_view help, const Labels& labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
    // As gauge, and a name is one or the other (CHECK).
    NumberGauge& number_gauge(std::string_view name, std::string_view help,
                              const Labels& labels = {});
    Histogram& histogram(std::string_view name, std::string_view help, const Labels& labels = {},
                         std::span<const double> upper_bounds_s = default_buckets_s());
    // A gauge computed when scraped. The function must be thread-safe and outlive the registry.
    void gauge_function(std::string_view name, std::string_view help,
                        std::function<double()> function);

    // The whole registry as text; families sorted by name.
    std::string expose() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace credence
