#include "capabilities/patterns/search/search.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "capabilities/patterns/search/search_test_fixture.h"

namespace credence::patterns {
namespace {

TEST_F(SearchTest, FindsByWordsAndByMeaning) {
    put_three();
    const auto hits = find(store_.database(), *search_, query_of("retry with backoff"));
    ASSERT_TRUE(hits);
    ASSERT_FALSE(hits->empty());
    EXPECT_EQ(hits->front().id, pattern_id(1));
    EXPECT_GT(hits->front().bm25, 0);
    EXPECT_GT(hits->front().similarity, 0.4);
    EXPECT_DOUBLE_EQ(hits->front().relevance, 1.0);
    for (std::size_t i = 1; i < hits->size(); ++i) {
        EXPECT_LE((*hits)[i].relevance, (*hits)[i - 1].relevance);
        EXPECT_GE((*hits)[i].relevance, 0.0);
    }
    // No word in common but "toggle" means what "flag" means.
    EXPECT_EQ(found("toggles").front(), 3U);
    EXPECT_EQ(found("conection poolin").front(), 2U);
}

TEST_F(SearchTest, EitherSideAlone) {
    put_three();
    SearchQuery query = query_of("toggles");
    query.use_vectors = false;
    EXPECT_TRUE(found(*search_, query).empty());
    query.text = "reuse";
    EXPECT_EQ(found(*search_, query), std::vector<std::uint64_t>{2});
    query.use_text = false;
    EXPECT_TRUE(found(*search_, query).empty()) << "neither side asked";
    query.use_vectors = true;
    const auto hits = find(store_.database(), *search_, query);
    ASSERT_FALSE(hits->empty());
    EXPECT_EQ(hits->front().bm25, 0);
    EXPECT_NEAR(hits->front().relevance, hits->front().similarity, 1e-12);
}

TEST_F(SearchTest, ReplacesAndRemoves) {
    put_three();
    put(pattern_of(2, "Leader election", "Choose one coordinator."));
    SearchQuery words = query_of("pooling");
    words.use_vectors = false;
    EXPECT_TRUE(found(*search_, words).empty());
    EXPECT_EQ(found("leader election").front(), 2U);
    remove(2);
    remove(2);   // again: nothing
    remove(99);  // never was
    for (const std::uint64_t number : found("leader election coordinator")) {
        EXPECT_NE(number, 2U);
    }
    put(pattern_of(2, "Connection pooling", "Back again."));
    EXPECT_EQ(found("connection pooling").front(), 2U);
}

TEST_F(SearchTest, AccessAndCategory) {
    IndexedPattern mine = pattern_of(1, "Cache results", "Remember answers.");
    mine.visibility = {.name_space = "n",
                       .owner = "ada",
                       .access = AccessLevel::shared,
                       .shared_with = {"bob", "eve \"x\""}};
    mine.category = "speed";
    put(mine);
    put(pattern_of(2, "Cache results twice", "Remember answers."));
    SearchQuery query = query_of("cache results");
    std::vector<Visibility> asked;
    query.visible = [&](const Visibility& visibility) {
        asked.push_back(visibility);
        return visibility.owner == "ada";
    };
    EXPECT_EQ(found(*search_, query), std::vector<std::uint64_t>{1});
    ASSERT_EQ(asked.size(), 2U);
    const Visibility& seen = asked[0].owner == "ada" ? asked[0] : asked[1];
    EXPECT_EQ(seen.access, AccessLevel::shared);
    EXPECT_EQ(seen.name_space, "n");
    EXPECT_EQ(seen.shared_with, (std::vector<std::string>{"bob", "eve \"x\""}));
    query = query_of("cache results");
    query.category = "speed";
    EXPECT_EQ(found(*search_, query), std::vector<std::uint64_t>{1});
    query.category = "unheard of";
    EXPECT_TRUE(found(*search_, query).empty());
}

TEST_F(SearchTest, VisiblePatternsAreFoundBehindManyHiddenOnes) {
    ASSERT_TRUE(store_.database().write([&](store::Tx& tx) -> Result<void> {
        for (std::uint64_t i = 1; i <= 600; ++i) {
            IndexedPattern hidden = pattern_of(i, "Rate limiting", "Limit the rate of calls.");
            hidden.visibility.owner = i == 600 ? "me" : "other";
            if (i == 600) {
                hidden.text = "Limit, somewhere far down, the rate of calls of many things.";
            }
            TRY(search_->put(tx, hidden));
        }
        return {};
    }));
    SearchQuery query = query_of("rate limiting");
    query.limit = 5;
    query.visible = [](const Visibility& v) { return v.owner == "me"; };
    EXPECT_EQ(found(*search_, query), std::vector<std::uint64_t>{600});
    query.use_vectors = false;
    EXPECT_EQ(found(*search_, query), std::vector<std::uint64_t>{600});
}

TEST_F(SearchTest, TenantsAreApart) {
    put(pattern_of(1, "Retry", "Again.", "a"));
    put(pattern_of(2, "Retry", "Again.", "b"));
    EXPECT_EQ(found(*search_, query_of("retry", "a")), std::vector<std::uint64_t>{1});
    EXPECT_EQ(found(*search_, query_of("retry", "b")), std::vector<std::uint64_t>{2});
    EXPECT_TRUE(found(*search_, query_of("retry", "c")).empty());
    // The way another tenant's words are stored is no word here.
    SearchQuery words = query_of("2xretri 2xretry", "a");
    words.use_vectors = false;
    EXPECT_TRUE(found(*search_, words).empty());
    ASSERT_TRUE(patterns::remove(store_.database(), *search_, 2, "a"));
    EXPECT_EQ(found(*search_, query_of("retry", "b")), std::vector<std::uint64_t>{2});
}

TEST_F(SearchTest, HostileQueriesFindOrFindNothing) {
    put_three();
    std::string garbage;
    SeededRandom random(7);
    for (int i = 0; i < 5000; ++i) {
        garbage += static_cast<char>(random.next() & 0xff);
    }
    const std::vector<std::string> queries{"retry AND",
                                           "NOT retry",
                                           "\"retry",
                                           "retry\"\"\" OR 1=1 --",
                                           "name:retry",
                                           "retry*",
                                           "NEAR(retry, 2)",
                                           "(((retry",
                                           "^retry + pool",
                                           "{name text}:x",
                                           "'; DROP TABLE tenant_pattern_text; --",
                                           "-retry",
                                           std::string("retry\0pool", 10),
                                           "\xf0\x9f\x9a\x80 retry",
                                           "\xff\xfe retry",
                                           std::string(4096, '"'),
                                           std::string(10'000, 'x'),
                                           "",
                                           "   ",
                                           "the of and",
                                           garbage};
    for (const std::string& text : queries) {
        const auto hits = find(store_.database(), *search_, query_of(text));
        ASSERT_TRUE(hits) << text;
        EXPECT_LE(hits->size(), 3U);
    }
    for (const std::size_t i : {0U, 1U, 2U, 4U, 5U, 6U, 7U, 11U, 13U, 14U}) {
        EXPECT_EQ(found(queries[i]).front(), 1U) << queries[i];
    }
    EXPECT_TRUE(found("").empty());
}

TEST_F(SearchTest, HostilePatternsAreStoredAndFound) {
    put(pattern_of(1, std::string("a\0b\nc", 5), std::string("x\0\"' OR \xff\xfe zebra", 18)));
    put(pattern_of(2, "", ""));
    put(pattern_of(3, "Long", std::string(100'000, 'y') + " unread"));
    EXPECT_EQ(found("zebra").front(), 1U);
    SearchQuery words = query_of("unread");
    words.use_vectors = false;
    EXPECT_TRUE(found(*search_, words).empty());
}

TEST_F(SearchTest, RefusesWhatItCannotAnswer) {
    SearchQuery query = query_of("x");
    query.limit = 0;
    EXPECT_EQ(find(store_.database(), *search_, query).error().field, "limit");
    query.limit = 201;
    EXPECT_EQ(find(store_.database(), *search_, query).error().code, Code::invalid);
    query = query_of("x");
    query.visible = nullptr;
    EXPECT_EQ(find(store_.database(), *search_, query).error().code, Code::internal);
}

TEST_F(SearchTest, AnotherInstanceCatchesUp) {
    const auto other = store_.search();
    put_three();
    EXPECT_EQ(found(*other, query_of("retry")).front(), 1U);
    const std::uint64_t rebuilds = store_.rebuilds();
    put(pattern_of(4, "Saga", "Undo the steps of a long transaction."));
    remove(1);
    EXPECT_EQ(found(*other, query_of("saga")).front(), 4U);
    for (const std::uint64_t number : found(*other, query_of("retry with backoff"))) {
        EXPECT_NE(number, 1U);
    }
    EXPECT_EQ(store_.rebuilds(), rebuilds) << "caught up, not rebuilt";
}

TEST_F(SearchTest, SurvivesARestart) {
    put_three();
    const auto before = find(store_.database(), *search_, query_of("reuse connections"));
    search_.reset();
    store_.open();
    search_ = store_.search();
    const auto after = find(store_.database(), *search_, query_of("reuse connections"));
    ASSERT_TRUE(before && after);
    ASSERT_EQ(before->size(), after->size());
    for (std::size_t i = 0; i < before->size(); ++i) {
        EXPECT_EQ((*before)[i].id, (*after)[i].id);
        EXPECT_DOUBLE_EQ((*before)[i].relevance, (*after)[i].relevance);
    }
}

TEST_F(SearchTest, WhatATransactionGaveUpIsForgotten) {
    put_three();
    EXPECT_EQ(found("retry").front(), 1U);
    const auto given_up = store_.database().write([&](store::Tx& tx) -> Result<void> {
        TRY(search_->put(tx, pattern_of(4, "Quorum reads", "Ask a majority.")));
        TRY(search_->remove(tx, "t", pattern_id(1)));
        const auto hits = TRY(search_->search(tx, query_of("quorum reads")));
        EXPECT_EQ(numbers(hits).front(), 4U) << "a transaction sees its own changes";
        return fail(Code::conflict, "no");
    });
    EXPECT_FALSE(given_up);
    EXPECT_EQ(found("retry with backoff").front(), 1U);
    for (const std::uint64_t number : found("quorum reads")) {
        EXPECT_NE(number, 4U);
    }
    // Other changes under the numbers that were given up.
    put(pattern_of(5, "Bulkhead", "Give each caller a pool of its own."));
    put(pattern_of(6, "Sidecar", "A helper beside the main container."));
    EXPECT_EQ(found("bulkhead").front(), 5U);
    EXPECT_EQ(found("sidecar").front(), 6U);
    EXPECT_EQ(store_.rebuilds(), 1U) << "mended, not rebuilt";
}

}  // namespace
}  // namespace credence::patterns
