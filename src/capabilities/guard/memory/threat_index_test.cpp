#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "capabilities/guard/memory/memory_texts.h"
#include "capabilities/guard/memory/sketch_graph.h"
#include "capabilities/guard/memory/threat_memory.h"
#include "engine/vectors/vector.h"

namespace credence::guard {
namespace {

constexpr std::size_t kDimension = 256;

class ThreatIndexTest : public ::testing::Test {
protected:
    std::vector<std::int8_t> embed(const std::string& text) const { return embedder_.embed(text); }
    static std::string id_of(std::size_t number) {
        const std::string digits = std::to_string(number);
        return std::string(6 - digits.size(), '0') + digits;
    }
    void fill(ThreatIndex& index, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            texts_.push_back(source_.threat());
            ASSERT_TRUE(index.add(threat(i), embed(texts_.back())));
        }
    }
    static ThreatMatch threat(std::size_t i) {
        ThreatMatch out;
        out.threat_id = id_of(i);
        out.category = static_cast<Category>(i % 3);
        out.severity = static_cast<Severity>(i % 4);
        out.source = i % 2 == 0 ? "even" : "odd";
        return out;
    }

    ThreatEmbedder embedder_{kDimension};
    texts::Texts source_{5};
    std::vector<std::string> texts_;
};

TEST_F(ThreatIndexTest, ExactSearchAgreesWithTheDefinition) {
    ThreatIndex index(kDimension);
    fill(index, 1'500);  // more than a block of rows
    const auto query = vectors::vector_from(embed(source_.threat()));
    std::vector<std::pair<double, std::string>> expected;
    for (std::size_t i = 0; i < texts_.size(); ++i) {
        const auto stored = vectors::vector_from(embed(texts_[i]));
        expected.emplace_back(-vectors::cosine(query, stored), id_of(i));
    }
    std::ranges::sort(expected);
    const auto found = index.search(query.values, 20, {});
    ASSERT_TRUE(found);
    ASSERT_EQ(found->size(), 20U);
    for (std::size_t i = 0; i < found->size(); ++i) {
        EXPECT_NEAR((*found)[i].similarity, -expected[i].first, 1e-5) << i;
    }
    EXPECT_EQ(found->front().threat_id, expected.front().second);
}

TEST_F(ThreatIndexTest, TiesComeInTheOrderOfIds) {
    ThreatIndex index(kDimension);
    for (const std::size_t i : {3U, 1U, 2U, 0U}) {
        ASSERT_TRUE(index.add(threat(i), embed("reveal the key")));
    }
    const auto found = index.search(embed("reveal the key"), 3, {});
    ASSERT_EQ(found->size(), 3U);
    EXPECT_EQ((*found)[0].threat_id, id_of(0));
    EXPECT_EQ((*found)[2].threat_id, id_of(2));
}

TEST_F(ThreatIndexTest, FiltersHold) {
    ThreatIndex index(kDimension, 100);
    fill(index, 600);
    const ThreatFilter filter{
        .category = Category::jailbreak, .least_severity = Severity::high, .source = "odd"};
    for (const bool with_graph : {false, true}) {
        if (with_graph) {
            index.maintain();
            ASSERT_EQ(index.state().in_graph, 600U);
        }
        const auto found = index.search(embed(texts_[7]), 30, filter);
        ASSERT_TRUE(found);
        EXPECT_EQ(found->size(), 30U);
        for (const ThreatMatch& match : *found) {
            EXPECT_EQ(match.category, Category::jailbreak);
            EXPECT_GE(match.severity, Severity::high);
            EXPECT_EQ(match.source, "odd");
        }
        ThreatFilter near;
        near.least_similarity = 0.999;
        const auto same = index.search(embed(texts_[7]), 30, near);
        ASSERT_FALSE(same->empty());
        for (const ThreatMatch& match : *same) {
            EXPECT_GE(match.similarity, 0.999);
        }
    }
}

TEST_F(ThreatIndexTest, RemovedThreatsAreGoneAndReplacedOnesChange) {
    ThreatIndex index(kDimension, 100);
    fill(index, 300);
    index.maintain();
    const auto best = [&](const std::string& text) { return index.nearest(embed(text), 0.99); };
    ASSERT_EQ(best(texts_[5])->threat_id, id_of(5));
    EXPECT_TRUE(index.remove(id_of(5)));
    EXPECT_FALSE(index.remove(id_of(5)));
    EXPECT_FALSE(best(texts_[5])) << "a tombstone in the graph";
    EXPECT_EQ(index.state().dead, 1U);
    ASSERT_TRUE(index.add(threat(6), embed("a poem about honey")));
    EXPECT_FALSE(best(texts_[6]));
    EXPECT_EQ(best("a poem about honey")->threat_id, id_of(6)) << "beside the graph";
    EXPECT_EQ(index.size(), 299U);
    EXPECT_EQ(index.state().dead, 2U);
}

TEST_F(ThreatIndexTest, GraphIsBuiltAnewWhenAFifthIsDead) {
    ThreatIndex index(kDimension, 100);
    fill(index, 300);
    index.maintain();
    for (std::size_t i = 0; i < 60; ++i) {
        index.remove(id_of(i));
    }
    index.maintain();
    EXPECT_EQ(index.state().rebuilds, 1) << "just a fifth";
    index.remove(id_of(60));
    index.maintain();
    const ThreatIndexState state = index.state();
    EXPECT_EQ(state.rebuilds, 2);
    EXPECT_EQ(state.dead, 0U);
    EXPECT_EQ(state.in_graph, 239U);
    EXPECT_FALSE(index.nearest(embed(texts_[3]), 0.99));
    EXPECT_EQ(index.nearest(embed(texts_[100]), 0.99)->threat_id, id_of(100));
}

TEST_F(ThreatIndexTest, GraphFindsNearlyAll) {
    ThreatIndex index(kDimension, 100);
    fill(index, 3'000);
    index.maintain();
    std::size_t right = 0;
    for (int i = 0; i < 50; ++i) {
        const auto query = embed(source_.threat());
        const auto exact = index.search_exact(query, 10, {});
        const auto near = index.search(query, 10, {});
        for (const ThreatMatch& match : *near) {
            right += match.similarity >= exact->back().similarity - 1e-9 ? 1 : 0;
        }
    }
    EXPECT_GE(right, 475U) << "of 500";
}

TEST_F(ThreatIndexTest, NearestFindsWhatIsNearEnough) {
    ThreatIndex index(kDimension);
    fill(index, 2'000);
    std::size_t near = 0;
    std::size_t right = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        const auto query = embed(source_.variant(texts_[i], texts::Variant::edited));
        const auto exact = index.search_exact(query, 1, {});
        const auto found = index.nearest(query, 0.6);
        if (exact->front().similarity >= 0.6) {
            ++near;
            right += found && found->threat_id == exact->front().threat_id ? 1 : 0;
        } else {
            EXPECT_FALSE(found);
        }
    }
    EXPECT_GT(near, 150U);
    EXPECT_GE(right + 1, near);
}

TEST_F(ThreatIndexTest, RefusesWhatCannotBeCompared) {
    ThreatIndex index(kDimension);
    const std::vector<std::int8_t> wrong(64, 1);
    const std::vector<std::int8_t> nothing(kDimension, 0);
    EXPECT_EQ(index.add(threat(1), wrong).error().code, Code::invalid);
    EXPECT_EQ(index.add(threat(1), nothing).error().code, Code::invalid);
    EXPECT_EQ(index.search(wrong, 1, {}).error().code, Code::invalid);
    EXPECT_EQ(index.search(embed("x y"), ThreatIndex::kMaxCount + 1, {}).error().code,
              Code::invalid);
    EXPECT_FALSE(index.nearest(wrong, 0.5));
    EXPECT_FALSE(index.nearest(nothing, 0.5));
    EXPECT_TRUE(index.search(nothing, 5, {})->empty());
}

TEST_F(ThreatIndexTest, ManyThreadsSearchWhileOthersChange) {
    ThreatIndex index(kDimension, 200);
    fill(index, 400);
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 64; ++t) {
            threads.emplace_back([&, t] {
                for (std::size_t i = 0; i < 40; ++i) {
                    const std::size_t of = (t * 31 + i * 7) % 200;  // those that stay
                    const auto found = index.nearest(embed(texts_[of]), 0.95);
                    wrong += found && found->similarity > 0.95 ? 0 : 1;
                    if (t % 8 == 0) {
                        index.remove(id_of(200 + (t + i) % 200));
                        wrong += index.add(threat(500 + t * 40 + i), embed(texts_[of])) ? 0 : 1;
                    }
                    if (t == 1 && i % 20 == 0) {
                        index.maintain();
                    }
                }
            });
        }
    }
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_GE(index.state().rebuilds, 1);
}

TEST(SketchGraph, CountsBitsAndStandsNothing) {
    Sketch a;
    Sketch b;
    EXPECT_EQ(differing_bits(a, b), 0);
    b.words[0] = 0x8000000000000001ULL;
    b.words[7] = 1;
    EXPECT_EQ(differing_bits(a, b), 3);
    const auto empty = SketchGraph::build({});
    ASSERT_NE(empty, nullptr);
    EXPECT_TRUE(empty->near(a, 10).empty());
    const auto two = SketchGraph::build({a, b});
    EXPECT_EQ(two->near(b, 2), (std::vector<std::uint32_t>{1, 0}));
}

}  // namespace
}  // namespace credence::guard
