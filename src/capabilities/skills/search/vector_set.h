// Vectors of one dimension, each of a skill, compared one by one. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/vectors/vector.h"

namespace credence::skills {

struct VectorMatch {
    std::string skill_name;
    std::int64_t number = 0;
    double similarity = 0;  // cosine, [-1, 1]
};

// Cost of nearest: about 15 ns a vector of 256 numbers.
class VectorSet {
public:
    static constexpr std::size_t kMaxNearest = 500;

    // Beyond `limit` vectors the oldest half leaves.
    VectorSet(std::size_t dimension, std::size_t limit) : dimension_(dimension), limit_(limit) {}

    // Vectors of another dimension, or that say nothing, are kept without a direction.
    void add(std::int64_t number, std::string_view skill_name, const vectors::Vector& vector);
    void clear();

    // Best first, at most kMaxNearest; none for a vector that says nothing.
    std::vector<VectorMatch> nearest(const vectors::Vector& question) const;
    // The mean direction of the newest `count` vectors of a skill; empty if it has none.
    vectors::Vector centroid(std::string_view skill_name, std::size_t count) const;

    // Null for an unknown number.
    const std::string* skill_of(std::int64_t number) const;
    std::size_t size() const { return entries_.size(); }

private:
    struct Entry {
        std::int64_t number = 0;
        std::uint32_t skill = 0;
        float inverse_length = 0;
    };

    void drop_oldest();

    std::size_t dimension_;
    std::size_t limit_;
    std::vector<Entry> entries_;  // ascending by number
    std::vector<std::int8_t> values_;
    std::deque<std::string> skills_;
    std::unordered_map<std::string, std::uint32_t> skill_numbers_;
};

}  // namespace credence::skills
