// The SQL of pattern search: migrations/0002_pattern_search.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "capabilities/patterns/search/search.h"

namespace credence::patterns::rows {

// A row of pattern_search_head.
struct Head {
    std::int64_t tenant_number = 0;
    std::int64_t change_seq = 0;
    std::int64_t stamp = 0;
    std::int64_t live = 0;         // patterns that are not removed
    std::int64_t next_number = 0;  // of a new pattern
    std::int64_t cleaned_seq = 0;  // tombstones up to here may be gone
};

// A row of pattern_vector.
struct StoredPattern {
    std::string pattern_id;
    std::int64_t number = 0;
    std::int64_t change_seq = 0;
    std::int64_t stamp = 0;
    bool removed = false;
    std::string embedder;  // empty: no vector yet
    std::string vector;    // encode_vector
    std::string name_space;
    std::string owner;
    std::int64_t access = 0;
    std::string shared_with;  // JSON list
    std::string category;
    std::string source;  // what to embed; only filled by find() and pending()
};

// The stamp of a change and whose it was.
struct ChangeMark {
    std::int64_t stamp = 0;
    std::string pattern_id;
};

struct TextMatch {
    std::int64_t rowid = 0;
    double bm25 = 0;  // larger is better
};

// What a tenant's patterns are called in the word index.
struct TextRow {
    std::int64_t rowid = 0;
    std::string name;
    std::string category;
    std::string text;
};

Result<std::optional<Head>> read_head(store::Tx& tx, std::string_view tenant);
// Counts one change, with a new stamp; makes the head of a new tenant. The head after it.
Result<Head> advance_head(store::Tx& tx, std::string_view tenant, std::int64_t stamp);
// Stores live and next_number.
Result<void> save_counts(store::Tx& tx, std::string_view tenant, const Head& head);
Result<std::vector<std::string>> tenants(store::Tx& tx);

Result<std::optional<StoredPattern>> find(store::Tx& tx, std::string_view tenant,
                                          std::string_view pattern_id);
Result<void> save(store::Tx& tx, std::string_view tenant, const StoredPattern& row);
// Changes after `after_seq`, in order, at most `limit`; without the source.
Result<std::vector<StoredPattern>> changes(store::Tx& tx, std::string_view tenant,
                                           std::int64_t after_seq, std::int64_t limit);
Result<std::optional<ChangeMark>> change_at(store::Tx& tx, std::string_view tenant,
                                            std::int64_t seq);
// Live patterns whose vector another embedder made, or none; oldest first.
Result<std::vector<StoredPattern>> pending(store::Tx& tx, std::string_view tenant,
                                           std::string_view embedder, std::int64_t limit);
// Forgets at most `limit` tombstones up to `seq`.
Result<void> clean(store::Tx& tx, std::string_view tenant, std::int64_t seq, std::int64_t limit);

Result<void> insert_text(store::Tx& tx, const TextRow& row);
Result<void> delete_text(store::Tx& tx, std::int64_t rowid);
// How many patterns match, counting no further than `limit`, and the last one counted.
struct MatchCount {
    std::int64_t count = 0;
    std::int64_t last_rowid = 0;
};
Result<MatchCount> count_matches(store::Tx& tx, std::string_view match, std::int64_t limit);
// The `limit` best by BM25 of the first `scored` that match.
Result<std::vector<TextMatch>> best_matches(store::Tx& tx, std::string_view match,
                                            std::int64_t scored, std::int64_t limit);
// The first `limit` from `rowid` on that match, without scores.
Result<std::vector<TextMatch>> matches_from(store::Tx& tx, std::string_view match,
                                            std::int64_t rowid, std::int64_t limit);

}  // namespace credence::patterns::rows
