#include "capabilities/guard/model/family.h"

#include <cmath>

#include <gtest/gtest.h>

#include "capabilities/guard/model/hashed_features.h"

namespace credence::guard {
namespace {

// A reading whose tokens are whole words, without n-grams.
Reading reading(std::initializer_list<std::string_view> words) {
    Reading made;
    for (const std::string_view word : words) {
        const auto at = static_cast<std::uint32_t>(made.text.features.size());
        made.text.tokens.push_back({at, at + 1, at, 1});
        made.text.features.push_back(feature_of(word));
    }
    return made;
}

Sample sample(Reading first, bool attack) {
    Sample made;
    made.origin.source = attack ? "attacks" : "others";
    made.origin.label = attack ? 1 : 0;
    made.origin.category = attack ? "injection_direct" : "benign_chat";
    made.readings.push_back(std::move(first));
    return made;
}

// Attacks say "override", among words that say nothing.
std::vector<Sample> one_word_tells(int count) {
    constexpr std::string_view kWords[] = {"please", "the", "letter", "house", "green", "today"};
    std::vector<Sample> samples;
    for (int i = 0; i < count; ++i) {
        const auto word = [&](int step) { return kWords[static_cast<std::size_t>(i / step) % 6]; };
        samples.push_back(sample(reading({word(2), "override", word(3)}), true));
        samples.push_back(sample(reading({word(2), word(5), word(3)}), false));
    }
    return samples;
}

std::unique_ptr<Learned> learn(const Family& family, const std::vector<Sample>& samples,
                               std::uint64_t seed = 1) {
    std::vector<const Sample*> pointers;
    for (const Sample& one : samples) {
        pointers.push_back(&one);
    }
    return family.learn(pointers, seed);
}

double logit(const Learned& learned, Reading first) {
    return learned.logit(sample(std::move(first), false), SourceKind::user);
}

class TextFamilies : public testing::TestWithParam<Family (*)()> {};

TEST_P(TextFamilies, FindTheWordThatTells) {
    const auto learned = learn(GetParam()(), one_word_tells(150));
    EXPECT_GT(logit(*learned, reading({"house", "override", "today"})), 1);
    EXPECT_LT(logit(*learned, reading({"house", "green", "today"})), -1);
    // Beside words that were never seen.
    EXPECT_GT(logit(*learned, reading({"zebra", "override", "violin"})),
              logit(*learned, reading({"zebra", "giraffe", "violin"})) + 1);
}

TEST_P(TextFamilies, JudgeByTheWorstReading) {
    const auto learned = learn(GetParam()(), one_word_tells(150));
    Sample two = sample(reading({"house", "green", "today"}), false);
    const double plain = learned->logit(two, SourceKind::user);
    two.readings.push_back(reading({"please", "override", "today"}));
    EXPECT_EQ(learned->logit(two, SourceKind::user),
              logit(*learned, reading({"please", "override", "today"})));
    EXPECT_GT(learned->logit(two, SourceKind::user), plain);
}

TEST_P(TextFamilies, LengthAloneRaisesNothing) {
    const auto learned = learn(GetParam()(), one_word_tells(150));
    Reading longer = reading({"house", "green", "today"});
    for (int i = 0; i < 50; ++i) {
        for (const std::string_view word : {"house", "green", "today"}) {
            longer.text.tokens.push_back(
                {0, 0, static_cast<std::uint32_t>(longer.text.features.size()), 1});
            longer.text.features.push_back(feature_of(word));
        }
    }
    EXPECT_LT(logit(*learned, longer), 0);
}

TEST_P(TextFamilies, SameSeedSameResult) {
    const std::vector<Sample> samples = one_word_tells(20);
    const Reading asked = reading({"house", "override", "letter"});
    const double first = logit(*learn(GetParam()(), samples), asked);
    EXPECT_EQ(logit(*learn(GetParam()(), samples), asked), first);
    EXPECT_NE(logit(*learn(GetParam()(), samples, 2), asked), first);
}

TEST_P(TextFamilies, BearEmptyTexts) {
    std::vector<Sample> samples = one_word_tells(10);
    samples.push_back(sample({}, false));
    samples.push_back(sample({}, true));
    samples.back().readings.clear();
    const auto learned = learn(GetParam()(), samples);
    Sample none;
    EXPECT_TRUE(std::isfinite(learned->logit(none, SourceKind::user)));
    EXPECT_TRUE(std::isfinite(logit(*learned, {})));
    EXPECT_TRUE(std::isfinite(logit(*learn(GetParam()(), {}), reading({"house"}))));
}

INSTANTIATE_TEST_SUITE_P(All, TextFamilies, testing::Values(&linear_family, &factorised_family),
                         [](const auto& family) { return family.param().name; });

// Neither concept tells alone, but the pair does; words say nothing.
TEST(FactorisedFamily, LearnsWhatTwoConceptsMeanTogether) {
    std::vector<Sample> samples;
    const auto with = [](bool first, bool second) {
        Reading made;
        for (const std::string_view name :
             {first ? "signal.one" : "signal.three", second ? "signal.two" : "signal.four"}) {
            made.concepts.push_back({0, feature_of(name)});
        }
        return made;
    };
    for (int i = 0; i < 800; ++i) {
        const bool first = i % 2 == 0;
        const bool second = i / 2 % 2 == 0;
        samples.push_back(sample(with(first, second), first == second));
    }
    const auto learned = learn(factorised_family(), samples);
    EXPECT_GT(logit(*learned, with(true, true)), 1);
    EXPECT_GT(logit(*learned, with(false, false)), 1);
    EXPECT_LT(logit(*learned, with(true, false)), -1);
    EXPECT_LT(logit(*learned, with(false, true)), -1);
    // Which no sum of single features can.
    const auto linear = learn(linear_family(), samples);
    EXPECT_LT(logit(*linear, with(true, true)), 1);
}

TEST(BoostedFamily, JudgesByTraitsAlone) {
    std::vector<Sample> samples;
    for (int i = 0; i < 400; ++i) {
        samples.push_back(sample({}, i % 2 == 0));
        samples.back().traits = {i % 2 == 0 ? 0.8F : 0.1F, static_cast<float>(i % 7)};
    }
    const auto learned = learn(boosted_family(), samples);
    Sample asked;
    asked.traits = {0.8F, 3};
    EXPECT_GT(learned->logit(asked, SourceKind::user), 2);
    asked.traits = {0.1F, 3};
    EXPECT_LT(learned->logit(asked, SourceKind::document), -2);
}

TEST(NetworkFamily, FindsTheWordThatTells) {
    const auto learned = learn(network_family(), one_word_tells(400));
    EXPECT_GT(logit(*learned, reading({"house", "override", "today"})),
              logit(*learned, reading({"house", "green", "today"})) + 0.5);
}

TEST(Families, HaveNamesOfTheirOwn) {
    EXPECT_EQ(linear_family().name, "linear");
    EXPECT_EQ(factorised_family().name, "factorised");
    EXPECT_EQ(boosted_family().name, "boosted");
    EXPECT_EQ(network_family().name, "network");
}

TEST(HashedFeatures, AreRootsOfCountsOfLengthOne) {
    const HashedText features = hash_features(reading({"a", "b", "a", "b"}), false);
    // a twice, b twice, "a b" twice, "b a" once: seven in all.
    ASSERT_EQ(features.size(), 4U);
    double square = 0;
    int twice = 0;
    for (std::size_t i = 0; i < features.size(); ++i) {
        const auto value = static_cast<double>(features[i].value);
        square += value * value;
        twice += value > 0.5 ? 1 : 0;
        EXPECT_NEAR(value, value > 0.5 ? std::sqrt(2.0 / 7) : std::sqrt(1.0 / 7), 1e-6);
        EXPECT_LT(features[i].bucket, kBuckets);
        EXPECT_TRUE(i == 0 || features[i - 1].bucket < features[i].bucket);
    }
    EXPECT_EQ(twice, 3);
    EXPECT_NEAR(square, 1, 1e-6);
}

TEST(HashedFeatures, KnowConceptsOnlyWhenAsked) {
    Reading made = reading({"a"});
    made.concepts.push_back({0, feature_of("signal.override")});
    EXPECT_EQ(hash_features(made, false).size(), 1U);
    EXPECT_EQ(hash_features(made, true).size(), 2U);
    EXPECT_TRUE(hash_features({}, true).empty());
}

TEST(HashedFeatures, EncodedAttacksTeachByWhatWasDecoded) {
    Sample encoded = sample(reading({"aWdub3Jl"}), true);
    encoded.readings.push_back(reading({"ignore"}));
    EXPECT_EQ(first_lesson(encoded), 0U);
    encoded.origin.transform = "base64";
    EXPECT_EQ(first_lesson(encoded), 1U);
    encoded.origin.label = 0;
    EXPECT_EQ(first_lesson(encoded), 0U);
}

}  // namespace
}  // namespace credence::guard
