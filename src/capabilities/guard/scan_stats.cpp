#include "capabilities/guard/scan_stats.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/units.h"

namespace credence::guard {

namespace {

constexpr std::array<double, 12> kScanBuckets = {1e-6, 2.5e-6, 5e-6, 1e-5, 2.5e-5, 5e-5,
                                                 1e-4, 2.5e-4, 1e-3, 5e-3, 2.5e-2, 0.1};
constexpr std::array<std::string_view, ScanStats::kStages> kStageNames = {"total", "rules", "model",
                                                                          "memory", "media"};

// 0: up to 1 us, then two for each doubling.
std::size_t bucket_of(std::int64_t value_us) {
    if (value_us <= 1) {
        return 0;
    }
    const auto value = static_cast<std::uint64_t>(value_us);
    const auto power = static_cast<std::size_t>(std::bit_width(value) - 1);
    const std::uint64_t middle = (std::uint64_t{1} << power) + (std::uint64_t{1} << power) / 2;
    return std::min(2 * power + (value >= middle ? 1 : 0), ScanStats::kBuckets - 1);
}

std::int64_t upper_end_of(std::size_t bucket) {
    const std::int64_t floor = std::int64_t{1} << (bucket / 2);
    return bucket == 0 ? 1 : bucket % 2 == 0 ? floor + floor / 2 : floor * 2;
}

std::array<std::int64_t, ScanStats::kStages> times_of(const ScanTimes& times) {
    return {times.total_us, times.rules_us, times.model_us, times.memory_us, times.media_us};
}

// Whether a stage took part: one that did not would pull its percentiles to 0.
bool took_part(std::size_t stage, const ScanResult& result) {
    switch (stage) {
        case 2:
            return result.model.has_value();
        case 3:
            return result.mode == Mode::unified;
        case 4:
            return result.media.has_value();
        default:
            return true;
    }
}

template <class Enum>
std::string_view name_of(std::size_t value) {
    return shape_of<Enum>().enumerators[value];
}

using Buckets = std::array<std::int64_t, ScanStats::kBuckets>;

std::int64_t percentile(const Buckets& buckets, std::int64_t n, double share) {
    const auto wanted = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(n)));
    std::int64_t seen = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        seen += buckets[i];
        if (seen >= wanted) {
            return upper_end_of(i);
        }
    }
    return upper_end_of(buckets.size() - 1);
}

std::array<bool, kCategories> categories_of(const ScanResult& result) {
    std::array<bool, kCategories> found{};
    for (const Threat& threat : result.threats) {
        found[static_cast<std::size_t>(threat.category)] = true;
    }
    return found;
}

}  // namespace

ScanStats::ScanStats(const Clock& clock, Metrics& metrics)
    : clock_(clock),
      cached_(metrics.counter("credence_guard_cache_hits_total", "Scans answered by the cache")) {
    for (std::size_t i = 0; i < verdicts_.size(); ++i) {
        verdicts_[i] = &metrics.counter("credence_guard_scans_total", "Texts scanned, by verdict",
                                        {{"verdict", std::string(name_of<Verdict>(i))}});
    }
    for (std::size_t i = 0; i < categories_.size(); ++i) {
        categories_[i] =
            &metrics.counter("credence_guard_threats_total", "Texts with a threat of the category",
                             {{"category", std::string(name_of<Category>(i))}});
    }
    stages_[0] = &metrics.histogram("credence_guard_scan_seconds", "Time to scan one text", {},
                                    kScanBuckets);
    for (std::size_t i = 1; i < kStages; ++i) {
        stages_[i] = &metrics.histogram("credence_guard_stage_seconds", "Time of one stage",
                                        {{"stage", std::string(kStageNames[i])}}, kScanBuckets);
    }
}

ScanStats::Tenant& ScanStats::tenant_of(std::string_view name) {
    const std::scoped_lock lock(mutex_);
    if (const auto found = tenants_.find(name); found != tenants_.end()) {
        return *found->second;
    }
    if (tenants_.size() >= kMaxTenants) {
        return others_;
    }
    return *tenants_.emplace(name, std::make_unique<Tenant>()).first->second;
}

void ScanStats::count(const ScanResult& result) {
    verdicts_[static_cast<std::size_t>(result.verdict)]->add();
    if (result.cached) {
        cached_.add();
    }
    const auto categories = categories_of(result);
    for (std::size_t i = 0; i < kCategories; ++i) {
        if (categories[i]) {
            categories_[i]->add();
        }
    }
    const auto times = times_of(result.times);
    for (std::size_t i = 0; i < kStages; ++i) {
        if (took_part(i, result) && (i == 0 || !result.cached)) {
            stages_[i]->observe_us(times[i]);
        }
    }
}

void ScanStats::record(std::string_view tenant, const ScanResult& result, SourceKind channel) {
    count(result);
    const std::int64_t number = clock_.now_us() / kUsPerMinute;
    Tenant& own = tenant_of(tenant);
    const std::scoped_lock lock(own.mutex);
    Minute& minute = own.minutes[static_cast<std::size_t>(number % kMinutes)];
    if (minute.number != number) {
        minute = Minute();
        minute.number = number;
    }
    ++minute.verdicts[static_cast<std::size_t>(result.verdict)];
    ++minute.channels[static_cast<std::size_t>(channel)];
    minute.cached += result.cached ? 1 : 0;
    const auto categories = categories_of(result);
    for (std::size_t i = 0; i < kCategories; ++i) {
        minute.categories[i] += categories[i] ? 1 : 0;
    }
    const auto times = times_of(result.times);
    for (std::size_t i = 0; i < kStages; ++i) {
        if (took_part(i, result) && (i == 0 || !result.cached)) {
            ++minute.latencies[i][bucket_of(times[i])];
        }
    }
}

ScanCounts ScanStats::counts(std::string_view tenant, std::int64_t minutes) const {
    ScanCounts out;
    std::array<std::int64_t, 4> verdicts{};
    std::array<std::int64_t, kCategories> categories{};
    std::array<std::int64_t, kSourceKinds> channels{};
    std::array<Buckets, kStages> latencies{};
    const Tenant* own = nullptr;
    {
        const std::scoped_lock lock(mutex_);
        const auto found = tenants_.find(tenant);
        own = found == tenants_.end() ? nullptr : found->second.get();
    }
    if (own != nullptr) {
        const std::int64_t first = clock_.now_us() / kUsPerMinute - minutes + 1;
        const std::scoped_lock lock(own->mutex);
        for (const Minute& minute : own->minutes) {
            if (minute.number < first) {
                continue;
            }
            out.cached += minute.cached;
            const auto add = [](auto& to, const auto& from) {
                std::ranges::transform(to, from, to.begin(),
                                       [](std::int64_t a, std::int64_t b) { return a + b; });
            };
            add(verdicts, minute.verdicts);
            add(categories, minute.categories);
            add(channels, minute.channels);
            for (std::size_t i = 0; i < kStages; ++i) {
                add(latencies[i], minute.latencies[i]);
            }
        }
    }
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        out.scans += verdicts[i];
        out.verdicts.emplace(name_of<Verdict>(i), verdicts[i]);
    }
    for (std::size_t i = 0; i < kCategories; ++i) {
        out.categories.emplace(name_of<Category>(i), categories[i]);
    }
    for (std::size_t i = 0; i < kSourceKinds; ++i) {
        out.channels.emplace(name_of<SourceKind>(i), channels[i]);
    }
    for (std::size_t i = 0; i < kStages; ++i) {
        std::int64_t n = 0;
        for (const std::int64_t bucket : latencies[i]) {
            n += bucket;
        }
        if (n > 0) {
            out.latencies.push_back(
                {std::string(kStageNames[i]), n, percentile(latencies[i], n, 0.5),
                 percentile(latencies[i], n, 0.95), percentile(latencies[i], n, 0.99)});
        }
    }
    return out;
}

void describe(Describe<StageLatency>& d) {
    d.field<&StageLatency::stage>("total, rules, model, memory or media");
    d.field<&StageLatency::n>("Scans that it took part in");
    d.field<&StageLatency::p50_us>("Half of them took no longer; to the next of two buckets");
    d.field<&StageLatency::p95_us>("95 of 100 took no longer");
    d.field<&StageLatency::p99_us>("99 of 100 took no longer");
}

void describe(Describe<ScanCounts>& d) {
    d.field<&ScanCounts::scans>("Texts scanned by this process");
    d.field<&ScanCounts::cached>("Of them answered by the cache");
    d.field<&ScanCounts::verdicts>("By verdict");
    d.field<&ScanCounts::categories>("Texts with a threat of the category");
    d.field<&ScanCounts::channels>("By who wrote the text");
    d.field<&ScanCounts::latencies>("Time by stage, of texts not answered by the cache");
}

}  // namespace credence::guard
