#include "stats/quantile_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint64_t kMaxDuration = std::numeric_limits<std::int64_t>::max();

std::uint64_t capped_sum(std::uint64_t a, std::uint64_t b) {
    constexpr std::uint64_t kMost = QuantileSketch::kMaxBucketCount;
    return std::min(a, kMost) > kMost - std::min(b, kMost) ? kMost : a + b;
}

void put(std::vector<std::uint8_t>& bytes, std::uint64_t value) {
    constexpr std::uint64_t kMore = 0x80;
    while (value >= kMore) {
        bytes.push_back(static_cast<std::uint8_t>(value | kMore));
        value >>= 7;
    }
    bytes.push_back(static_cast<std::uint8_t>(value));
}

// The shortest LEB128 of a number up to `most`; nullopt for anything else.
std::optional<std::uint64_t> take(std::span<const std::uint8_t>& bytes, std::uint64_t most) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        if (bytes.empty()) {
            return std::nullopt;
        }
        const std::uint8_t byte = bytes.front();
        bytes = bytes.subspan(1);
        value |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) {
            const bool padded = byte == 0 && shift > 0;
            return value <= most && !padded ? std::optional(value) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::unexpected<Error> not_a_sketch() {
    return fail(Code::invalid, "the bytes are not a quantile sketch");
}

}  // namespace

QuantileSketch::QuantileSketch(double relative_accuracy) : accuracy_(relative_accuracy) {
    CHECK(relative_accuracy >= kLeastAccuracy && relative_accuracy <= kMostAccuracy,
          "relative accuracy in [0.001, 0.2]");
    log_gamma_ = portable_log((1 + accuracy_) / (1 - accuracy_));
}

std::int64_t QuantileSketch::index_of(std::int64_t duration_us) const {
    return static_cast<std::int64_t>(
        std::ceil(portable_log(static_cast<double>(duration_us)) / log_gamma_));
}

void QuantileSketch::widen(std::int64_t lowest, std::int64_t highest) {
    if (counts_.empty()) {
        lowest_ = lowest;
        counts_.resize(1);
    }
    const auto end = lowest_ + static_cast<std::int64_t>(counts_.size());
    if (highest >= end) {
        counts_.resize(static_cast<std::size_t>(highest - lowest_ + 1));
    }
    if (lowest < lowest_) {
        counts_.insert(counts_.begin(), static_cast<std::size_t>(lowest_ - lowest), 0);
        lowest_ = lowest;
    }
    if (counts_.size() <= kMaxBuckets) {
        return;
    }
    // Everything below the highest kMaxBuckets falls into the lowest of them: which that is depends
    // on the highest bucket alone, so the order of additions and merges does not matter.
    const auto excess = static_cast<std::ptrdiff_t>(counts_.size() - kMaxBuckets);
    std::uint64_t folded = 0;
    for (auto at = counts_.begin(); at != counts_.begin() + excess; ++at) {
        folded = capped_sum(folded, *at);
    }
    counts_.erase(counts_.begin(), counts_.begin() + excess);
    counts_.front() = capped_sum(counts_.front(), folded);
    lowest_ += excess;
}

void QuantileSketch::add_to(std::int64_t index, std::uint64_t count) {
    // An index far below what is kept is folded at once instead of growing the vector.
    const auto highest =
        counts_.empty() ? index : lowest_ + static_cast<std::int64_t>(counts_.size()) - 1;
    const auto floor = std::max(index, highest) - static_cast<std::int64_t>(kMaxBuckets) + 1;
    const std::int64_t kept = std::max(index, floor);
    widen(kept, kept);
    auto& bucket = counts_[static_cast<std::size_t>(kept - lowest_)];
    bucket = capped_sum(bucket, count);
}

void QuantileSketch::add(std::int64_t duration_us, std::uint64_t count) {
    CHECK(duration_us >= 0, "a duration is not negative");
    if (count == 0) {
        return;
    }
    const bool first = zeros_ == 0 && counts_.empty();
    least_us_ = first ? duration_us : std::min(least_us_, duration_us);
    greatest_us_ = std::max(greatest_us_, duration_us);
    if (duration_us == 0) {
        zeros_ = capped_sum(zeros_, count);
        return;
    }
    add_to(index_of(duration_us), count);
}

void QuantileSketch::merge(const QuantileSketch& other) {
    CHECK(same_kind(other), "sketches of different accuracy");
    if (this == &other) {
        const QuantileSketch copy = other;
        merge(copy);
        return;
    }
    const bool other_empty = other.zeros_ == 0 && other.counts_.empty();
    if (other_empty) {
        return;
    }
    const bool first = zeros_ == 0 && counts_.empty();
    least_us_ = first ? other.least_us_ : std::min(least_us_, other.least_us_);
    greatest_us_ = std::max(greatest_us_, other.greatest_us_);
    zeros_ = capped_sum(zeros_, other.zeros_);
    for (std::size_t i = other.counts_.size(); i-- > 0;) {
        if (other.counts_[i] > 0) {
            add_to(other.lowest_ + static_cast<std::int64_t>(i), other.counts_[i]);
        }
    }
}

std::uint64_t QuantileSketch::count() const {
    std::uint64_t sum = zeros_;  // at most 2,049 * 2^48: no overflow
    for (const std::uint64_t count : counts_) {
        sum += count;
    }
    return sum;
}

SketchQuantile QuantileSketch::at_rank(std::uint64_t rank) const {
    std::uint64_t seen = zeros_;
    if (rank <= seen) {
        return {};
    }
    std::size_t bucket = 0;
    for (; bucket + 1 < counts_.size(); ++bucket) {
        seen += counts_[bucket];
        if (rank <= seen) {
            break;
        }
    }
    const double high =
        portable_exp(log_gamma_ * static_cast<double>(lowest_ + static_cast<std::int64_t>(bucket)));
    const double gamma = (1 + accuracy_) / (1 - accuracy_);
    const double least = static_cast<double>(std::max<std::int64_t>(1, least_us_));
    const double greatest = static_cast<double>(greatest_us_);
    // Only a full sketch can have folded, and then its least duration lies below its lowest bucket.
    const bool folded = bucket == 0 && counts_.size() == kMaxBuckets &&
                        index_of(std::max<std::int64_t>(1, least_us_)) < lowest_;
    const double low = folded ? least : high / gamma;
    return {std::clamp(2 * high / (gamma + 1), least, greatest), std::clamp(low, least, greatest),
            std::clamp(high, least, greatest), folded};
}

std::optional<SketchQuantile> QuantileSketch::quantile(double q) const {
    CHECK(q >= 0 && q <= 1, "a quantile's level is a share");
    const std::uint64_t n = count();
    if (n == 0) {
        return std::nullopt;
    }
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(n)));
    return at_rank(std::clamp<std::uint64_t>(rank, 1, n));
}

std::optional<Estimate> QuantileSketch::quantile_95(double q) const {
    const std::optional<SketchQuantile> middle = quantile(q);
    if (!middle) {
        return std::nullopt;
    }
    const double n = static_cast<double>(count());
    const double half = kNormal95 * std::sqrt(n * q * (1 - q));
    const double low = std::floor(n * q - half);
    const double high = std::ceil(n * q + half) + 1;
    return Estimate{middle->value_us,
                    static_cast<std::int64_t>(count()),
                    {low < 1 ? 0 : at_rank(static_cast<std::uint64_t>(low)).low_us,
                     high > n ? static_cast<double>(kMaxDuration)
                              : at_rank(static_cast<std::uint64_t>(high)).high_us},
                    "ddsketch_order_statistics_95"};
}

std::vector<std::uint8_t> QuantileSketch::serialise() const {
    std::vector<std::uint8_t> bytes;
    bytes.push_back(kVersion);
    const auto accuracy = std::bit_cast<std::uint64_t>(accuracy_);
    for (unsigned shift = 0; shift < 64; shift += 8) {
        bytes.push_back(static_cast<std::uint8_t>(accuracy >> shift));
    }
    put(bytes, static_cast<std::uint64_t>(least_us_));
    put(bytes, static_cast<std::uint64_t>(greatest_us_));
    put(bytes, zeros_);
    put(bytes, static_cast<std::uint64_t>(lowest_));
    put(bytes, counts_.size());
    for (const std::uint64_t count : counts_) {
        put(bytes, count);
    }
    return bytes;
}

// Could additions have led here?
bool QuantileSketch::consistent() const {
    if (counts_.empty()) {
        return lowest_ == 0 && least_us_ == 0 && greatest_us_ == 0;
    }
    const auto highest = lowest_ + static_cast<std::int64_t>(counts_.size()) - 1;
    if (counts_.front() == 0 || counts_.back() == 0 || greatest_us_ < 1 ||
        index_of(greatest_us_) != highest || (zeros_ > 0) != (least_us_ == 0)) {
        return false;
    }
    if (zeros_ > 0) {
        return true;
    }
    const std::int64_t least = index_of(least_us_);
    return least_us_ <= greatest_us_ &&
           (least == lowest_ || (least < lowest_ && counts_.size() == kMaxBuckets));
}

Result<QuantileSketch> QuantileSketch::deserialise(std::span<const std::uint8_t> bytes) {
    constexpr std::size_t kHead = 9;
    if (bytes.size() < kHead || bytes.size() > kMaxBytes || bytes.front() != kVersion) {
        return not_a_sketch();
    }
    std::uint64_t accuracy = 0;
    for (std::size_t i = 1; i < kHead; ++i) {
        accuracy |= std::uint64_t{bytes[i]} << (8 * (i - 1));
    }
    const auto relative_accuracy = std::bit_cast<double>(accuracy);
    if (!(relative_accuracy >= kLeastAccuracy && relative_accuracy <= kMostAccuracy)) {
        return not_a_sketch();
    }
    QuantileSketch sketch(relative_accuracy);
    bytes = bytes.subspan(kHead);
    const auto least = take(bytes, kMaxDuration);
    const auto greatest = take(bytes, kMaxDuration);
    const auto zeros = take(bytes, kMaxBucketCount);
    const auto lowest = take(bytes, kMaxDuration);
    const auto size = take(bytes, kMaxBuckets);
    if (!least || !greatest || !zeros || !lowest || !size) {
        return not_a_sketch();
    }
    sketch.least_us_ = static_cast<std::int64_t>(*least);
    sketch.greatest_us_ = static_cast<std::int64_t>(*greatest);
    sketch.zeros_ = *zeros;
    // No index is above that of the longest duration: this also keeps the sums below in range.
    if (*lowest >
        static_cast<std::uint64_t>(sketch.index_of(std::numeric_limits<std::int64_t>::max()))) {
        return not_a_sketch();
    }
    sketch.lowest_ = static_cast<std::int64_t>(*lowest);
    for (std::uint64_t i = 0; i < *size; ++i) {
        const auto count = take(bytes, kMaxBucketCount);
        if (!count) {
            return not_a_sketch();
        }
        sketch.counts_.push_back(*count);
    }
    if (!bytes.empty() || !sketch.consistent()) {
        return not_a_sketch();
    }
    return sketch;
}

}  // namespace credence::stats
