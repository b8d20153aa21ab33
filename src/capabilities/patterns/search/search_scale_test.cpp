// What only happens in large stores and long histories.
#include <algorithm>

#include "capabilities/patterns/search/search_test_fixture.h"
#include "capabilities/patterns/search/vector_index.h"

namespace credence::patterns {
namespace {

class CommonWordsTest : public SearchTest {
protected:
    static constexpr std::uint64_t kPatterns = 3'100;

    // All have "mango" and "papaya", every third "quince", half "walnut" and the others "cashew".
    void SetUp() override {
        SearchTest::SetUp();
        const auto written = store_.database().write([&](store::Tx& tx) -> Result<void> {
            for (std::uint64_t i = 1; i <= kPatterns; ++i) {
                std::string text = i % 2 == 0 ? "mango papaya walnut" : "mango papaya cashew";
                text += i % 3 == 0 ? " quince" : "";
                text += i == 7 ? " zebra" : "";
                TRY(search_->put(tx, pattern_of(i, "", text)));
            }
            return {};
        });
        ASSERT_TRUE(written);
    }

    std::vector<Hit> by_words(const std::string& text) {
        SearchQuery query = query_of(text);
        query.use_vectors = false;
        const auto hits = find(store_.database(), *search_, query);
        EXPECT_TRUE(hits);
        return hits ? *hits : std::vector<Hit>();
    }
};

TEST_F(CommonWordsTest, ARareWordIsLookedForAlone) {
    EXPECT_EQ(numbers(by_words("mango zebra quince")), std::vector<std::uint64_t>{7});
}

TEST_F(CommonWordsTest, TwoCommonWordsAreJoined) {
    const auto hits = by_words("mango quince");
    EXPECT_EQ(hits.size(), 50U);
    for (const std::uint64_t number : numbers(hits)) {
        EXPECT_EQ(number % 3, 0U);
    }
    EXPECT_GT(hits.front().bm25, 0);
}

TEST_F(CommonWordsTest, WordsInEveryPatternFindTheNewest) {
    for (const char* text : {"mango", "mango papaya"}) {
        const auto hits = by_words(text);
        EXPECT_EQ(hits.size(), 50U) << text;
        EXPECT_GT(hits.front().bm25, 0);
    }
}

TEST_F(CommonWordsTest, WordsThatNeverMeetFindEither) {
    const auto hits = by_words("walnut cashew");
    ASSERT_EQ(hits.size(), 50U);
    const auto found = numbers(hits);
    const std::uint64_t kind = found.front() % 2;
    EXPECT_TRUE(std::ranges::all_of(found, [&](std::uint64_t n) { return n % 2 == kind; }));
}

TEST_F(CommonWordsTest, CountsKeptInMemoryDoNotHideNewPatterns) {
    EXPECT_TRUE(by_words("kumquat").empty());
    EXPECT_EQ(by_words("quince").size(), 50U);
    put(pattern_of(kPatterns + 1, "kumquat", "quince kumquat"));
    EXPECT_EQ(numbers(by_words("kumquat quince")), std::vector<std::uint64_t>{kPatterns + 1});
}

class HistoryTest : public SearchTest {
protected:
    void change(std::uint64_t from, std::uint64_t to, bool removes) {
        const auto written = store_.database().write([&](store::Tx& tx) -> Result<void> {
            for (std::uint64_t i = from; i < to; ++i) {
                if (removes) {
                    TRY(search_->remove(tx, "t", pattern_id(i)));
                } else {
                    TRY(search_->put(tx, pattern_of(i, "Quince", "")));
                }
            }
            return {};
        });
        ASSERT_TRUE(written);
    }
    std::int64_t rows() {
        const auto count = store_.database().read([](store::Tx& tx) -> Result<std::int64_t> {
            return TRY(tx.query("SELECT COUNT(*) FROM pattern_vector")).integer(0, 0);
        });
        EXPECT_TRUE(count);
        return count.value_or(-1);
    }
};

TEST_F(HistoryTest, OldTombstonesAreCleanedAndWhoMissedThemStartsAnew) {
    change(1, 301, false);
    const auto late = store_.search();
    EXPECT_EQ(found(*late, query_of("quince")).size(), 50U);
    change(1, 300, true);  // changes 301 to 599; 300 stays
    EXPECT_EQ(rows(), 300);
    change(500, 501, false);  // so that removals below are even changes
    for (int round = 0; round < 20; ++round) {
        const auto churned = store_.database().write([&](store::Tx& tx) -> Result<void> {
            for (int i = 0; i < 248; ++i) {
                TRY(search_->put(tx, pattern_of(501, "", "")));
                TRY(search_->remove(tx, "t", pattern_id(501)));
            }
            return {};
        });
        ASSERT_TRUE(churned);
    }
    // The last multiple of 256 was change 10,496: tombstones of changes up to 496 are gone.
    EXPECT_EQ(rows(), 1 + 1 + 1 + (599 - 496));
    const std::uint64_t rebuilds = store_.rebuilds();
    auto left = found(*late, query_of("quince"));
    std::ranges::sort(left);
    EXPECT_EQ(left, (std::vector<std::uint64_t>{300, 500}));
    EXPECT_EQ(store_.rebuilds(), rebuilds + 1);
}

TEST(VectorIndexAtScale, BitsFindNineteenInTwenty) {
    constexpr std::uint32_t kVectors = 60'000;  // more than kLeastCandidates * kFirstFraction
    constexpr std::size_t kCentres = 600;
    SeededRandom random(9);
    const auto noise = [&] {
        std::vector<std::int8_t> values(256);
        random.fill(values.data(), values.size());
        std::ranges::replace(values, std::int8_t{-128}, std::int8_t{-127});
        return values;
    };
    std::vector<std::vector<std::int8_t>> centres;
    for (std::size_t i = 0; i < kCentres; ++i) {
        centres.push_back(noise());
    }
    VectorIndex index(256, 0);
    index.reserve(kVectors);
    for (std::uint32_t i = 0; i < kVectors; ++i) {
        std::vector<std::int8_t> values = noise();
        const std::size_t from = random.next() % 128;
        std::copy_n(&centres[i % kCentres][from], 128, &values[from]);
        index.put({.number = i}, vector_from(std::move(values)));
    }
    std::size_t right = 0;
    for (std::size_t i = 0; i < 20; ++i) {
        const Vector query = vector_from(centres[i]);
        const NeighbourQuery asked{
            .vector = query, .limit = 10, .admits = [](const IndexEntry&) { return true; }};
        const auto exact = index.nearest_exact(asked);
        for (const Neighbour& neighbour : index.nearest(asked)) {
            right += neighbour.similarity >= exact.back().similarity ? 1 : 0;
        }
    }
    EXPECT_GE(right, 190U) << "of 200";
}

}  // namespace
}  // namespace credence::patterns
