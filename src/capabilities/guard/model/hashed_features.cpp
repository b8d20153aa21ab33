#include "capabilities/guard/model/hashed_features.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace credence::guard {

namespace {

constexpr std::uint32_t kMask = kBuckets - 1;

// The order of two words counts. Constants of Murmur3 (Appleby).
std::uint32_t pair_of(std::uint32_t left, std::uint32_t right) {
    std::uint32_t hash = (left * 0xCC9E2D51U) ^ ((right << 15 | right >> 17) * 0x1B873593U);
    hash ^= hash >> 16;
    hash *= 0x85EBCA6BU;
    return hash ^ (hash >> 13);
}

std::vector<std::uint32_t> buckets_of(const Reading& reading, bool with_concepts) {
    const Tokens& text = reading.text;
    std::vector<std::uint32_t> buckets;
    buckets.reserve(text.features.size() + text.tokens.size() + reading.concepts.size());
    const std::uint32_t* previous = nullptr;  // the word before
    for (const Token& token : text.tokens) {
        for (std::size_t i = 0; i < token.features; ++i) {
            buckets.push_back(text.features[token.first_feature + i] & kMask);
        }
        if (token.features == 0) {
            continue;
        }
        const std::uint32_t* word = &text.features[token.first_feature];
        if (previous != nullptr) {
            buckets.push_back(pair_of(*previous, *word) & kMask);
        }
        previous = word;
    }
    if (with_concepts) {
        for (const Concept& found : reading.concepts) {
            buckets.push_back(found.feature & kMask);
        }
    }
    return buckets;
}

}  // namespace

HashedText hash_features(const Reading& reading, bool with_concepts) {
    std::vector<std::uint32_t> buckets = buckets_of(reading, with_concepts);
    std::sort(buckets.begin(), buckets.end());
    HashedText features;
    // The squares of square roots of counts sum up to the count of all.
    const double scale = buckets.empty() ? 0 : 1 / std::sqrt(static_cast<double>(buckets.size()));
    for (std::size_t i = 0; i < buckets.size();) {
        const std::size_t first = i;
        while (i < buckets.size() && buckets[i] == buckets[first]) {
            ++i;
        }
        const double value = scale * std::sqrt(static_cast<double>(i - first));
        features.push_back({buckets[first], static_cast<float>(value)});
    }
    return features;
}

WorstReading worst_reading(const Sample& sample, std::size_t first_reading, bool with_concepts,
                           const std::function<double(const HashedText&)>& logit_of) {
    WorstReading worst;
    for (std::size_t i = first_reading; i < std::max<std::size_t>(1, sample.readings.size()); ++i) {
        HashedText features = sample.readings.empty()
                                  ? HashedText{}
                                  : hash_features(sample.readings[i], with_concepts);
        const double logit = logit_of(features);
        if (i == first_reading || logit > worst.logit) {
            worst = {std::move(features), logit};
        }
    }
    return worst;
}

std::size_t first_lesson(const Sample& sample) {
    return sample.attack() && !sample.origin.transform.empty() && sample.readings.size() > 1 ? 1
                                                                                             : 0;
}

void for_each_shuffled(std::span<const Lesson> lessons, SeededRandom& random,
                       const std::function<void(const Lesson&)>& learn) {
    std::vector<std::size_t> order(lessons.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[random.next() % i]);
    }
    for (const std::size_t i : order) {
        learn(lessons[i]);
    }
}

}  // namespace credence::guard
