// What a category has meant for success so far: decayed counts of many keys, and the rate they give
// when it is drawn towards a parent's.
//
//   n(t)      = sum over outcomes known before of 2^(-(t - known) / half_life), successes alike
//   rate(t)   = (successes + m * parent) / (n + m)          m = strength, in trials
// D. Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes in
// classification and prediction problems", ACM SIGKDD Explorations 3 (2001), 27-32.
// The table knows only what was added: to be point-in-time it must be asked before it is told,
// which predictor.h does. Times are microseconds. Not thread-safe.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

namespace credence::stats {

// The parts of a category; the second is 0 where there is one part only.
struct RateKey {
    std::uint64_t first = 0;
    std::uint64_t second = 0;

    auto operator<=>(const RateKey&) const = default;
};

struct RateKeyHash {
    std::size_t operator()(const RateKey& key) const;
};

struct RateCell {
    double successes = 0;     // decayed to at_us
    double n = 0;             // likewise
    std::int64_t at_us = 0;   // the newest outcome
    std::int32_t streak = 0;  // successes in a row, or failures as a negative number
};

// (successes + strength * parent) / (n + strength); parent in [0, 1], strength > 0 (CHECK).
double encoded_rate(const RateCell& cell, double parent, double strength);

// ln(p / (1 - p)) of p kept inside [0.001, 0.999], so within +-6.91.
double bounded_log_odds(double rate);

class RateTable {
public:
    // A table that is full forgets the half whose newest outcome is oldest. half_life_us > 0 and
    // max_cells >= 2 (CHECK).
    RateTable(std::int64_t half_life_us, std::size_t max_cells);

    // Counts as they are at `at_us`; empty for a key without outcomes.
    RateCell at(const RateKey& key, std::int64_t at_us) const;

    // Outcomes may come out of order: an older one weighs less, and does not touch the streak.
    void add(const RateKey& key, bool success, std::int64_t known_at_us);

    // Every key whose first part this is. Linear in the table.
    void forget(std::uint64_t first);

    // For storage: all cells in the order of their keys, and back. put() replaces; false where the
    // table is full or the cell impossible (counts not finite, negative, successes above n).
    std::vector<std::pair<RateKey, RateCell>> cells() const;
    bool put(const RateKey& key, const RateCell& cell);

    std::size_t size() const { return cells_.size(); }

private:
    double decay(std::int64_t elapsed_us) const;
    void forget_older_half();

    std::int64_t half_life_us_;
    std::size_t max_cells_;
    std::unordered_map<RateKey, RateCell, RateKeyHash> cells_;
};

}  // namespace credence::stats
