// Search by words: bounded BM25 over the tenant's part of the word index.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "capabilities/patterns/search/search_rows.h"
#include "capabilities/patterns/search/words.h"

namespace credence::patterns {

// Thread-safe.
class TextSearch {
public:
    static constexpr std::size_t kMaxQueryWords = 16;
    // What BM25 may cost: postings of the chosen words, which are all scored.
    static constexpr std::int64_t kMaxPostings = 800;
    static constexpr std::int64_t kMaxScored = 800;
    // Two words that are both more common than the budget are joined by AND up to here.
    static constexpr std::int64_t kMaxJoined = 6'000;
    // Further than this a word is not counted but extrapolated.
    static constexpr std::int64_t kMaxCounted = 2'000;
    static constexpr std::size_t kMaxKnownCounts = 65'536;

    explicit TextSearch(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

    // What a pattern is stored as.
    rows::TextRow row_of(const rows::Head& head, std::int64_t number,
                         const IndexedPattern& pattern) const;
    static std::int64_t rowid_of(std::int64_t tenant_number, std::int64_t number);
    static std::int64_t number_of(std::int64_t rowid);

    // At most `limit` patterns of the tenant with some of the words, best first.
    Result<std::vector<rows::TextMatch>> matches(store::Tx& tx, const rows::Head& head,
                                                 std::string_view text, std::int64_t limit);

private:
    struct Known {
        std::int64_t count = 0;
        std::int64_t at_seq = 0;
    };
    struct QueryWord {
        std::string token;
        int weight = 0;
        std::int64_t count = 0;
    };

    std::vector<QueryWord> words_for(const rows::Head& head, std::string_view text) const;
    Result<std::int64_t> count_of(store::Tx& tx, const rows::Head& head, const std::string& token);
    static Result<std::vector<rows::TextMatch>> common_matches(store::Tx& tx,
                                                               const rows::Head& head,
                                                               const std::vector<QueryWord>& words,
                                                               std::int64_t limit);

    const Vocabulary& vocabulary_;
    std::mutex mutex_;
    std::unordered_map<std::string, Known> known_;
};

}  // namespace credence::patterns
