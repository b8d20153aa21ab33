// What the tests of pattern search share: one store with one search over it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "capabilities/patterns/search/search_fixture.h"

namespace credence::patterns {

inline std::vector<std::uint64_t> numbers(const std::vector<Hit>& hits) {
    std::vector<std::uint64_t> out;
    for (const Hit& hit : hits) {
        std::uint64_t number = 0;
        for (std::size_t i = 8; i < 16; ++i) {
            number = (number << 8U) | hit.id.bytes()[i];
        }
        out.push_back(number);
    }
    return out;
}

class SearchTest : public testing::Test {
protected:
    void SetUp() override { search_ = store_.search(); }

    void put(const IndexedPattern& pattern) {
        const auto done = patterns::put(store_.database(), *search_, pattern);
        ASSERT_TRUE(done) << done.error().message;
    }
    void remove(std::uint64_t number) {
        ASSERT_TRUE(patterns::remove(store_.database(), *search_, number));
    }
    std::vector<std::uint64_t> found(PatternSearch& search, const SearchQuery& query) {
        const auto hits = find(store_.database(), search, query);
        EXPECT_TRUE(hits) << (hits ? "" : hits.error().message);
        return hits ? numbers(*hits) : std::vector<std::uint64_t>();
    }
    std::vector<std::uint64_t> found(const std::string& text) {
        return found(*search_, query_of(text));
    }
    void put_three() {
        put(pattern_of(1, "Retry with backoff",
                       "Repeat a failed call after a growing, jittered delay."));
        put(pattern_of(2, "Connection pooling", "Reuse open database connections."));
        put(pattern_of(3, "Feature flags", "Switch behaviour on without a deployment."));
    }

    SearchStore store_;
    std::unique_ptr<PatternSearch> search_;
};

}  // namespace credence::patterns
