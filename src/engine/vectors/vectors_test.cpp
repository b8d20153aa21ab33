#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"
#include "engine/vectors/vector.h"
#include "engine/vectors/vector_kernels.h"

namespace credence::vectors {
namespace {

TEST(Vector, IsReadBackFromText) {
    const Vector vector = vector_from({-128, -1, 0, 1, 127});
    EXPECT_EQ(encode_vector(vector), "gP8AAX8");
    EXPECT_EQ(*decode_vector("gP8AAX8"), vector);
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

            const auto within = [](std::int8_t value) {
                return std::max(value, std::int8_t{-127});
            };
            std::ranges::transform(rows, rows.begin(), within);
            std::ranges::transform(query, query.begin(), within);
            scalar_kernels().dot(query.data(), rows.data(), kRows, dimension, expected.data());
            kernels->dot_within_127(query.data(), rows.data(), kRows, dimension, got.data());
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
}  // namespace credence::vectors
