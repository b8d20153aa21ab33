#include "capabilities/guard/memory/result_cache.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace credence::guard {
namespace {

ResultKey key_of(std::string_view text) {
    return result_key({.text = text, .tenant = "t", .name_space = "n"});
}

TEST(ResultCache, EverythingThatMattersIsInTheKey) {
    const ResultSource base{.text = "text", .tenant = "t", .name_space = "n"};
    std::vector<ResultSource> sources(12, base);
    sources[1].text = "texts";
    sources[2].tenant = "u";
    sources[3].name_space = "m";
    sources[4].channel = SourceKind::document;
    sources[5].direction = Direction::output;
    sources[6].mode = Mode::unified;
    sources[7].rule_digest = "r";
    sources[8].model_version = "r";
    sources[9].memory_generation = 1;
    sources[10].policy_digest = "r";
    sources[11].options = "r";
    std::set<ResultKey> keys;
    for (const ResultSource& source : sources) {
        keys.insert(result_key(source));
    }
    EXPECT_EQ(keys.size(), sources.size());
    EXPECT_EQ(result_key(base), result_key(sources[0]));
    // Fields do not run into each other.
    EXPECT_NE(result_key({.text = "ab", .tenant = "c"}), result_key({.text = "a", .tenant = "bc"}));
}

TEST(ResultCache, KeepsTheMostRecentlyUsed) {
    ManualClock clock(1);
    ResultCache<> cache({.max_entries = 64}, clock);
    for (int i = 0; i < 1'000; ++i) {
        cache.put(key_of(std::to_string(i)), std::to_string(i));
        ASSERT_NE(cache.get(key_of(std::to_string(i))), nullptr);
    }
    const CacheCounts counts = cache.counts();
    EXPECT_EQ(counts.size, 64U);
    EXPECT_EQ(counts.evictions, 936U);
    EXPECT_EQ(counts.hits, 1'000U);
    EXPECT_EQ(*cache.get(key_of("999")), "999");
    EXPECT_EQ(cache.get(key_of("0")), nullptr);
    EXPECT_EQ(cache.counts().misses, 1U);
    cache.clear();
    EXPECT_EQ(cache.counts().size, 0U);
}

TEST(ResultCache, EntriesGrowOld) {
    ManualClock clock(1);
    ResultCache<int> cache({.max_entries = 100, .time_to_live_us = 1'000}, clock);
    cache.put(key_of("a"), 1);
    clock.advance_us(999);
    EXPECT_EQ(*cache.get(key_of("a")), 1);
    clock.advance_us(1);
    EXPECT_EQ(cache.get(key_of("a")), nullptr);
    EXPECT_EQ(cache.counts().expired, 1U);
    EXPECT_EQ(cache.counts().size, 0U);
    cache.put(key_of("a"), 2);
    clock.advance_us(500);
    cache.put(key_of("a"), 3);
    clock.advance_us(600);
    EXPECT_EQ(*cache.get(key_of("a")), 3) << "putting again makes it new";
}

TEST(ResultCache, NothingIsKeptWithoutRoom) {
    ManualClock clock(1);
    ResultCache<int> cache({.max_entries = 0}, clock);
    cache.put(key_of("a"), 1);
    EXPECT_EQ(cache.get(key_of("a")), nullptr);
}

TEST(ResultCache, ThreadsGetTheirOwnAnswers) {
    SystemClock clock;
    ResultCache<> cache({.max_entries = 500}, clock);
    std::atomic<int> wrong{0};
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 16; ++t) {
            threads.emplace_back([&, t] {
                for (int i = 0; i < 2'000; ++i) {
                    const std::string text = std::to_string((i * 7 + t) % 700);
                    if (const auto found = cache.get(key_of(text))) {
                        ++(*found == "answer " + text ? right : wrong);
                    } else {
                        cache.put(key_of(text), "answer " + text);
                    }
                }
            });
        }
    }
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_GT(right.load(), 1'000);
    EXPECT_LE(cache.counts().size, 500U);
}

}  // namespace
}  // namespace credence::guard
