#include "capabilities/patterns/search/embedder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <array>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "base/text.h"
#include "capabilities/patterns/search/vector_kernels.h"

namespace credence::patterns {
namespace {

// Stored vectors depend on every bit of this: when it fails, kWordsVersion must go up.
TEST(Embedder, IsPinned) {
    const Embedder embedder;
    EXPECT_EQ(embedder.name(), "hashed-256-1");
    const auto digest = [&](const char* text) {
        return sha256_hex(encode_vector(embedder.embed(text))).substr(0, 16);
    };
    EXPECT_EQ(digest("Retry with exponential backoff"), "29ce80d65823097c");
    EXPECT_EQ(digest("k8s pods: C++ and na\xc3\xafve text, 404"), "7f4f585874394384");
}

TEST(Embedder, SaysTheSameOfTheSame) {
    const Embedder one;
    const Embedder other;
    EXPECT_EQ(one.embed("Circuit breaker"), other.embed("Circuit breaker"));
    EXPECT_EQ(one.embed("Circuit breaker"), one.embed("  circuit BREAKER "));
    EXPECT_EQ(one.embed("x").values.size(), Embedder::kDimension);
    EXPECT_EQ(one.embed("").inverse_length, 0.0F);
    EXPECT_EQ(one.embed("!?").inverse_length, 0.0F);
}

TEST(Embedder, NearnessFollowsMeaning) {
    const Embedder embedder;
    const auto near = [&](const char* a, const char* b) {
        return cosine(embedder.embed(a), embedder.embed(b));
    };
    EXPECT_NEAR(near("database index", "database index"), 1.0, 1e-6);
    EXPECT_GT(near("db index", "database indexes"), 0.3);
    EXPECT_GT(near("authetication", "authentication"), 0.2) << "a slip of the keyboard";
    EXPECT_GT(near("the cache of the results", "cache results"), 0.8) << "function words";
    EXPECT_LT(std::abs(near("database index", "screen reader")), 0.25);
}

TEST(Embedder, PartsCountByTheirWeight) {
    const Embedder embedder;
    const std::array light{TextPart{"deadlock", 1}, TextPart{"pagination", 1}};
    const std::array heavy{TextPart{"deadlock", 8}, TextPart{"pagination", 1}};
    const Vector about = embedder.embed("deadlock");
    EXPECT_GT(cosine(embedder.embed(heavy), about), cosine(embedder.embed(light), about) + 0.1);
}

TEST(Vector, TravelsAsText) {
    const Embedder embedder;
    const Vector vector = embedder.embed("Bulkhead isolation");
    const std::string text = encode_vector(vector);
    EXPECT_EQ(text.size(), 342U);
    EXPECT_EQ(*decode_vector(text), vector);
    EXPECT_EQ(encode_vector(Vector{}), "");
    EXPECT_TRUE(decode_vector("")->empty());
    EXPECT_EQ(decode_vector("AA=A").error().code, Code::internal);
}

TEST(Vector, QuantisesFloats) {
    const std::vector<float> values{0.5F, -1.0F, 0.0F, 0.25F};
    EXPECT_EQ(quantise(values)->values, (std::vector<std::int8_t>{64, -127, 0, 32}));
    EXPECT_EQ(quantise(std::vector<float>{0, 0})->inverse_length, 0.0F);
    EXPECT_EQ(quantise(std::vector<float>{1, NAN}).error().code, Code::invalid);
    EXPECT_FALSE(quantise(std::vector<float>{std::numeric_limits<float>::infinity()}));
    EXPECT_EQ(cosine(*quantise(values), Vector{}), 0);
    EXPECT_NEAR(cosine(*quantise(values), *quantise(values)), 1.0, 1e-6);
}

TEST(Kernels, AllVariantsAgreeWithTheScalarOne) {
    SeededRandom random(3);
    for (const Kernels* kernels : available_kernels()) {
        for (const std::size_t dimension : {64U, 256U, 512U, 1536U}) {
            constexpr std::size_t kRows = 37;
            std::vector<std::int8_t> rows(kRows * dimension);
            std::vector<std::int8_t> query(dimension);
            random.fill(rows.data(), rows.size());
            random.fill(query.data(), query.size());
            std::fill_n(rows.begin(), dimension, std::int8_t{-128});
            std::vector<std::int32_t> expected(kRows);
            std::vector<std::int32_t> got(kRows);
            scalar_kernels().dot(query.data(), rows.data(), kRows, dimension, expected.data());
            kernels->dot(query.data(), rows.data(), kRows, dimension, got.data());
            EXPECT_EQ(got, expected) << kernels->name << " " << dimension;

            const std::size_t words = dimension / 64;
            std::vector<std::uint64_t> bits(kRows * words);
            std::vector<std::uint64_t> asked(words);
            random.fill(bits.data(), bits.size() * 8);
            random.fill(asked.data(), words * 8);
            std::vector<std::uint16_t> expected_bits(kRows);
            std::vector<std::uint16_t> got_bits(kRows);
            scalar_kernels().differing_bits(asked.data(), bits.data(), kRows, words,
                                            expected_bits.data());
            kernels->differing_bits(asked.data(), bits.data(), kRows, words, got_bits.data());
            EXPECT_EQ(got_bits, expected_bits) << kernels->name << " " << dimension;

            std::vector<std::int8_t> signs(dimension);
            std::ranges::generate(
                signs, [&] { return static_cast<std::int8_t>(random.next() % 2 == 0 ? 1 : -1); });
            std::vector<std::int32_t> scratch(dimension);
            std::vector<std::uint64_t> other_bits(words);
            scalar_kernels().rotated_signs(query.data(), signs.data(), dimension, scratch.data(),
                                           asked.data());
            kernels->rotated_signs(query.data(), signs.data(), dimension, scratch.data(),
                                   other_bits.data());
            EXPECT_EQ(other_bits, asked) << kernels->name << " " << dimension;
        }
    }
    EXPECT_EQ(&best_kernels(), available_kernels().back());
}

}  // namespace
}  // namespace credence::patterns
