#include "capabilities/guard/model/network_fixture.h"

#include <cmath>
#include <string_view>

#include "capabilities/guard/text/normalise.h"

namespace credence::guard {

namespace {

// Sums of four uniform values: near enough to normal. Own generator (Marsaglia 2003, "Xorshift
// RNGs"), since there are millions of them.
void fill(std::vector<float>& values, double deviation, SeededRandom& random) {
    std::uint64_t state = random.next() | 1;
    for (float& value : values) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const std::uint64_t bits = state * 0x9E3779B97F4A7C15U;
        double sum = -2;
        for (int i = 0; i < 4; ++i) {
            sum += static_cast<double>(bits >> (16 * i) & 0xFFFFU) / 0x1p16;
        }
        value = static_cast<float>(deviation * std::sqrt(3.0) * sum);
    }
}

}  // namespace

std::string made_up_text(SeededRandom& random, std::size_t bytes) {
    constexpr std::string_view kOnsets[] = {"b", "st", "r", "m", "th", "l", "k", "pr", "s", "n"};
    constexpr std::string_view kRests[] = {"a", "en", "i", "or", "u", "ei", "an", "e", "il", "o"};
    std::string text;
    while (text.size() < bytes) {
        const std::uint64_t chance = random.next();
        const std::size_t syllables = 1 + chance % 3 + (chance >> 8) % 2;
        for (std::size_t i = 0; i < syllables; ++i) {
            text += kOnsets[(chance >> (16 + 8 * i)) % 10];
            text += kRests[(chance >> (20 + 8 * i)) % 10];
        }
        text += (chance >> 60) == 0 ? ". " : " ";
    }
    text.resize(bytes);
    return text;
}

Reading reading_of(const std::string& text) {
    Normalised normalised;
    normalise(text, normalised);
    Reading reading;
    tokenise(normalised, text.size(), reading.text);
    return reading;
}

Reading made_up_reading(SeededRandom& random, std::size_t tokens) {
    Normalised normalised;
    normalise(made_up_text(random, tokens * 24), normalised);
    Reading reading;
    tokenise(normalised, tokens, reading.text);
    for (std::uint32_t t = 0; t < reading.text.tokens.size(); ++t) {
        for (std::uint64_t chance = random.next(); chance % 6 == 0; chance /= 6) {
            reading.concepts.push_back({t, static_cast<std::uint32_t>(random.next())});
        }
    }
    return reading;
}

NetworkWeights random_weights(SeededRandom& random) {
    NetworkWeights weights;
    fill(weights.embedding, 0.1, random);
    fill(weights.first, std::sqrt(2.0 / (kWidth * kDimension)), random);
    fill(weights.first_bias, 0.1, random);
    fill(weights.second, 0.7 * std::sqrt(2.0 / (kWidth * kFilters)), random);
    fill(weights.second_bias, 0.1, random);
    fill(weights.hidden, std::sqrt(2.0 / kHead), random);
    fill(weights.hidden_bias, 0.1, random);
    fill(weights.out, 0.3, random);
    return weights;
}

double uniform(SeededRandom& random) {
    return static_cast<double>(random.next() >> 11) * 0x1.0p-53;
}

std::vector<const Reading*> pointers_to(const std::vector<Reading>& readings) {
    std::vector<const Reading*> pointers;
    for (const Reading& reading : readings) {
        pointers.push_back(&reading);
    }
    return pointers;
}

}  // namespace credence::guard
