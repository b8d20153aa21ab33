#include "capabilities/guard/model/distil.h"

#include <gtest/gtest.h>

#include "capabilities/guard/model/network_fixture.h"

namespace credence::guard {
namespace {

constexpr std::uint32_t kSampleStep = 1'000'000;  // features name their sample and token
constexpr std::uint32_t kTokenStep = 100;
constexpr std::uint32_t kConceptOf = 50;

std::uint32_t token_features(std::uint32_t token) {
    return 1 + token % 5;
}

std::uint32_t token_concepts(std::uint32_t token) {
    return token % 3 == 0 ? token % 4 : 0;
}

// Every feature and concept tells where it comes from.
Sample telling_sample(std::uint32_t number, std::uint32_t tokens) {
    Sample sample;
    sample.origin.label = number % 2;
    sample.origin.category = number % 2 == 0 ? "benign_general" : "injection_direct";
    sample.origin.source = "source" + std::to_string(number % 3);
    sample.readings.resize(1);
    Reading& reading = sample.readings.front();
    for (std::uint32_t t = 0; t < tokens; ++t) {
        const auto first = static_cast<std::uint32_t>(reading.text.features.size());
        const std::uint32_t name = number * kSampleStep + t * kTokenStep;
        for (std::uint32_t f = 0; f < token_features(t); ++f) {
            reading.text.features.push_back(name + f);
        }
        reading.text.tokens.push_back({t * 2, t * 2 + 1, first, token_features(t)});
        for (std::uint32_t c = 0; c < token_concepts(t); ++c) {
            reading.concepts.push_back({t, name + kConceptOf + c});
        }
    }
    return sample;
}

struct Samples {
    std::vector<Sample> samples;
    std::vector<const Sample*> pointers;
};

Samples telling_samples(const std::vector<std::uint32_t>& lengths) {
    Samples made;
    for (std::uint32_t i = 0; i < lengths.size(); ++i) {
        made.samples.push_back(telling_sample(i + 1, lengths[i]));
    }
    for (const Sample& sample : made.samples) {
        made.pointers.push_back(&sample);
    }
    return made;
}

struct Origin {
    std::uint32_t sample = 0;
    std::uint32_t token = 0;
    bool operator==(const Origin&) const = default;
};

// Checks that each token is a whole copy of one token of a sample, and says which.
std::vector<Origin> origins_of(const Reading& reading, const Samples& from) {
    std::vector<Origin> origins;
    std::size_t next_concept = 0;
    for (std::uint32_t t = 0; t < reading.text.tokens.size(); ++t) {
        const Token& token = reading.text.tokens[t];
        EXPECT_LE(token.first_feature + token.features, reading.text.features.size());
        const std::uint32_t name = reading.text.features[token.first_feature];
        const Origin origin{name / kSampleStep, name % kSampleStep / kTokenStep};
        const Reading& source = from.samples[origin.sample - 1].readings.front();
        const Token& copied = source.text.tokens.at(origin.token);
        EXPECT_EQ(token.start, copied.start);
        EXPECT_EQ(token.end, copied.end);
        EXPECT_EQ(token.features, copied.features);
        for (std::uint32_t f = 0; f < token.features; ++f) {
            EXPECT_EQ(reading.text.features[token.first_feature + f], name + f);
        }
        for (std::uint32_t c = 0; c < token_concepts(origin.token); ++c, ++next_concept) {
            EXPECT_LT(next_concept, reading.concepts.size());
            EXPECT_EQ(reading.concepts[next_concept].token, t);
            EXPECT_EQ(reading.concepts[next_concept].feature, name + kConceptOf + c);
        }
        origins.push_back(origin);
    }
    EXPECT_EQ(next_concept, reading.concepts.size());
    return origins;
}

TEST(Splice, each_token_keeps_its_features_and_concepts) {
    const Samples from = telling_samples({3, 6, 7, 40, 160, 161, 500, 1});
    const std::vector<Sample> spliced = splice(from.pointers, 2'000, 7);
    ASSERT_EQ(spliced.size(), 2'000U);
    for (const Sample& sample : spliced) {
        ASSERT_EQ(sample.readings.size(), 1U);
        const Reading& reading = sample.readings.front();
        std::size_t features = 0;
        for (const Token& token : reading.text.tokens) {
            EXPECT_EQ(token.first_feature, features);
            features += token.features;
        }
        EXPECT_EQ(features, reading.text.features.size());
        origins_of(reading, from);
    }
}

// One stretch of at most 160 tokens, in its own order, with another in its middle or at an edge.
TEST(Splice, a_stretch_stands_inside_another) {
    const Samples from = telling_samples({40, 90, 300, 500});
    std::size_t parted = 0;
    for (const Sample& sample : splice(from.pointers, 1'000, 8)) {
        const auto origins = origins_of(sample.readings.front(), from);
        EXPECT_GE(origins.size(), 12U);
        EXPECT_LE(origins.size(), 320U);
        std::size_t breaks = 0;
        for (std::size_t i = 1; i < origins.size(); ++i) {
            const Origin follows{origins[i - 1].sample, origins[i - 1].token + 1};
            breaks += origins[i] == follows ? 0 : 1;
        }
        EXPECT_LE(breaks, 2U);
        if (breaks == 2) {
            EXPECT_EQ(origins.front().sample, origins.back().sample);
            ++parted;
        }
    }
    EXPECT_GT(parted, 800U);
}

TEST(Splice, texts_without_tokens_do_no_harm) {
    const Samples from = telling_samples({0, 0, 9});
    for (const Sample& sample : splice(from.pointers, 100, 9)) {
        EXPECT_LE(origins_of(sample.readings.front(), from).size(), 18U);
    }
}

TEST(Splice, the_seed_decides) {
    const Samples from = telling_samples({40, 90, 300});
    const auto tokens_of = [](const std::vector<Sample>& samples) {
        std::vector<std::uint32_t> features;
        for (const Sample& sample : samples) {
            const auto& of = sample.readings.front().text.features;
            features.insert(features.end(), of.begin(), of.end());
        }
        return features;
    };
    const auto first = tokens_of(splice(from.pointers, 50, 1));
    EXPECT_EQ(tokens_of(splice(from.pointers, 50, 1)), first);
    EXPECT_NE(tokens_of(splice(from.pointers, 50, 2)), first);
}

NetworkOptions one_epoch() {
    NetworkOptions options;
    options.epochs = 1;
    return options;
}

TEST(Distil, fewer_than_two_teachers_are_none) {
    const Samples from = telling_samples({8, 12, 9, 20});
    const NetworkWeights plain = train_network(lessons_of(from.pointers, one_epoch()), one_epoch());
    const NetworkWeights taught = distil(from.pointers, 1, 2, one_epoch());
    EXPECT_EQ(taught.hidden, plain.hidden);
    EXPECT_EQ(taught.embedding, plain.embedding);
}

TEST(Distil, threads_do_not_change_the_student) {
    const Samples from = telling_samples({8, 12, 9, 20});
    const NetworkWeights one = distil(from.pointers, 2, 1, one_epoch());
    const NetworkWeights two = distil(from.pointers, 2, 2, one_epoch());
    EXPECT_EQ(one.first, two.first);
    EXPECT_EQ(one.out, two.out);
    EXPECT_EQ(one.embedding, two.embedding);
}

}  // namespace
}  // namespace credence::guard
