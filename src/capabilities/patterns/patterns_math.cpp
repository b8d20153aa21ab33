#include "capabilities/patterns/patterns_math.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "base/units.h"

namespace credence::patterns {
namespace {

constexpr double kConfidenceTail = 0.05;
constexpr double kAverageStep = 0.1;

// The continued fraction of the incomplete beta function; converges fast for x below the mean.
double beta_fraction(double a, double b, double x) {
    constexpr int kMaxSteps = 500;
    constexpr double kTiny = 1e-300;
    constexpr double kEnough = 1e-15;
    const auto not_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
    double c = 1;
    double d = 1 / not_zero(1 - ((a + b) * x / (a + 1)));
    double value = d;
    for (int step = 1; step <= kMaxSteps; ++step) {
        const double m = step;
        const double even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
        d = 1 / not_zero(1 + (even * d));
        c = not_zero(1 + (even / c));
        value *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
        d = 1 / not_zero(1 + (odd * d));
        c = not_zero(1 + (odd / c));
        value *= d * c;
        if (std::abs((d * c) - 1) < kEnough) {
            break;
        }
    }
    return value;
}

}  // namespace

double beta_cdf(double a, double b, double x) {
    if (x <= 0) {
        return 0;
    }
    if (x >= 1) {
        return 1;
    }
    int sign = 0;
    const double log_beta = ::lgamma_r(a, &sign) + ::lgamma_r(b, &sign) - ::lgamma_r(a + b, &sign);
    const double front = std::exp((a * std::log(x)) + (b * std::log1p(-x)) - log_beta);
    if (x < (a + 1) / (a + b + 2)) {
        return front * beta_fraction(a, b, x) / a;
    }
    return 1 - (front * beta_fraction(b, a, 1 - x) / b);
}

double beta_quantile(double a, double b, double probability) {
    double low = 0;
    double high = 1;
    constexpr double kWidth = 1e-12;
    while (high - low > kWidth) {
        const double middle = (low + high) / 2;
        (beta_cdf(a, b, middle) < probability ? low : high) = middle;
    }
    return (low + high) / 2;
}

double confidence_of(const Weights& evidence) {
    // To nine digits: as much as the bisection is sure of, and the same on every machine.
    constexpr double kDigits = 1e9;
    const double quantile =
        beta_quantile(1 + evidence.success, 1 + evidence.failure, kConfidenceTail);
    return std::round(quantile * kDigits) / kDigits;
}

Weights decayed(const Weights& evidence, std::int64_t age_us, double half_life_days) {
    if (half_life_days <= 0 || age_us <= 0) {
        return evidence;
    }
    const double factor = std::exp2(-static_cast<double>(age_us) / (half_life_days * kUsPerDay));
    return {evidence.success * factor, evidence.failure * factor};
}

Weights with_outcome(const Weights& of_user, bool success, double cap) {
    Weights out = of_user;
    const double room = cap - 1;
    if (out.total() > room) {
        const double factor = room / out.total();
        out.success *= factor;
        out.failure *= factor;
    }
    (success ? out.success : out.failure) += 1;
    return out;
}

Weights inherited(const Weights& parent, double share, double cap) {
    const double total = parent.total() * share;
    const double factor = total > cap ? share * cap / total : share;
    return {parent.success * factor, parent.failure * factor};
}

double moving_average(const std::optional<double>& average, double value) {
    return average ? *average + (kAverageStep * (value - *average)) : value;
}

namespace {

constexpr double kBucketRatio = 1.1;
constexpr double kLeastMs = 1e-3;

int bucket_of(double time_ms) {
    if (!(time_ms > kLeastMs)) {
        return 0;
    }
    const double position = std::ceil(std::log(time_ms / kLeastMs) / std::log(kBucketRatio));
    return static_cast<int>(std::min(position, double{TimingSketch::kMaxBuckets - 1}));
}

// The value whose greatest relative error within its bucket is least.
double middle_of(int bucket) {
    return kLeastMs * std::pow(kBucketRatio, bucket) * 2 / (1 + kBucketRatio);
}

}  // namespace

Result<TimingSketch> TimingSketch::parse(std::string_view text) {
    TimingSketch sketch;
    if (text.empty()) {
        return sketch;
    }
    for (const std::string_view entry : split(text, ',')) {
        const auto parts = split(entry, ':');
        const auto bucket = parts.size() == 2 ? parse_integer(parts[0]) : std::nullopt;
        const auto count = parts.size() == 2 ? parse_integer(parts[1]) : std::nullopt;
        if (!bucket || !count || *bucket < 0 || *bucket >= kMaxBuckets || *count < 1) {
            return fail(Code::internal, "a stored record could not be read");
        }
        sketch.buckets_[*bucket] += *count;
        sketch.count_ += *count;
    }
    return sketch;
}

std::string TimingSketch::to_text() const {
    std::string out;
    for (int i = 0; i < kMaxBuckets; ++i) {
        if (buckets_[i] > 0) {
            out += out.empty() ? "" : ",";
            out += std::to_string(i) + ":" + std::to_string(buckets_[i]);
        }
    }
    return out;
}

void TimingSketch::add(double time_ms) {
    ++buckets_[bucket_of(time_ms)];
    ++count_;
}

void TimingSketch::merge(const TimingSketch& other) {
    for (int i = 0; i < kMaxBuckets; ++i) {
        buckets_[i] += other.buckets_[i];
    }
    count_ += other.count_;
}

std::optional<double> TimingSketch::quantile_ms(double quantile) const {
    if (count_ == 0) {
        return std::nullopt;
    }
    const double wanted = quantile * static_cast<double>(count_ - 1);
    std::int64_t before = 0;
    for (int i = 0; i < kMaxBuckets; ++i) {
        before += buckets_[i];
        if (static_cast<double>(before) > wanted) {
            return middle_of(i);
        }
    }
    return middle_of(kMaxBuckets - 1);
}

double exploration_bonus(double weight, std::int64_t uses, std::int64_t all_uses) {
    return weight *
           std::sqrt(std::log1p(static_cast<double>(all_uses)) / (1 + static_cast<double>(uses)));
}

}  // namespace credence::patterns
