// Histories that part, other instances, other threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <thread>

#include "capabilities/patterns/search/search_test_fixture.h"

namespace credence::patterns {
namespace {

// One index fed from two stores that share a past: what a restore below a running program would be.
TEST_F(SearchTest, ARestoredBackupIsNoticed) {
    put_three();
    const std::string copy = store_.path() + ".copy";
    search_.reset();
    store_.close();
    std::filesystem::copy_file(store_.path(), copy);
    store_.open();
    search_ = store_.search();
    const auto restored =
        store::open_or_die(store::at_path(copy), store_.clock(), store_.metrics());
    put(pattern_of(2, "Outbox", "Write the event beside the row."));
    put(pattern_of(8, "Canary release", "Show it to a few first."));
    EXPECT_EQ(found("outbox").front(), 2U);

    // Back in time.
    const auto old = find(*restored, *search_, query_of("connection pooling"));
    ASSERT_TRUE(old);
    EXPECT_EQ(numbers(*old).front(), 2U);
    EXPECT_GT(old->front().bm25, 0);
    for (const std::uint64_t number : numbers(*find(*restored, *search_, query_of("canary")))) {
        EXPECT_NE(number, 8U);
    }
    // And past the point where the other history ended, with other content.
    for (std::uint64_t i = 20; i < 30; ++i) {
        ASSERT_TRUE(patterns::put(*restored, *search_, pattern_of(i, "Strangler", "Bit by bit.")));
    }
    SearchQuery query = query_of("strangler canary outbox");
    const auto now = find(*restored, *search_, query);
    ASSERT_TRUE(now);
    for (const Hit& hit : *now) {
        EXPECT_NE(hit.id, pattern_id(8));
    }
    EXPECT_GE(now->size(), 10U);
    EXPECT_EQ(found("canary release").front(), 8U) << "and the first store again";
}

TEST_F(SearchTest, SimilarityTellsDuplicatesFromStrangers) {
    const auto similarity = [&](const char* a, const char* b) {
        return *search_->similarity(a, b);
    };
    EXPECT_NEAR(similarity("Retry with backoff", "Retry with backoff"), 1.0, 1e-6);
    EXPECT_GT(similarity("Retry with backoff", "Retrying with a backoff"), 0.8);
    EXPECT_LT(similarity("Retry with backoff", "Screen reader labels"), 0.3);
    EXPECT_DOUBLE_EQ(similarity("", "x"), 0.0);
}

// Random changes, some given up, against a plain map; two instances; every answer complete.
TEST_F(SearchTest, HoldsExactlyWhatTheStoreHolds) {
    SeededRandom random(11);
    const auto other = store_.search();
    std::map<std::uint64_t, std::string> model;
    const auto check = [&](PatternSearch& search) {
        for (const char* word : {"amber", "birch", "coral", "dune"}) {
            SearchQuery query = query_of(word);
            query.limit = 200;
            query.use_vectors = false;
            std::vector<std::uint64_t> got = found(search, query);
            std::ranges::sort(got);
            std::vector<std::uint64_t> expected;
            for (const auto& [number, text] : model) {
                if (text == word) {
                    expected.push_back(number);
                }
            }
            EXPECT_EQ(got, expected) << word;
            query.use_vectors = true;
            query.use_text = false;
            got = found(search, query);
            std::ranges::sort(got);
            for (const std::uint64_t number : expected) {
                EXPECT_TRUE(std::ranges::binary_search(got, number)) << word << " " << number;
            }
            EXPECT_LE(got.size(), model.size());
        }
    };
    for (int round = 0; round < 60; ++round) {
        const bool give_up = random.next() % 4 == 0;
        auto next = model;
        const auto written = store_.database().write([&](store::Tx& tx) -> Result<void> {
            for (std::uint64_t i = random.next() % 5 + 1; i > 0; --i) {
                const std::uint64_t number = random.next() % 40;
                if (random.next() % 3 == 0) {
                    next.erase(number);
                    TRY(search_->remove(tx, "t", pattern_id(number)));
                } else {
                    const std::string text = std::vector<std::string>{"amber", "birch", "coral",
                                                                      "dune"}[random.next() % 4];
                    next[number] = text;
                    TRY(search_->put(tx, pattern_of(number, text, text)));
                }
                if (random.next() % 4 == 0) {
                    TRY(search_->search(tx, query_of("amber")));
                }
            }
            return give_up ? Result<void>(fail(Code::conflict, "no")) : Result<void>();
        });
        ASSERT_EQ(written.has_value(), !give_up);
        if (!give_up) {
            model = next;
        }
        check(random.next() % 2 == 0 ? *search_ : *other);
    }
    check(*search_);
    check(*other);
}

TEST_F(SearchTest, SearchesWhileOthersWrite) {
    put_three();
    std::atomic<bool> stop{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
        readers.emplace_back([&] {
            while (!stop) {
                const auto hits = find(store_.database(), *search_, query_of("feature flags"));
                wrong += hits && !hits->empty() && hits->front().id == pattern_id(3) ? 0 : 1;
            }
        });
    }
    for (std::uint64_t i = 100; i < 200; ++i) {
        put(pattern_of(i, "Sharding", "Split the data by key."));
        if (i % 3 == 0) {
            remove(i - 1);
        }
    }
    stop = true;
    for (std::thread& reader : readers) {
        reader.join();
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(store_.rebuilds(), 1U);
}

TEST_F(SearchTest, ForgetsTenantsItHasNoRoomFor) {
    const auto small = store_.search({.max_tenants_in_memory = 2});
    for (int round = 0; round < 2; ++round) {
        for (const char* tenant : {"a", "b", "c"}) {
            ASSERT_TRUE(
                patterns::put(store_.database(), *small, pattern_of(1, "Retry", "Again.", tenant)));
            EXPECT_EQ(found(*small, query_of("retry", tenant)).size(), 1U);
        }
    }
    EXPECT_EQ(store_.rebuilds(), 6U);
}

}  // namespace
}  // namespace credence::patterns
