#include "capabilities/patterns/search/vector_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"

namespace credence::patterns {
namespace {

Vector random_vector(SeededRandom& random, std::size_t dimension) {
    std::vector<std::int8_t> values(dimension);
    random.fill(values.data(), values.size());
    std::ranges::replace(values, std::int8_t{-128}, std::int8_t{-127});
    return vector_from(std::move(values));
}

bool everything(const IndexEntry&) {
    return true;
}

std::vector<std::uint32_t> numbers(const VectorIndex& index, const std::vector<Neighbour>& found) {
    std::vector<std::uint32_t> out;
    for (const Neighbour& neighbour : found) {
        out.push_back(index.at(neighbour.slot).number);
    }
    return out;
}

// What the index should answer, the slow way.
std::vector<std::uint32_t> brute_force(const std::map<std::uint32_t, Vector>& model,
                                       const Vector& query, std::size_t limit) {
    std::vector<std::pair<double, std::uint32_t>> order;
    for (const auto& [number, vector] : model) {
        if (vector.inverse_length > 0) {
            order.emplace_back(-cosine(vector, query), number);
        }
    }
    std::ranges::sort(order);
    std::vector<std::uint32_t> out;
    for (std::size_t i = 0; i < std::min(limit, order.size()); ++i) {
        out.push_back(order[i].second);
    }
    return out;
}

class VectorIndexTest : public testing::TestWithParam<std::size_t> {};

TEST_P(VectorIndexTest, EqualsBruteForceOverRandomOperations) {
    const std::size_t dimension = GetParam();
    SeededRandom random(dimension);
    VectorIndex index(dimension);
    std::map<std::uint32_t, Vector> model;
    for (int step = 0; step < 1500; ++step) {
        const auto number = static_cast<std::uint32_t>(random.next() % 300);
        if (random.next() % 4 == 0) {
            model.erase(number);
            index.remove(number);
        } else {
            const Vector vector =
                random.next() % 20 == 0 ? Vector{} : random_vector(random, dimension);
            model[number] = vector;
            index.put({.number = number}, vector);
        }
        ASSERT_EQ(index.size(), model.size());
        if (step % 50 == 49) {
            const Vector query = random_vector(random, dimension);
            const NeighbourQuery asked{.vector = query, .limit = 10, .admits = everything};
            const auto expected = brute_force(model, query, 10);
            EXPECT_EQ(numbers(index, index.nearest(asked)), expected);
            // Below the number of candidates the bit scan misses nothing either.
            EXPECT_EQ(numbers(index, index.nearest_by_bits(asked)), expected);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Dimensions, VectorIndexTest, testing::Values(256U, 100U));

TEST(VectorIndex, TheBitScanFindsNearlyAllAndHonoursAdmission) {
    SeededRandom random(2);
    VectorIndex index(256, 100);
    std::vector<Vector> centres;
    for (int i = 0; i < 50; ++i) {
        centres.push_back(random_vector(random, 256));
    }
    for (std::uint32_t i = 0; i < 6000; ++i) {
        Vector vector = centres[i % centres.size()];
        for (int k = 0; k < 96; ++k) {
            vector.values[random.next() % 256] =
                static_cast<std::int8_t>(random.next() % 255 - 127);
        }
        index.put({.number = i, .visibility = i % 100}, vector_from(vector.values));
    }
    std::size_t found = 0;
    for (int i = 0; i < 20; ++i) {
        const NeighbourQuery query{
            .vector = centres[static_cast<std::size_t>(i)], .limit = 10, .admits = everything};
        const auto exact = numbers(index, index.nearest_exact(query));
        const auto fast = numbers(index, index.nearest(query));
        for (const std::uint32_t number : fast) {
            found += static_cast<std::size_t>(std::ranges::count(exact, number));
        }
    }
    EXPECT_GE(found, 190U) << "of 200";
    // One in a hundred is admitted: all of those are still reached.
    const NeighbourQuery rare{.vector = centres[0], .limit = 60, .admits = [](const IndexEntry& e) {
                                  return e.visibility == 7;
                              }};
    EXPECT_EQ(numbers(index, index.nearest(rare)), numbers(index, index.nearest_exact(rare)));
    EXPECT_EQ(index.nearest(rare).size(), 60U);
    const NeighbourQuery none{
        .vector = centres[0], .limit = 5, .admits = [](const IndexEntry&) { return false; }};
    EXPECT_TRUE(index.nearest(none).empty());
}

TEST(VectorIndex, OtherDimensionsFindNothing) {
    VectorIndex index(256);
    index.put({.number = 1}, vector_from(std::vector<std::int8_t>(128, 1)));
    const Vector query = vector_from(std::vector<std::int8_t>(256, 1));
    EXPECT_TRUE(index.nearest({.vector = query, .limit = 5, .admits = everything}).empty());
    const Vector other = vector_from(std::vector<std::int8_t>(128, 1));
    EXPECT_TRUE(index.nearest({.vector = other, .limit = 5, .admits = everything}).empty());
    EXPECT_TRUE(index.nearest_by_bits({.vector = other, .limit = 5, .admits = everything}).empty());
    EXPECT_EQ(index.similarity_at(0, other), 0);
    EXPECT_EQ(index.slot_of(7), VectorIndex::kNoSlot);
    index.remove(7);
    EXPECT_EQ(index.size(), 1U);
}

}  // namespace
}  // namespace credence::patterns
