#include "stats/predict/target_encoding.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/check.h"
#include "stats/portable_math.h"

namespace credence::stats {
namespace {

constexpr double kEncodedRateFloor = 0.001;
constexpr std::int32_t kMaxStreak = 1'000'000;

// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
std::uint64_t mixed_bits(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

}  // namespace

std::size_t RateKeyHash::operator()(const RateKey& key) const {
    return static_cast<std::size_t>(
        mixed_bits(key.first + 0x9e3779b97f4a7c15U * mixed_bits(key.second + 1)));
}

double encoded_rate(const RateCell& cell, double parent, double strength) {
    CHECK(parent >= 0 && parent <= 1 && strength > 0, "a rate towards which nothing can shrink");
    return (cell.successes + strength * parent) / (cell.n + strength);
}

double bounded_log_odds(double rate) {
    const double bounded = std::clamp(rate, kEncodedRateFloor, 1 - kEncodedRateFloor);
    return portable_log(bounded / (1 - bounded));
}

RateTable::RateTable(std::int64_t half_life_us, std::size_t max_cells)
    : half_life_us_(half_life_us), max_cells_(max_cells) {
    CHECK(half_life_us > 0 && max_cells >= 2, "a table that can hold nothing");
}

double RateTable::decay(std::int64_t elapsed_us) const {
    if (elapsed_us <= 0) {
        return 1;
    }
    return portable_exp(-std::numbers::ln2 * static_cast<double>(elapsed_us) /
                        static_cast<double>(half_life_us_));
}

RateCell RateTable::at(const RateKey& key, std::int64_t at_us) const {
    const auto found = cells_.find(key);
    if (found == cells_.end()) {
        return {};
    }
    RateCell cell = found->second;
    const double factor = decay(at_us - cell.at_us);
    cell.successes *= factor;
    cell.n *= factor;
    return cell;
}

void RateTable::add(const RateKey& key, bool success, std::int64_t known_at_us) {
    if (cells_.size() >= max_cells_ && !cells_.contains(key)) {
        forget_older_half();
    }
    const auto [place, is_new] = cells_.try_emplace(key, RateCell{.at_us = known_at_us});
    RateCell& cell = place->second;
    double weight = 1;
    if (known_at_us >= cell.at_us) {
        const double factor = decay(known_at_us - cell.at_us);
        cell.successes *= factor;
        cell.n *= factor;
        cell.at_us = known_at_us;
        const std::int32_t step = success ? 1 : -1;
        const bool goes_on = (cell.streak > 0) == success && cell.streak != 0;
        cell.streak = goes_on ? std::clamp(cell.streak + step, -kMaxStreak, kMaxStreak) : step;
    } else {
        weight = decay(cell.at_us - known_at_us);
    }
    cell.n += weight;
    cell.successes += success ? weight : 0;
}

void RateTable::forget(std::uint64_t first) {
    std::erase_if(cells_, [first](const auto& entry) { return entry.first.first == first; });
}

void RateTable::forget_older_half() {
    // By key where times are equal, so that the same history leaves the same table.
    std::vector<std::pair<std::int64_t, RateKey>> ages;
    ages.reserve(cells_.size());
    for (const auto& [key, cell] : cells_) {
        ages.emplace_back(cell.at_us, key);
    }
    const auto middle = ages.begin() + static_cast<std::ptrdiff_t>(ages.size() / 2);
    std::ranges::nth_element(ages, middle);
    for (auto entry = ages.begin(); entry != middle; ++entry) {
        cells_.erase(entry->second);
    }
}

std::vector<std::pair<RateKey, RateCell>> RateTable::cells() const {
    std::vector<std::pair<RateKey, RateCell>> sorted(cells_.begin(), cells_.end());
    std::ranges::sort(sorted, {}, [](const auto& entry) { return entry.first; });
    return sorted;
}

bool RateTable::put(const RateKey& key, const RateCell& cell) {
    constexpr double kRounding = 1e-9;
    const bool possible = std::isfinite(cell.n) && cell.successes >= 0 &&
                          cell.successes <= cell.n * (1 + kRounding) + kRounding &&
                          cell.streak >= -kMaxStreak && cell.streak <= kMaxStreak;
    if (!possible || cells_.size() >= max_cells_) {
        return false;
    }
    cells_.insert_or_assign(key, cell);
    return true;
}

}  // namespace credence::stats
